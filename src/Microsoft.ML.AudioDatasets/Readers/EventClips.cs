using Microsoft.ML.AudioDatasets.Datasets;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Readers;

/// <summary>Gathers the events of a list, one a row, by clip.</summary>
internal sealed class EventClips
{
    private readonly Dictionary<string, List<(string Label, float Onset, float Offset)>> _events = new(
        StringComparer.Ordinal);

    /// <summary>Adds a clip without events so far.</summary>
    public void Add(string clip) => EventsOf(clip);

    /// <summary>Adds an event.</summary>
    /// <exception cref="InvalidDataException">It ends before it begins, or a time is none.</exception>
    public void Add(TableRow row, string clip, string label, string onsetColumn, string offsetColumn)
    {
        float onset = row.Seconds(onsetColumn);
        float offset = row.Seconds(offsetColumn);
        if (offset < onset)
        {
            throw row.Wrong(offsetColumn, FormattableString.Invariant($"seconds, not before the onset at {onset}"));
        }

        EventsOf(clip).Add((label, onset, offset));
    }

    /// <summary>The clips, in the order in which they were named first.</summary>
    public IEnumerable<Clip> ToClips(string split) => _events.Select(clip => new Clip
    {
        Name = clip.Key,
        Split = split,
        Labels = [.. clip.Value.Select(item => item.Label)],
        Onset = [.. clip.Value.Select(item => item.Onset)],
        Offset = [.. clip.Value.Select(item => item.Offset)],
    });

    private List<(string Label, float Onset, float Offset)> EventsOf(string clip)
    {
        if (!_events.TryGetValue(clip, out List<(string, float, float)>? events))
        {
            _events.Add(clip, events = []);
        }

        return events;
    }
}
