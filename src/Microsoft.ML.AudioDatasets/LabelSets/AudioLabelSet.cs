using System.Collections.Frozen;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets;

/// <summary>
/// Label set: the classes of a data set, or of a model, in their official order, so that a class's index is the one that the
/// data set's and the models' authors use.
/// </summary>
public sealed class AudioLabelSet
{
    private readonly FrozenDictionary<string, int> _indices;

    internal AudioLabelSet(string name, AudioLabelSetOrigin origin, IReadOnlyList<string> labels, IReadOnlyList<string>? ids)
    {
        ArgumentOutOfRangeException.ThrowIfZero(labels.Count, nameof(labels));
        Name = name;
        Origin = origin;
        Labels = labels;
        Ids = ids;
        _indices = IndicesOf(name, labels);
    }

    /// <summary>Makes a label set.</summary>
    /// <param name="name">Its name in messages.</param>
    /// <param name="labels">The names of its classes in order: at least one, none twice.</param>
    /// <exception cref="ArgumentException">A class is there twice, or blank.</exception>
    public AudioLabelSet(string name, IEnumerable<string> labels)
        : this(name, AudioLabelSetOrigin.Custom, [.. labels ?? throw new ArgumentNullException(nameof(labels))], ids: null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
    }

    /// <summary>The name, such as "AudioSet".</summary>
    public string Name { get; }

    /// <summary>Where the list is from, in which order, and under which licence.</summary>
    public AudioLabelSetOrigin Origin { get; }

    /// <summary>The names of the classes in order.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>The identifiers of the classes in order, where they have any: AudioSet's MIDs, such as "/m/09x0r".</summary>
    public IReadOnlyList<string>? Ids { get; }

    /// <summary>The number of classes, at least 1.</summary>
    public int Count => Labels.Count;

    /// <summary>
    /// The index of a class, counted from 0, or -1 if there is none of that name. Upper and lower case differ.
    /// </summary>
    /// <param name="label">The name of the class.</param>
    public int IndexOf(string label) => _indices.GetValueOrDefault(label, -1);

    /// <summary>Whether a class is in the set.</summary>
    /// <param name="label">The name of the class.</param>
    public bool Contains(string label) => _indices.ContainsKey(label);

    /// <summary>
    /// The index in this set of each class of another list: how the scores of a model with permuted or fewer classes are put
    /// into this set's order. Nothing but equal names fit each other.
    /// </summary>
    /// <param name="labels">The names of the other list, in its order.</param>
    /// <exception cref="ArgumentException">A name is not in this set, or twice in the list; the message has the first
    /// ten.</exception>
    public IReadOnlyList<int> IndicesOf(IEnumerable<string> labels)
    {
        string[] names = [.. labels ?? throw new ArgumentNullException(nameof(labels))];
        string[] unknown = [.. names.Where(label => !Contains(label))];
        string[] repeated = [.. names.GroupBy(label => label).Where(group => group.Count() > 1).Select(group => group.Key)];
        if (unknown.Length > 0 || repeated.Length > 0)
        {
            string what = unknown.Length > 0 ? $"not in label set {Name}" : "there twice";
            throw new ArgumentException(
                $"Of {names.Length} labels, {NameList.Of(unknown.Length > 0 ? unknown : repeated)} {what}.", nameof(labels));
        }

        return [.. names.Select(IndexOf)];
    }

    /// <summary>Name and number of classes.</summary>
    public override string ToString() => FormattableString.Invariant($"{Name}, {Count} classes");

    private static FrozenDictionary<string, int> IndicesOf(string name, IReadOnlyList<string> labels)
    {
        Dictionary<string, int> indices = new(StringComparer.Ordinal);
        for (int i = 0; i < labels.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(labels[i]))
            {
                throw new ArgumentException($"Class {i} of label set {name} is blank; expected a name.", nameof(labels));
            }

            if (!indices.TryAdd(labels[i], i))
            {
                throw new ArgumentException(
                    $"Label set {name} has '{labels[i]}' twice: as class {indices[labels[i]]} and as class {i}.",
                    nameof(labels));
            }
        }

        return indices.ToFrozenDictionary(StringComparer.Ordinal);
    }
}

/// <summary>Origin of a label set.</summary>
/// <param name="Title">What it has, in a line.</param>
/// <param name="Sources">Where the list is from: repository, file, commit.</param>
/// <param name="Order">What gives the order.</param>
/// <param name="Licence">The licence of the data set or of the annotations that the names are from.</param>
/// <param name="NamesSha256">
/// The SHA-256 of the names as the source has them, in order, in UTF-8, each followed by a line feed; in hexadecimal.
/// </param>
public sealed record AudioLabelSetOrigin(
    string Title, IReadOnlyList<string> Sources, string Order, string Licence, string NamesSha256)
{
    /// <summary>The origin of a set that a user made.</summary>
    internal static AudioLabelSetOrigin Custom { get; } = new("", [], "", "", "");
}
