using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.AudioTransformers.Trainers;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>All that a detector of sound events is beside its weights; kept with them in a saved model.</summary>
internal sealed record EventModelDescription
{
    /// <summary>The model and its sizes.</summary>
    public required HtsAtArchitecture Architecture { get; init; }

    /// <summary>The features that it learned from; others may have more or fewer frames.</summary>
    public required FeatureShape Shape { get; init; }

    /// <summary>What makes those features of a waveform, or null where the column holds them.</summary>
    public required LogMelOptions? FrontEnd { get; init; }

    /// <summary>Seconds from one frame of the features to the next.</summary>
    public required double SecondsPerFrame { get; init; }

    /// <summary>The model's classes.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>How events are read off the presence map, but for the mapping.</summary>
    public required EventDecodingOptions Decoding { get; init; }

    /// <summary>The classes of the events where a mapping makes them, or null.</summary>
    public IReadOnlyList<string>? MappedNames { get; init; }

    /// <summary>The model's classes that each of <see cref="MappedNames"/> is made of.</summary>
    public IReadOnlyList<int[]>? MappedSources { get; init; }

    public required string FeatureColumnName { get; init; }

    public required string ScoreColumnName { get; init; }

    /// <summary>What the names of the columns with events begin with.</summary>
    public required string EventColumnPrefix { get; init; }

    /// <summary>
    /// Seconds from one frame to the next: the front end's, or what a column of features tells, or else what is given.
    /// </summary>
    public static double FrameSeconds(DataViewSchema.Column features, LogMelOptions? frontEnd, double milliseconds)
    {
        int? hop = frontEnd?.HopLength ?? AudioAnnotations.FindInt32(features, AudioAnnotations.HopLength);
        int? rate = frontEnd?.SampleRate ?? AudioAnnotations.FindInt32(features, AudioAnnotations.SampleRate);
        return hop is { } samples && rate is > 0 and { } hertz ? (double)samples / hertz : milliseconds / 1000;
    }

    /// <summary>The classes of the events.</summary>
    public IReadOnlyList<string> EventNames() => MappedNames ?? ClassNames;

    /// <summary>How events are read.</summary>
    public EventDecodingOptions CreateDecoding() => Decoding.With(
        MappedNames is null ? null : new ClassMapping(MappedNames, MappedSources!));

    /// <summary>The same model with another way to read events.</summary>
    /// <exception cref="ArgumentException">The options do not fit the classes.</exception>
    public EventModelDescription With(EventDecodingOptions decoding)
    {
        // What a decoder checks, before there is a recording.
        _ = new EventDecoder("", ClassNames, SecondsPerFrame, decoding);
        return this with
        {
            Decoding = decoding.With(null),
            MappedNames = decoding.Mapping?.ClassNames,
            MappedSources = decoding.Mapping?.Sources.Select(source => source.ToArray()).ToArray(),
        };
    }
}
