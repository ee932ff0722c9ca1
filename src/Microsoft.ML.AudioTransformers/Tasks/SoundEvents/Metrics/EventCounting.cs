namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Event-based counts of a clip, as sed_eval has them.</summary>
internal static class EventCounting
{
    /// <summary>Counts over all classes, where an event may be substituted by one of another class, and for each class alone.
    /// </summary>
    public static ClipCounts Count(ClipEvents clip, int classCount, EventBasedMetrics.Options options)
    {
        var classes = new DetectionCounts[classCount];
        for (int label = 0; label < classCount; label++)
        {
            EventSpan[] reference = [.. clip.Reference.Where(span => span.Label == label)];
            EventSpan[] estimated = [.. clip.Estimated.Where(span => span.Label == label)];
            classes[label] = Count(reference, Match(reference, estimated, options), estimated.Length, substitutions: 0);
        }

        int[] estimatedOfReference = Match(clip.Reference, clip.Estimated, options);
        int substitutions = CountSubstitutions(clip, estimatedOfReference, options);
        return new ClipCounts(
            Count(clip.Reference, estimatedOfReference, clip.Estimated.Length, substitutions), classes);
    }

    private static DetectionCounts Count(
        EventSpan[] reference, int[] estimatedOfReference, int estimatedCount, int substitutions)
    {
        int truePositives = estimatedOfReference.Count(estimated => estimated >= 0);
        return new DetectionCounts
        {
            Reference = reference.Length,
            Estimated = estimatedCount,
            TruePositives = truePositives,
            Substitutions = substitutions,
            Deletions = reference.Length - truePositives - substitutions,
            Insertions = estimatedCount - truePositives - substitutions,
        };
    }

    /// <summary>Index of the detected event that is matched with each annotated one of its class, or -1.</summary>
    private static int[] Match(EventSpan[] reference, EventSpan[] estimated, EventBasedMetrics.Options options)
    {
        return options.Matching == EventMatching.Greedy ? Greedily() : Optimally();

        bool Fit(int i, int j) => reference[i].Label == estimated[j].Label && options.Fits(reference[i], estimated[j]);

        int[] Greedily()
        {
            var taken = new bool[estimated.Length];
            var matches = new int[reference.Length];
            for (int i = 0; i < reference.Length; i++)
            {
                matches[i] = Enumerable.Range(0, estimated.Length)
                    .FirstOrDefault(j => !taken[j] && Fit(i, j), defaultValue: -1);
                if (matches[i] >= 0)
                {
                    taken[matches[i]] = true;
                }
            }

            return matches;
        }

        int[] Optimally()
        {
            // A detected event enters the graph with the first annotated event that it fits.
            var graph = new List<(int Left, List<int> Rights)>();
            var neighbours = new List<int>?[estimated.Length];
            for (int i = 0; i < reference.Length; i++)
            {
                for (int j = 0; j < estimated.Length; j++)
                {
                    if (Fit(i, j))
                    {
                        if (neighbours[j] is null)
                        {
                            graph.Add((j, neighbours[j] = []));
                        }

                        neighbours[j]!.Add(i);
                    }
                }
            }

            return BipartiteMatching.Find(graph, estimated.Length, reference.Length);
        }
    }

    /// <summary>Substitutions: events left over on both sides that are at about the same time, whatever their classes.</summary>
    private static int CountSubstitutions(
        ClipEvents clip, int[] estimatedOfReference, EventBasedMetrics.Options options)
    {
        var taken = new bool[clip.Estimated.Length];
        foreach (int estimated in estimatedOfReference)
        {
            if (estimated >= 0)
            {
                taken[estimated] = true;
            }
        }

        int substitutions = 0;
        for (int i = 0; i < clip.Reference.Length; i++)
        {
            if (estimatedOfReference[i] >= 0)
            {
                continue;
            }

            for (int j = 0; j < taken.Length; j++)
            {
                if (!taken[j] && options.Fits(clip.Reference[i], clip.Estimated[j]))
                {
                    taken[j] = true;
                    substitutions++;
                    break;
                }
            }
        }

        return substitutions;
    }
}
