namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Mapping of a model's classes to the classes of events. The presence of a class of events is the highest presence of the
/// model's classes that it is mapped from, its sources.
/// </summary>
public sealed class ClassMapping
{
    private readonly int[][] _sources;

    /// <summary>Creates a mapping.</summary>
    /// <param name="classNames">Names of the classes of the events, all different.</param>
    /// <param name="sources">Sources of each of them: indices of one or more of the model's classes, counted from 0.</param>
    /// <exception cref="ArgumentException">
    /// The numbers of lists and of classes differ, a list is empty, an index is negative or occurs twice, or a name occurs twice.
    /// </exception>
    public ClassMapping(IReadOnlyList<string> classNames, IReadOnlyList<IReadOnlyList<int>> sources)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        ArgumentNullException.ThrowIfNull(sources);
        if (classNames.Count != sources.Count)
        {
            throw new ArgumentException(
                $"There are {classNames.Count} classes and {sources.Count} lists of sources; expected as many of both.");
        }

        ClassNames = [.. classNames];
        _sources = [.. sources.Select(list => list?.ToArray() ?? [])];
        var used = new HashSet<int>();
        var names = new HashSet<string>();
        for (int label = 0; label < _sources.Length; label++)
        {
            if (classNames[label] is not { } name || !names.Add(name))
            {
                throw new ArgumentException(
                    $"The class {label} has the name '{classNames[label]}'; expected one that no other class has.");
            }

            if (_sources[label].Length == 0)
            {
                throw new ArgumentException($"The class '{classNames[label]}' has no source; expected at least one.");
            }

            foreach (int source in _sources[label])
            {
                if (source < 0 || !used.Add(source))
                {
                    throw new ArgumentException(
                        $"The class '{classNames[label]}' has the source {source}; expected 0 or more, each only once.");
                }
            }
        }

        MinimumSourceCount = used.Count == 0 ? 0 : used.Max() + 1;
    }

    /// <summary>Mapping of AudioSet's 527 classes to DESED's ten, as in HTS-AT's official code.</summary>
    public static ClassMapping AudioSetToDesed { get; } = new(
        [
            "Speech", "Frying", "Dishes", "Running_water", "Blender", "Electric_shaver_toothbrush",
            "Alarm_bell_ringing", "Cat", "Dog", "Vacuum_cleaner",
        ],
        [
            [.. Enumerable.Range(0, 8)],
            [366, 367, 368],
            [364],
            [.. Enumerable.Range(288, 10)],
            [369],
            [382],
            [310, .. Enumerable.Range(388, 15)],
            [.. Enumerable.Range(81, 5)],
            [.. Enumerable.Range(74, 6)],
            [377],
        ]);

    /// <summary>Names of the classes of the events.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Sources of each class of the events: indices of the model's classes, counted from 0.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Sources => _sources;

    /// <summary>Fewest classes that a model can have for the sources to exist.</summary>
    internal int MinimumSourceCount { get; }

    /// <summary>Maps one frame.</summary>
    /// <param name="presence">Presence of each of the model's classes.</param>
    /// <param name="mapped">Presence of each class of the events; filled.</param>
    internal void Map(ReadOnlySpan<float> presence, Span<float> mapped)
    {
        for (int label = 0; label < _sources.Length; label++)
        {
            float most = float.NegativeInfinity;
            foreach (int source in _sources[label])
            {
                // Max returns NaN where a value is NaN, which the decoder refuses.
                most = MathF.Max(most, presence[source]);
            }

            mapped[label] = most;
        }
    }
}
