using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>A few clips that are scored in one pass, when the first of their scores is asked for.</summary>
internal sealed class BatchScores
{
    private readonly AudioModelParameters _model;
    private readonly FeatureReader _reader;
    private readonly float[] _features;
    private readonly float[] _probabilities;
    private readonly int _classCount;
    private float[] _values = [];
    private bool _scored;

    public BatchScores(AudioModelParameters model, FeatureReader reader, int capacity)
    {
        _model = model;
        _reader = reader;
        _classCount = model.ClassNames.Count;
        _features = new float[checked(capacity * reader.Shape.Length)];
        _probabilities = new float[capacity * _classCount];
    }

    public int Count { get; private set; }

    public void Clear()
    {
        Count = 0;
        _scored = false;
    }

    /// <summary>Adds the clip of a row.</summary>
    /// <exception cref="InvalidDataException">The values are not those of a clip that the model takes.</exception>
    public void Add(in VBuffer<float> values, string column, long row)
    {
        ReadOnlySpan<float> dense = values.IsDense ? values.GetValues() : ToDense(values);
        _reader.CheckValues(dense, column, row);
        _reader.ToFeatures(dense, _features.AsSpan(Count * _reader.Shape.Length, _reader.Shape.Length));
        Count++;
    }

    /// <summary>The classes' probabilities for one of the clips.</summary>
    public ReadOnlySpan<float> Probabilities(int clip)
    {
        if (!_scored)
        {
            _model.Score(_features.AsSpan(0, Count * _reader.Shape.Length), Count, _probabilities.AsSpan(0, Count * _classCount));
            _scored = true;
        }

        return _probabilities.AsSpan(clip * _classCount, _classCount);
    }

    /// <summary>The key of the best class, counted from 1.</summary>
    public uint PredictedKey(int clip) => BestKey(Probabilities(clip));

    /// <summary>The keys, counted from 1, of the classes that a clip has rather than not.</summary>
    public uint[] PredictedKeys(int clip) => TagKeys(Probabilities(clip));

    /// <summary>The key, counted from 1, of the first class with the highest probability.</summary>
    public static uint BestKey(ReadOnlySpan<float> probabilities)
    {
        int best = 0;
        for (int i = 1; i < probabilities.Length; i++)
        {
            if (probabilities[i] > probabilities[best])
            {
                best = i;
            }
        }

        return (uint)best + 1;
    }

    /// <summary>The keys, counted from 1, of the classes with a probability of a half or more.</summary>
    public static uint[] TagKeys(ReadOnlySpan<float> probabilities)
    {
        List<uint> keys = [];
        for (int i = 0; i < probabilities.Length; i++)
        {
            if (probabilities[i] >= 0.5f)
            {
                keys.Add((uint)i + 1);
            }
        }

        return [.. keys];
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
