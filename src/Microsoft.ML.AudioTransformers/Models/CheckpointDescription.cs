using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Description of a file of weights: what its names, shapes and settings tell of the network, and what they do not.
/// </summary>
internal sealed record CheckpointDescription
{
    /// <summary>Family of the network.</summary>
    public required ModelFamily Family { get; init; }

    /// <summary>Layout of the file, one of <see cref="ModelFamily.Layouts"/>.</summary>
    public required CheckpointLayout Layout { get; init; }

    /// <summary>Configuration; what the file does not tell has its default here, and a line in <see cref="Missing"/>.</summary>
    public required AudioModelConfig Config { get; init; }

    /// <summary>Prefixes of the models in the file, that of the described one first.</summary>
    public IReadOnlyList<string> Prefixes { get; init; } = [];

    /// <summary>Mel bins of the features; null if the file does not tell.</summary>
    public int? Mels { get; init; }

    /// <summary>Frames of the features of a clip; null if the file does not tell.</summary>
    public int? Frames { get; init; }

    /// <summary>Front end; null if the file does not tell.</summary>
    public LogMelOptions? FrontEnd { get; init; }

    /// <summary>Classes of the head; 0 where the file has none for sounds.</summary>
    public int Classes { get; init; }

    /// <summary>Names of the classes; null if the file does not tell.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Whether a clip has one class only; null if the file does not tell.</summary>
    public bool? IsSingleLabel { get; init; }

    /// <summary>What the file does not tell, a sentence each that names the option which decides it.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>What was taken for granted, a sentence each: published settings that no number in the file confirms.</summary>
    public IReadOnlyList<string> Assumed { get; init; } = [];

    /// <summary>Shape of the features of a clip; null if the file does not tell.</summary>
    public FeatureShape? Shape => Frames is { } frames && Mels is { } mels ? new FeatureShape(frames, mels) : null;
}
