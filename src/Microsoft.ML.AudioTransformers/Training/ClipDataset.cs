using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Training or validation dataset: the values of each clip's feature column, in memory unless the dataset is streamed, and its
/// class. For multi-label clips, and for labels of each time step, targets take the place of the class.
/// </summary>
/// <param name="rows">Rows from which the values of a streamed dataset are read; null for a dataset in memory.</param>
internal sealed class ClipDataset(ClipRows? rows = null)
{
    // Number of clips of a streamed dataset whose values are hashed.
    private const int HashedCount = 16;

    private readonly List<ClipValues> _values = [];
    private readonly List<int> _labels = [];
    private readonly List<float[]> _targets = [];
    private readonly List<long> _rows = [];

    /// <summary>Number of clips.</summary>
    public int Count => _labels.Count;

    /// <summary>Rows from which values are read in each epoch; null for a dataset in memory.</summary>
    public ClipRows? Rows => rows;

    /// <summary>Class index of each clip; 0 if clips have targets.</summary>
    public IReadOnlyList<int> Labels => _labels;

    /// <summary>Whether clips have targets instead of one class each.</summary>
    public bool HasTargets => _targets.Count > 0;

    /// <summary>Number of targets of a clip; null if clips have one class each.</summary>
    public int? TargetCount => HasTargets ? _targets[0].Length : null;

    /// <summary>Class indices of each clip: its class, or those with a target above 0. Computed at each call.</summary>
    public IReadOnlyList<int[]> LabelSets => HasTargets
        ? [.. _targets.Select(targets => Enumerable.Range(0, targets.Length).Where(label => targets[label] > 0).ToArray())]
        : [.. _labels.Select(label => new[] { label })];

    /// <summary>
    /// Adds a clip with one class. A streamed dataset does not keep the values.
    /// </summary>
    /// <param name="values">Values of the feature column.</param>
    /// <param name="label">Class index.</param>
    /// <param name="row">Row of the data view, counted from 0.</param>
    public void Add(ClipValues values, int label, long row)
    {
        if (rows is null)
        {
            _values.Add(values);
        }

        _labels.Add(label);
        _rows.Add(row);
    }

    /// <inheritdoc cref="Add(ClipValues, int, long)"/>
    public void Add(float[] values, int label, long row) => Add((ClipValues)values, label, row);

    /// <inheritdoc cref="Add(ClipValues, float[], long)"/>
    public void Add(float[] values, float[] targets, long row) => Add((ClipValues)values, targets, row);

    /// <summary>Adds a clip with targets. A streamed dataset does not keep the values.</summary>
    /// <param name="values">Values of the feature column.</param>
    /// <param name="targets">(classes): 1 for a class of the clip, 0 for another one, NaN for an unlabelled one.</param>
    /// <param name="row">Row of the data view, counted from 0.</param>
    public void Add(ClipValues values, float[] targets, long row)
    {
        Add(values, label: 0, row);
        _targets.Add(targets);
    }

    /// <summary>Targets of a clip, (classes), if <see cref="HasTargets"/>.</summary>
    public ReadOnlySpan<float> Targets(int clip) => _targets[clip];

    /// <summary>Values of a clip of a dataset in memory: log-mel features or waveform.</summary>
    public ClipValues Values(int clip) => _values[clip];

    /// <summary>Row of a clip in the data view, counted from 0.</summary>
    public long Row(int clip) => _rows[clip];

    /// <summary>
    /// SHA-256 of all values and labels, in hexadecimal; for a streamed dataset, of all labels and the values of 16 clips. Of
    /// long recordings, the lengths of all and the beginnings of 16 stand for the values.
    /// </summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int[] hashed = [.. Enumerable.Range(0, HashedCount).Select(i => (int)((long)i * Count / HashedCount)).Distinct()];
        using ClipRows.Stream? stream = rows?.Open(hashed, 0);
        for (int i = 0; i < Count; i++)
        {
            bool isHashed = hashed.Contains(i) || (stream is null && !_values[i].IsRecording);
            ReadOnlySpan<float> values = !isHashed ? [] : (stream?.Next() ?? _values[i]).Read();
            hash.AppendData(MemoryMarshal.AsBytes<int>([_labels[i], values.Length]));
            hash.AppendData(MemoryMarshal.AsBytes(values));
            if (stream is null && _values[i].IsRecording)
            {
                hash.AppendData(MemoryMarshal.AsBytes<long>([_values[i].ReadLength()]));
            }

            hash.AppendData(MemoryMarshal.AsBytes<float>(HasTargets ? _targets[i] : []));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Number of clips of each class.</summary>
    public int[] CountClasses(int classCount)
    {
        var counts = new int[classCount];
        foreach (int label in LabelSets.SelectMany(labels => labels))
        {
            counts[label]++;
        }

        return counts;
    }
}
