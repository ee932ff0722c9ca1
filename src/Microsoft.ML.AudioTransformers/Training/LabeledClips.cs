using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>The clips of a training or validation set, in memory: what the feature column held, and the class.</summary>
internal sealed class LabeledClips
{
    private readonly List<float[]> _values = [];
    private readonly List<int> _labels = [];
    private readonly List<long> _rows = [];

    public int Count => _labels.Count;

    /// <summary>The classes, counted from 0.</summary>
    public IReadOnlyList<int> Labels => _labels;

    /// <summary>Adds a clip that was row <paramref name="row"/> of its data view.</summary>
    public void Add(float[] values, int label, long row)
    {
        _values.Add(values);
        _labels.Add(label);
        _rows.Add(row);
    }

    /// <summary>The feature column's values for a clip: log-mel features, or the waveform.</summary>
    public ReadOnlySpan<float> Values(int clip) => _values[clip];

    /// <summary>The row of the data view that a clip was.</summary>
    public long Row(int clip) => _rows[clip];

    /// <summary>SHA-256 of all values and labels, in hexadecimal.</summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int i = 0; i < Count; i++)
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>([_labels[i], _values[i].Length]));
            hash.AppendData(MemoryMarshal.AsBytes<float>(_values[i]));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>How many clips each class has.</summary>
    public int[] CountClasses(int classCount)
    {
        var counts = new int[classCount];
        foreach (int label in _labels)
        {
            counts[label]++;
        }

        return counts;
    }
}
