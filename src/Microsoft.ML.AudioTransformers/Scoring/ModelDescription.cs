using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>All that a trained classifier is beside its weights; kept with them in a saved model.</summary>
internal sealed record ModelDescription
{
    /// <summary>The model and its sizes.</summary>
    public required ModelArchitecture Architecture { get; init; }

    /// <summary>The features that it takes.</summary>
    public required FeatureShape Shape { get; init; }

    /// <summary>What makes those features of a waveform, or null where the column holds them.</summary>
    public required AudioFeaturization.LogMelOptions? FrontEnd { get; init; }

    /// <summary>The classes.</summary>
    public required LabelKeys Labels { get; init; }

    /// <summary>Whether a clip has any number of classes, each by itself, and not one of them.</summary>
    public bool HasTags { get; init; }

    /// <summary>Where a clip has a verb and a noun: which of the classes are which; null where it has one class.</summary>
    public ActionDescription? Actions { get; init; }

    public required string FeatureColumnName { get; init; }

    public required string ScoreColumnName { get; init; }

    public required string PredictedLabelColumnName { get; init; }

    /// <summary>How many clips are scored in one pass.</summary>
    public required int ScoringBatchSize { get; init; }

    /// <summary>How many times a clip is scored, rolled over time each time; models saved without it have 1.</summary>
    public int TimeShifts { get; init; } = 1;

    /// <summary>A reader for the column that the model takes.</summary>
    public FeatureReader CreateReader() =>
        FrontEnd is null ? new LogMelReader(Shape) : new WaveformReader(FrontEnd);

    /// <summary>Checks what a file says of a model.</summary>
    /// <exception cref="ArgumentException">A number is outside its range, or the front end makes other features.</exception>
    public void Check()
    {
        Shape.Check();
        Shape.CheckBatch(ScoringBatchSize, Labels.Count, nameof(ScoringBatchSize));
        OptionCheck.AtLeast(1, TimeShifts, nameof(TimeShifts));
        FeatureShape made = CreateReader().Shape;
        OptionCheck.That(made == Shape, Shape, nameof(Shape), $"{made}, which the front end makes");
    }
}
