using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>
/// Metadata of a file of weights that this library writes: all that is needed, beside the names of the classes, to score with
/// the file alone.
/// </summary>
internal sealed record WeightsMetadata
{
    /// <summary>Key of the metadata in the header.</summary>
    public const string Model = ModelConfigConverter.MetadataKey;

    /// <summary>Key of the names of the classes in the header.</summary>
    public const string Classes = "classes";

    /// <summary>Configuration of the network.</summary>
    [JsonConverter(typeof(ModelConfigConverter))]
    [JsonPropertyName(ModelConfigConverter.MetadataProperty)]
    public required AudioModelConfig Architecture { get; init; }

    /// <summary>Shape of the features of a clip.</summary>
    public required FeatureShape Shape { get; init; }

    /// <summary>Front end; null where the model takes features.</summary>
    public required LogMelOptions? FrontEnd { get; init; }

    /// <summary>Whether a clip has one class only.</summary>
    public required bool IsSingleLabel { get; init; }

    /// <summary>Treatment of clips longer than the front end's target length; cut in files that do not have it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public LongClips LongClips { get; init; }

    /// <summary>Windows of long clips; null for the defaults, and in files that do not have it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WindowOptions? Windows { get; init; }

    /// <summary>
    /// Number of times that a clip is scored, each time rolled further over time, 2 or more; null for once, and in files that do
    /// not have it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? TimeShifts { get; init; }

    /// <summary>Metadata of a model as JSON; null for a task whose classes are in more heads than one.</summary>
    public static string? Of(ModelDescription description, ScoredTask task) => task.IsSingleLabel is not { } isSingleLabel
        ? null
        : SavedModel.ToJson(new WeightsMetadata
        {
            Architecture = description.Architecture,
            Shape = description.Shape,
            FrontEnd = description.FrontEnd,
            IsSingleLabel = isSingleLabel,
            LongClips = description.LongClips,
            Windows = description.Windows,
            TimeShifts = description.TimeShifts == 1 ? null : description.TimeShifts,
        });

    /// <summary>Metadata of a file of weights; null where it has none of this library.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static WeightsMetadata? Read(Checkpoint checkpoint)
    {
        if (!checkpoint.Metadata.TryGetValue(Model, out string? json))
        {
            return null;
        }

        try
        {
            return FromJson(json);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            throw Damaged(checkpoint, exception);
        }
    }

    /// <summary>Exception about metadata that cannot be read.</summary>
    public static InvalidDataException Damaged(Checkpoint checkpoint, Exception exception) => new(
        $"'{checkpoint.Path}': the metadata that describes its model is damaged: {exception.Message}", exception);

    /// <summary>Reads what <see cref="Of"/> wrote.</summary>
    /// <exception cref="JsonException">It is damaged.</exception>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    public static WeightsMetadata FromJson(string json)
    {
        JsonObject saved = JsonNode.Parse(json) as JsonObject ?? throw new JsonException("it is not a JSON object");
        var metadata = SavedModel.FromJson<WeightsMetadata>(saved);
        metadata.Shape.Check();
        metadata.FrontEnd?.Check();
        metadata.CheckScoring();
        return metadata;
    }

    /// <summary>A description that scores long clips and time shifts as this one does.</summary>
    /// <param name="description">Description.</param>
    /// <param name="timeShifts">Number of time shifts; null for this one's.</param>
    public ModelDescription ScoreAs(ModelDescription description, int? timeShifts) => description with
    {
        LongClips = LongClips,
        Windows = Windows,
        TimeShifts = timeShifts ?? TimeShifts ?? 1,
    };

    /// <summary>Checks how long clips and shifts are scored.</summary>
    private void CheckScoring()
    {
        OptionCheck.AtLeast(1, TimeShifts ?? 1, nameof(TimeShifts));
        OptionCheck.That(
            Enum.IsDefined(LongClips), LongClips, nameof(LongClips), $"{LongClips.Cut} or {LongClips.Windows}");
        WindowOptions windows = Windows ?? new WindowOptions();
        OptionCheck.All(windows, $"{nameof(Windows)}.");
        if (LongClips == LongClips.Windows)
        {
            OptionCheck.That(
                FrontEnd?.TargetLength is > 0 and <= int.MaxValue, LongClips, nameof(LongClips),
                $"{LongClips.Cut} without a {nameof(FrontEnd)} that has a target length");
            WindowGrid.For(FrontEnd!, windows, $"{nameof(Windows)}.");
        }
    }
}
