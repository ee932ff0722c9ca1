using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>Description of a trained model: everything but its task and its weights. It is saved with them.</summary>
internal sealed record ModelDescription
{
    /// <summary>Configuration of the network.</summary>
    [JsonConverter(typeof(ModelConfigConverter))]
    public required AudioModelConfig Architecture { get; init; }

    /// <summary>Shape of the features of a clip.</summary>
    public required FeatureShape Shape { get; init; }

    /// <summary>Front end that computes the features of a waveform; null if the column holds features.</summary>
    public required LogMelOptions? FrontEnd { get; init; }

    public required string FeatureColumnName { get; init; }

    /// <summary>Batch size of scoring, 1 or more.</summary>
    public required int ScoringBatchSize { get; init; }

    /// <summary>
    /// Number of times that a clip is scored, each time rolled further over time, 1 or more; 1 in files that do not have it.
    /// </summary>
    public int TimeShifts { get; init; } = 1;

    /// <summary>Precision of scoring; float32 in files that do not have it.</summary>
    public AudioPrecision Precision { get; init; } = AudioPrecision.Float32;

    /// <summary>Treatment of clips longer than the front end's target length; cut in files that do not have it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public LongClips LongClips { get; init; }

    /// <summary>Windows of long clips; null for the defaults, and in files that do not have it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WindowOptions? Windows { get; init; }

    /// <summary>Recipe and options of the training; null in files of versions that did not save it.</summary>
    public AudioTrainingInfo? Training { get; init; }

    /// <summary>Creates a reader of the feature column.</summary>
    public FeatureReader CreateReader() =>
        FrontEnd is null ? new LogMelReader(Shape) : new WaveformReader(FrontEnd);

    /// <summary>Where the windows of a clip lie; null if long clips are cut.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no front end, or an option does not fit it.</exception>
    public WindowGrid? CreateGrid()
    {
        AudioTrainerOptions.CheckLongClips(LongClips, FrontEnd, "");
        return LongClips == LongClips.Cut
            ? null
            : WindowGrid.For(FrontEnd!, Windows ?? new WindowOptions(), $"{nameof(Windows)}.");
    }

    /// <summary>Checks a description that was read from a file.</summary>
    /// <param name="classCount">Number of classes of the task.</param>
    /// <exception cref="ArgumentException">
    /// A value is outside its range, or the front end computes features of another shape.
    /// </exception>
    public void Check(int classCount)
    {
        Shape.Check();
        Shape.CheckBatch(ScoringBatchSize, classCount, nameof(ScoringBatchSize));
        OptionCheck.AtLeast(1, TimeShifts, nameof(TimeShifts));
        OptionCheck.That(Enum.IsDefined(Precision), Precision, nameof(Precision), "one of AudioPrecision");
        FeatureShape made = CreateReader().Shape;
        OptionCheck.All(Windows ?? new WindowOptions(), $"{nameof(Windows)}.");
        CreateGrid();
        OptionCheck.That(made == Shape, Shape, nameof(Shape), $"{made}, which the front end computes");
    }

    /// <summary>
    /// Splits the JSON object of format 0x00010001 into description and task, as later formats save them.
    /// </summary>
    /// <param name="saved">The object; what belongs to the task is removed from it.</param>
    /// <returns>The task; null if the object is of a later format.</returns>
    /// <exception cref="JsonException">The part of action recognition is not an object.</exception>
    public static JsonObject? TakeTask(JsonObject saved)
    {
        const string labels = "Labels";
        const string actions = "Actions";
        if (!saved.ContainsKey(labels))
        {
            return null;
        }

        string[] columns = ["ScoreColumnName", "PredictedLabelColumnName"];
        JsonObject task = saved[actions]?.DeepClone() switch
        {
            null => new JsonObject(
                [.. columns.Append(labels).Select(name => KeyValuePair.Create(name, saved[name]?.DeepClone()))]),
            JsonObject action => action,
            _ => throw new JsonException($"\"{actions}\" is not a JSON object."),
        };
        foreach (string name in (string[])[.. columns, labels, actions, "HasTags"])
        {
            saved.Remove(name);
        }

        return task;
    }
}
