using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.ClipScoring;

/// <summary>Batch of clips, which is scored in one pass when the first probability is read.</summary>
internal sealed class BatchScores
{
    private readonly FeatureReader _reader;
    private readonly ScoringBatch _clips;
    private readonly float[] _probabilities;
    private readonly int _classCount;
    private float[] _values = [];
    private bool _scored;

    public BatchScores(IClipScorer model, FeatureReader reader, int capacity)
    {
        _reader = reader;
        _clips = model.CreateBatch(reader, capacity);
        _classCount = model.Columns.ClassNames.Count;
        _probabilities = new float[capacity * _classCount];
    }

    public int Count => _clips.Count;

    public void Clear()
    {
        _clips.Clear();
        _scored = false;
    }

    /// <summary>Adds the clip of a row.</summary>
    /// <exception cref="InvalidDataException">A value is not finite, or there are too few or too many.</exception>
    public void Add(in VBuffer<float> values, string column, long row) =>
        Add(values.IsDense ? values.GetValues() : ToDense(values), column, row);

    /// <summary>Adds a clip, or a window of the clip of a row.</summary>
    /// <exception cref="InvalidDataException">A value is not finite, or there are too few or too many.</exception>
    public void Add(ReadOnlySpan<float> values, string column, long row)
    {
        _reader.CheckValues(values, column, row);
        _clips.Add(values);
    }

    /// <summary>Probabilities of the classes for one of the clips.</summary>
    public ReadOnlySpan<float> Probabilities(int clip)
    {
        if (!_scored)
        {
            _clips.Score(_probabilities.AsSpan(0, Count * _classCount));
            _scored = true;
        }

        return _probabilities.AsSpan(clip * _classCount, _classCount);
    }

    private ReadOnlySpan<float> ToDense(in VBuffer<float> values)
    {
        if (_values.Length != values.Length)
        {
            _values = new float[values.Length];
        }

        values.CopyTo(_values);
        return _values;
    }
}
