namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Which of a model's classes make up each class of the events. A class of events is as present as the most present of
/// the classes it is made of.
/// </summary>
public sealed class ClassMapping
{
    private readonly int[][] _sources;

    /// <summary>Creates a mapping.</summary>
    /// <param name="classNames">The classes of the events.</param>
    /// <param name="sources">For each of them, the indices of one or more of the model's classes.</param>
    /// <exception cref="ArgumentException">There are not as many lists as classes, a list is empty, an index is
    /// negative or stands twice.</exception>
    public ClassMapping(IReadOnlyList<string> classNames, IReadOnlyList<IReadOnlyList<int>> sources)
    {
        if (classNames.Count != sources.Count)
        {
            throw new ArgumentException(
                $"There are {classNames.Count} classes and {sources.Count} lists of sources; expected as many of both.");
        }

        ClassNames = [.. classNames];
        _sources = [.. sources.Select(list => list.ToArray())];
        var used = new HashSet<int>();
        for (int label = 0; label < _sources.Length; label++)
        {
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

    /// <summary>DESED's ten classes out of AudioSet's 527, as HTS-AT's official code maps them.</summary>
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

    /// <summary>The classes of the events.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>For each class of the events, the indices of the model's classes.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Sources => _sources;

    /// <summary>The model has to have so many classes at least.</summary>
    internal int MinimumSourceCount { get; }

    /// <summary>Maps one frame.</summary>
    /// <param name="presence">The presence of each of the model's classes.</param>
    /// <param name="mapped">Receives the presence of each class of the events.</param>
    internal void Map(ReadOnlySpan<float> presence, Span<float> mapped)
    {
        for (int label = 0; label < _sources.Length; label++)
        {
            float most = float.NegativeInfinity;
            foreach (int source in _sources[label])
            {
                // Max keeps NaN, for the decoder to find.
                most = MathF.Max(most, presence[source]);
            }

            mapped[label] = most;
        }
    }
}
