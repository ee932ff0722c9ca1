namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Event of a clip: index of its class, onset and offset in seconds.</summary>
internal readonly record struct EventSpan(int Label, double Onset, double Offset)
{
    public double Duration => Offset - Onset;
}

/// <summary>Annotated and detected events of a clip, both in the order given.</summary>
/// <param name="Clip">Name of the clip.</param>
/// <param name="Duration">Duration in seconds; null if unknown.</param>
/// <param name="Reference">Annotated events.</param>
/// <param name="Estimated">Detected events.</param>
internal sealed record ClipEvents(string Clip, double? Duration, EventSpan[] Reference, EventSpan[] Estimated)
{
    /// <summary>Groups events by clip, and checks them.</summary>
    /// <param name="reference">Annotated events (ground truth).</param>
    /// <param name="estimated">Detected events.</param>
    /// <param name="labels">Names of the classes.</param>
    /// <param name="clipDurations">Duration of each clip in seconds; null for the clips that have events.</param>
    /// <exception cref="ArgumentException">An event has an unknown clip or class, or a time is not finite.
    /// </exception>
    public static ClipEvents[] Group(
        IReadOnlyList<SoundEvent> reference,
        IReadOnlyList<SoundEvent> estimated,
        IReadOnlyList<string> labels,
        IReadOnlyDictionary<string, double>? clipDurations)
    {
        Dictionary<string, int> indices = IndexLabels(labels);
        var clips = new Dictionary<string, (List<EventSpan> Reference, List<EventSpan> Estimated)>(StringComparer.Ordinal);
        foreach ((string clip, double duration) in clipDurations ?? new Dictionary<string, double>())
        {
            if (!(duration >= 0 && double.IsFinite(duration)))
            {
                throw new ArgumentException(
                    $"Clip '{clip}' has the duration {duration}; expected seconds, 0 or more.", nameof(clipDurations));
            }

            clips.Add(clip, ([], []));
        }

        for (int i = 0; i < reference.Count; i++)
        {
            EventsOf(reference[i].Clip, "Reference", i).Reference.Add(Span(reference[i], "Reference", i, indices));
        }

        for (int i = 0; i < estimated.Count; i++)
        {
            EventsOf(estimated[i].Clip, "Estimated", i).Estimated.Add(Span(estimated[i], "Estimated", i, indices));
        }

        return [.. clips.Select(clip => new ClipEvents(
            clip.Key, clipDurations?[clip.Key], [.. clip.Value.Reference], [.. clip.Value.Estimated]))];

        (List<EventSpan> Reference, List<EventSpan> Estimated) EventsOf(string clip, string what, int index)
        {
            if (!clips.TryGetValue(clip, out (List<EventSpan> Reference, List<EventSpan> Estimated) events))
            {
                if (clipDurations is not null)
                {
                    throw new ArgumentException(
                        $"{what} event {index} is in the clip '{clip}', which has no duration; expected one for every clip.");
                }

                clips.Add(clip, events = ([], []));
            }

            return events;
        }
    }

    /// <summary>
    /// The clip with the unions of annotated events of one class that overlap; those that only touch stay two. A criterion
    /// of how much of an event lies within annotated ones would count their common part twice.
    /// </summary>
    public ClipEvents WithUnions()
    {
        List<EventSpan> unions = [];
        foreach (EventSpan span in Reference.OrderBy(span => span.Onset))
        {
            int last = unions.FindLastIndex(union => union.Label == span.Label);
            if (last >= 0 && span.Onset < unions[last].Offset && span.Onset < span.Offset)
            {
                unions[last] = unions[last] with { Offset = Math.Max(unions[last].Offset, span.Offset) };
            }
            else
            {
                unions.Add(span);
            }
        }

        return unions.Count == Reference.Length ? this : this with { Reference = [.. unions] };
    }

    /// <summary>Names of the classes of events, in ordinal order.</summary>
    public static string[] LabelsOf(params IEnumerable<IReadOnlyList<SoundEvent>> tables)
        => [.. tables.SelectMany(table => table).Select(item => item.Label).Distinct().Order(StringComparer.Ordinal)];

    private static Dictionary<string, int> IndexLabels(IReadOnlyList<string> labels)
    {
        var indices = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < labels.Count; i++)
        {
            if (!indices.TryAdd(labels[i], i))
            {
                throw new ArgumentException($"The class '{labels[i]}' is listed twice.", nameof(labels));
            }
        }

        return indices;
    }

    private static EventSpan Span(SoundEvent item, string what, int index, Dictionary<string, int> indices)
    {
        if (!indices.TryGetValue(item.Label, out int label))
        {
            throw new ArgumentException(
                $"{what} event {index} in clip '{item.Clip}' is of the class '{item.Label}'; expected one of " +
                $"{string.Join(", ", indices.Keys)}.");
        }

        // An event that ends before it starts is a wrong event, and counted as the reference implementations count it.
        if (!(double.IsFinite(item.Onset) && double.IsFinite(item.Offset)))
        {
            throw new ArgumentException(
                $"{what} event {index} ('{item.Label}' in clip '{item.Clip}') is from {item.Onset} to {item.Offset} s; " +
                "expected finite times.");
        }

        return new EventSpan(label, item.Onset, item.Offset);
    }
}
