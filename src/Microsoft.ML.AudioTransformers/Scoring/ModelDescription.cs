using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>All that a trained model is beside its task and its weights; kept with them in a saved model.</summary>
internal sealed record ModelDescription
{
    /// <summary>Configuration of the network.</summary>
    [JsonConverter(typeof(ModelConfigConverter))]
    public required AudioModelConfig Architecture { get; init; }

    /// <summary>The features that it takes.</summary>
    public required FeatureShape Shape { get; init; }

    /// <summary>Front end that makes those features of a waveform, or null where the column holds them.</summary>
    public required LogMelOptions? FrontEnd { get; init; }

    public required string FeatureColumnName { get; init; }

    /// <summary>Batch size of scoring.</summary>
    public required int ScoringBatchSize { get; init; }

    /// <summary>How many times a clip is scored, rolled over time each time; models saved without it have 1.</summary>
    public int TimeShifts { get; init; } = 1;

    /// <summary>What shaped the training; null in models of versions that did not save it.</summary>
    public AudioTrainingInfo? Training { get; init; }

    /// <summary>A reader for the column that the model takes.</summary>
    public FeatureReader CreateReader() =>
        FrontEnd is null ? new LogMelReader(Shape) : new WaveformReader(FrontEnd);

    /// <summary>Checks what a file says of a model.</summary>
    /// <param name="classCount">Its classes.</param>
    /// <exception cref="ArgumentException">A number is outside its range, or the front end makes other features.</exception>
    public void Check(int classCount)
    {
        Shape.Check();
        Shape.CheckBatch(ScoringBatchSize, classCount, nameof(ScoringBatchSize));
        OptionCheck.AtLeast(1, TimeShifts, nameof(TimeShifts));
        FeatureShape made = CreateReader().Shape;
        OptionCheck.That(made == Shape, Shape, nameof(Shape), $"{made}, which the front end makes");
    }

    /// <summary>
    /// Splits the one object that version 0x00010001 saved into a description and a task, as they are saved since.
    /// </summary>
    /// <param name="saved">The object, which becomes the description.</param>
    /// <returns>The task; null where the object is of a later version.</returns>
    public static JsonObject? TakeTask(JsonObject saved)
    {
        const string labels = "Labels";
        const string actions = "Actions";
        if (!saved.ContainsKey(labels))
        {
            return null;
        }

        string[] columns = ["ScoreColumnName", "PredictedLabelColumnName"];
        JsonObject task = saved[actions]?.DeepClone().AsObject() ?? new JsonObject(
            [.. columns.Append(labels).Select(name => KeyValuePair.Create(name, saved[name]?.DeepClone()))]);
        foreach (string name in (string[])[.. columns, labels, actions, "HasTags"])
        {
            saved.Remove(name);
        }

        return task;
    }
}
