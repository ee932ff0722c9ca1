using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers;

namespace Microsoft.ML.AudioFeaturization.EventDecoding;

/// <summary>
/// Description of a detector of sound events without its networks: features, classes, decoding and columns. It is saved with
/// the model.
/// </summary>
internal record EventDescription
{
    /// <summary>Shape of the features of training clips; clips that are scored may have other numbers of frames.</summary>
    public required FeatureShape Shape { get; init; }

    /// <summary>Front end that computes the features of a waveform; null if the column holds features.</summary>
    public required LogMelOptions? FrontEnd { get; init; }

    /// <summary>Seconds from one frame of the features to the next.</summary>
    public required double SecondsPerFrame { get; init; }

    /// <summary>Names of the model's classes.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>
    /// Decoding options without their mapping, which is saved as <see cref="MappedNames"/> and <see cref="MappedSources"/>.
    /// </summary>
    public required EventDecodingOptions Decoding { get; init; }

    /// <summary>Names of the classes of the events; null without a mapping.</summary>
    public IReadOnlyList<string>? MappedNames { get; init; }

    /// <summary>Sources of each of <see cref="MappedNames"/>: indices of the model's classes; null without a mapping.</summary>
    public IReadOnlyList<int[]>? MappedSources { get; init; }

    public required string FeatureColumnName { get; init; }

    public required string ScoreColumnName { get; init; }

    /// <summary>Prefix of the names of the event columns.</summary>
    public required string EventColumnPrefix { get; init; }

    /// <summary>Creates a reader of the feature column.</summary>
    public FeatureReader CreateReader() =>
        FrontEnd is null ? new LogMelReader(Shape) : new WaveformReader(FrontEnd);

    /// <summary>Checks a description that was read from a file.</summary>
    /// <exception cref="ArgumentException">
    /// A value is outside its range, the front end does not fit the features, or the decoding options do not fit the classes.
    /// </exception>
    public virtual void Check()
    {
        Shape.Check();
        FeatureShape made = CreateReader().Shape;
        OptionCheck.That(made == Shape, Shape, nameof(Shape), $"{made}, which the front end computes");
        OptionCheck.Positive(SecondsPerFrame, nameof(SecondsPerFrame));
        OptionCheck.That(
            ClassNames.Count > 0 && ClassNames.All(name => name is not null) && ClassNames.Distinct().Count() == ClassNames.Count,
            $"'{string.Join("', '", ClassNames)}'", nameof(ClassNames), "one name or more, all different");
        With(CreateDecoding());
    }

    /// <summary>Names of the classes of the events.</summary>
    public IReadOnlyList<string> EventNames() => MappedNames ?? ClassNames;

    /// <summary>Creates the decoding options, with their mapping.</summary>
    public EventDecodingOptions CreateDecoding() => Decoding.With(
        MappedNames is null ? null : new ClassMapping(MappedNames, MappedSources ?? []));

    /// <summary>A copy, of the same type, with other decoding options.</summary>
    /// <exception cref="ArgumentException">The options do not fit the classes.</exception>
    public EventDescription With(EventDecodingOptions decoding)
    {
        // Its constructor checks the options against the classes.
        _ = new EventDecoder("", ClassNames, SecondsPerFrame, decoding);
        return this with
        {
            Decoding = decoding.With(null),
            MappedNames = decoding.Mapping?.ClassNames,
            MappedSources = decoding.Mapping?.Sources.Select(source => source.ToArray()).ToArray(),
        };
    }
}
