using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Dataset of a training or validation set: for each clip what the feature column held, in memory unless it is streamed, and
/// its class; or, where a clip has any number of labels, or labels of each step in time, its targets.
/// </summary>
/// <param name="rows">Where values are read from when they are needed; null holds them in memory.</param>
internal sealed class ClipDataset(ClipRows? rows = null)
{
    // So many of a streamed set's clips stand for all of them.
    private const int HashedCount = 16;

    private readonly List<float[]> _values = [];
    private readonly List<int> _labels = [];
    private readonly List<float[]> _targets = [];
    private readonly List<long> _rows = [];

    public int Count => _labels.Count;

    /// <summary>Where values are read from each epoch; null where memory holds them.</summary>
    public ClipRows? Rows => rows;

    /// <summary>The classes, counted from 0; 0 where clips have targets.</summary>
    public IReadOnlyList<int> Labels => _labels;

    /// <summary>Whether clips have targets, and not a class each.</summary>
    public bool HasTargets => _targets.Count > 0;

    /// <summary>Targets of a clip, null where clips have a class each.</summary>
    public int? TargetCount => HasTargets ? _targets[0].Length : null;

    /// <summary>The classes of each clip: its own one, or those of its targets.</summary>
    public IReadOnlyList<int[]> LabelSets => HasTargets
        ? [.. _targets.Select(targets => Enumerable.Range(0, targets.Length).Where(label => targets[label] > 0).ToArray())]
        : [.. _labels.Select(label => new[] { label })];

    /// <summary>
    /// Adds a clip that was row <paramref name="row"/> of its data view; without values where these are streamed.
    /// </summary>
    public void Add(float[] values, int label, long row)
    {
        if (rows is null)
        {
            _values.Add(values);
        }

        _labels.Add(label);
        _rows.Add(row);
    }

    /// <summary>Adds a clip with targets, that was row <paramref name="row"/> of its data view.</summary>
    /// <param name="values">What the feature column held.</param>
    /// <param name="targets">For each class 1 where the clip has it, 0 where not, NaN where it is unlabelled.</param>
    /// <param name="row">The row.</param>
    public void Add(float[] values, float[] targets, long row)
    {
        Add(values, label: 0, row);
        _targets.Add(targets);
    }

    /// <summary>The targets of a clip that has such, (classes).</summary>
    public ReadOnlySpan<float> Targets(int clip) => _targets[clip];

    /// <summary>The feature column's values for a clip in memory: log-mel features, or the waveform.</summary>
    public ReadOnlySpan<float> Values(int clip) => _values[clip];

    /// <summary>The row of the data view that a clip was.</summary>
    public long Row(int clip) => _rows[clip];

    /// <summary>
    /// SHA-256 of all values and labels, in hexadecimal; of a streamed set, of all labels and of the values of some clips.
    /// </summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int[] hashed = rows is null
            ? []
            : [.. Enumerable.Range(0, HashedCount).Select(i => (int)((long)i * Count / HashedCount)).Distinct()];
        using ClipRows.Stream? stream = rows?.Open(hashed, 0);
        for (int i = 0; i < Count; i++)
        {
            float[] values = stream is null ? _values[i] : hashed.Contains(i) ? stream.Next() : [];
            hash.AppendData(MemoryMarshal.AsBytes<int>([_labels[i], values.Length]));
            hash.AppendData(MemoryMarshal.AsBytes<float>(values));
            hash.AppendData(MemoryMarshal.AsBytes<float>(HasTargets ? _targets[i] : []));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>How many clips each class has.</summary>
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
