using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>All that a detector of sound events is beside its weights; kept with them in a saved model.</summary>
internal sealed record EventModelDescription
{
    private static readonly JsonSerializerOptions s_json = new() { IncludeFields = true };

    /// <summary>Configuration of the network.</summary>
    [JsonConverter(typeof(DetectorConfigConverter))]
    public required AudioModelConfig Architecture { get; init; }

    /// <summary>The other models of an ensemble.</summary>
    public IReadOnlyList<EventEnsembleMember> Others { get; init; } = [];

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

    /// <summary>What shaped the training; null of pretrained weights, and in models of versions that did not save it.</summary>
    public AudioTrainingInfo? Training { get; init; }

    /// <summary>A reader for the column that the model takes.</summary>
    public FeatureReader CreateReader() =>
        FrontEnd is null ? new LogMelReader(Shape) : new WaveformReader(FrontEnd);

    /// <summary>Checks what a file says of a detector.</summary>
    /// <exception cref="ArgumentException">A number is outside its range, or what reads events does not fit the classes.
    /// </exception>
    public void Check()
    {
        Shape.Check();
        OptionCheck.Positive(SecondsPerFrame, nameof(SecondsPerFrame));
        foreach (EventEnsembleMember member in Others)
        {
            OptionCheck.That(
                member.ClassNames.Order(StringComparer.Ordinal).SequenceEqual(ClassNames.Order(StringComparer.Ordinal)),
                string.Join(", ", member.ClassNames), nameof(ClassNames), string.Join(", ", ClassNames));
        }

        With(CreateDecoding());
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

    /// <summary>The configurations of the models, the first one before the others.</summary>
    public IEnumerable<AudioModelConfig> Architectures() => [Architecture, .. Others.Select(member => member.Architecture)];

    /// <summary>For each model, the place of each of <see cref="ClassNames"/> among its outputs.</summary>
    public IReadOnlyList<int[]> Outputs()
    {
        return [Places(ClassNames), .. Others.Select(member => Places(member.ClassNames))];

        int[] Places(IReadOnlyList<string> outputs) => [.. ClassNames.Select(name => outputs.ToList().IndexOf(name))];
    }

    /// <summary>This model, or ensemble, with the models of another.</summary>
    /// <param name="other">The other.</param>
    /// <param name="name">Name of the other in error messages.</param>
    /// <exception cref="ArgumentException">They do not fit each other.</exception>
    public EventModelDescription With(EventModelDescription other, string name)
    {
        Require("classes", text => text.ClassNames.Order(StringComparer.Ordinal));
        Require("features", text =>
            [string.Create(CultureInfo.InvariantCulture, $"{text.Shape} of column '{text.FeatureColumnName}', {text.SecondsPerFrame} s a frame")]);
        Require("front end", text => text.FrontEnd is { } frontEnd
            ? JsonSerializer.SerializeToElement(frontEnd, s_json).EnumerateObject().Select(option => $"{option.Name} {option.Value}")
            : ["none"]);
        Require("images", text =>
        {
            PresenceMapGeometry map = ModelFamilies.Of(text.Architecture)
                .PresenceMap(text.Architecture, text.Shape, text.ClassNames.Count);
            return
            [
                $"{map.Frames} frames with a step of {map.FramesPerStep}, short clips "
                + (!map.KnowsPositions ? "in windows" : map.RepeatsShortClips ? "repeated" : "stretched"),
            ];
        });
        return this with
        {
            Others = [.. Others, new EventEnsembleMember(other.Architecture, other.ClassNames), .. other.Others],
        };

        void Require(string what, Func<EventModelDescription, IEnumerable<string>> describe)
        {
            string[] own = [.. describe(this)];
            string[] others = [.. describe(other)];
            if (!own.SequenceEqual(others))
            {
                throw new ArgumentException(
                    $"Detector 1 and {name} differ in their {what}: {string.Join(", ", own.Except(others))}; and "
                    + $"{string.Join(", ", others.Except(own))}.");
            }
        }
    }
}

/// <summary>One of an ensemble's models beside the first, which the rest of the description is of.</summary>
/// <param name="Architecture">Configuration of the network.</param>
/// <param name="ClassNames">The ensemble's classes, in the order of this model's outputs.</param>
internal sealed record EventEnsembleMember(
    [property: JsonConverter(typeof(DetectorConfigConverter))] AudioModelConfig Architecture,
    IReadOnlyList<string> ClassNames);

/// <summary>Configurations of detectors, which earlier versions saved without a name, since all of them were HTS-AT's.</summary>
internal sealed class DetectorConfigConverter : ModelConfigConverter
{
    protected override string UnnamedFamily => "HTS-AT";
}
