using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring.Ensembles;

/// <summary>Row mapping of an ensemble: adds the mean of its models' scores, and the predicted label.</summary>
internal sealed class EnsembleMapping : RowMapping
{
    private const int Score = 0;
    private const int PredictedLabel = 1;

    private readonly IReadOnlyList<EnsembleMember> _members;

    /// <param name="members">The models over one input schema; the classes are in the order of the first.</param>
    /// <param name="scoreName">Name of the score column.</param>
    /// <param name="predictedLabelName">Name of the predicted label column.</param>
    public EnsembleMapping(IReadOnlyList<EnsembleMember> members, string scoreName, string predictedLabelName)
        : base(
            [.. members.SelectMany(member => member.Sources).DistinctBy(column => column.Index)],
            ScoreColumns.Create(members[0].Labels, scoreName, predictedLabelName, members[0].IsMultiLabel))
    {
        _members = members;
    }

    public override Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> isActive, out IDisposable? state)
    {
        var scores = new EnsembleScores(_members, input);
        state = scores;
        int count = _members[0].Labels.Count;
        return
        [
            isActive(Score) ? ScoreColumns.ScoreGetter(scores.Mean, 0, count) : null,
            !isActive(PredictedLabel) ? null
                : _members[0].IsMultiLabel ? ScoreColumns.KeysGetter(scores.Mean)
                : ScoreColumns.BestKeyGetter(scores.Mean, 0, count),
        ];
    }
}

/// <summary>Mean of the scores of an ensemble's models for the current row, computed once a row.</summary>
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

    /// <summary>Mean score of each class, in the order of the first model's classes.</summary>
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
                _sums[_members[member].Order[slot]] += score;
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
