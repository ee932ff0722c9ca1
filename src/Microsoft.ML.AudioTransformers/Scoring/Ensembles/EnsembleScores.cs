using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring.Ensembles;

/// <summary>The mean of several models' scores of the row that an input is on, computed once a row.</summary>
internal sealed class EnsembleScores : IDisposable
{
    private readonly IReadOnlyList<EnsembleMember> _members;
    private readonly DataViewRow _input;
    private readonly DataViewRow[] _rows;
    private readonly ValueGetter<VBuffer<float>>[] _getters;
    private readonly double[] _sums;
    private readonly float[] _mean;
    private VBuffer<float> _scores;
    private long _position = -1;

    public EnsembleScores(IReadOnlyList<EnsembleMember> members, DataViewRow input)
    {
        _members = members;
        _input = input;
        _rows = [.. members.Select(member => member.GetRow(input))];
        _getters = [.. members.Select((member, i) => _rows[i].GetGetter<VBuffer<float>>(member.Score))];
        _sums = new double[members[0].Labels.Count];
        _mean = new float[members[0].Labels.Count];
    }

    /// <summary>One value a class, in the order of the first model's classes.</summary>
    public ReadOnlySpan<float> Mean()
    {
        if (_position == _input.Position && _position >= 0)
        {
            return _mean;
        }

        Array.Clear(_sums);
        for (int member = 0; member < _members.Count; member++)
        {
            _getters[member](ref _scores);
            foreach ((int slot, float score) in _scores.Items())
            {
                _sums[_members[member].Places[slot]] += score;
            }
        }

        for (int label = 0; label < _mean.Length; label++)
        {
            _mean[label] = (float)(_sums[label] / _members.Count);
        }

        _position = _input.Position;
        return _mean;
    }

    public void Dispose()
    {
        foreach (DataViewRow row in _rows)
        {
            row.Dispose();
        }
    }
}
