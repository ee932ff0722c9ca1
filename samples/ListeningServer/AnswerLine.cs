using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Hosting;

namespace ListeningServer;

/// <summary>Line of an answer. Its type says which of its values it has.</summary>
/// <param name="Type">"window", "event", "end" or "error".</param>
/// <param name="Start">Start of a window, or onset of an event, in seconds.</param>
/// <param name="End">End of a window, or offset of an event, in seconds; of the end, the seconds that were heard.</param>
/// <param name="Label">Label of an event.</param>
/// <param name="Score">Score of an event.</param>
/// <param name="Labels">Labels of a window or of all that was heard.</param>
/// <param name="Scores">Of the end: probability of each class, in the order of the model's classes.</param>
/// <param name="Events">Of the end: number of events.</param>
/// <param name="Windows">Of the end: number of windows.</param>
/// <param name="IsCut">Of the end: whether the beginning alone was heard.</param>
/// <param name="Version">Of the end: version of the model.</param>
/// <param name="Status">Of an error: the status that it would have had before the first line.</param>
/// <param name="Detail">Of an error: what is wrong.</param>
internal sealed record AnswerLine(
    string Type, double? Start = null, double? End = null, string? Label = null, double? Score = null,
    IReadOnlyList<AudioLabel>? Labels = null, IReadOnlyList<float>? Scores = null, int? Events = null, long? Windows = null,
    bool? IsCut = null, string? Version = null, int? Status = null, string? Detail = null)
{
    public static AnswerLine Of(AudioFinding finding) => finding switch
    {
        AudioWindowFinding window => new("window", window.Start, window.End, Labels: window.Labels),
        AudioEventFinding { Event: var item } => new("event", item.Onset, item.Offset, item.Label, item.Score),
        AudioEndFinding { Scores: var all } => new(
            "end", 0, all.HeardSeconds, Labels: all.Labels, Scores: all.Scores, Events: all.Events?.Count,
                Windows: all.Windows,
            IsCut: all.IsCut, Version: all.ModelVersion),
        _ => throw new NotSupportedException($"{finding.GetType().Name} has no line."),
    };
}

/// <summary>Writes answers as JSON, a line each.</summary>
internal static class AnswerWriter
{
    public const string ContentType = "application/x-ndjson";

    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The line, with its end.</summary>
    public static byte[] Write(AnswerLine line) => [.. JsonSerializer.SerializeToUtf8Bytes(line, s_options), (byte)'\n'];
}
