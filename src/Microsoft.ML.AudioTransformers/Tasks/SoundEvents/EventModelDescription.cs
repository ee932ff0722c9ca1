using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Description of a detector of sound events: everything but its weights. It is saved with them.</summary>
internal sealed record EventModelDescription : EventDescription
{
    private static readonly JsonSerializerOptions s_json = new() { IncludeFields = true };

    /// <summary>Configuration of the network.</summary>
    [JsonConverter(typeof(DetectorConfigConverter))]
    public required AudioModelConfig Architecture { get; init; }

    /// <summary>Models of an ensemble after the first; empty for one model.</summary>
    public IReadOnlyList<EventEnsembleMember> Others { get; init; } = [];

    /// <summary>Precision of scoring; float32 in files that do not have it.</summary>
    public AudioPrecision Precision { get; init; } = AudioPrecision.Float32;

    /// <summary>
    /// Seconds from one frame of the features to the next: hop length over sample rate, of the front end or of the feature
    /// column's annotations; without either, <paramref name="milliseconds"/>.
    /// </summary>
    public static double FrameSeconds(DataViewSchema.Column features, LogMelOptions? frontEnd, double milliseconds)
    {
        int? hop = frontEnd?.HopLength ?? AudioAnnotations.FindInt32(features, AudioAnnotations.HopLength);
        int? rate = frontEnd?.SampleRate ?? AudioAnnotations.FindInt32(features, AudioAnnotations.SampleRate);
        return hop is { } samples && rate is > 0 and { } hertz ? (double)samples / hertz : milliseconds / 1000;
    }

    /// <summary>
    /// Recipe and options of the training; null for pretrained weights, and in files of versions that did not save it.
    /// </summary>
    public AudioTrainingInfo? Training { get; init; }

    /// <summary>Checks a description that was read from a file.</summary>
    /// <exception cref="ArgumentException">
    /// A value is outside its range, the models or the front end do not fit each other, or the decoding options do not fit the
    /// classes.
    /// </exception>
    /// <exception cref="NotSupportedException">A model has no presence map.</exception>
    public override void Check()
    {
        base.Check();
        OptionCheck.That(Enum.IsDefined(Precision), Precision, nameof(Precision), "one of AudioPrecision");
        PresenceMapGeometry map = PresenceMap(Architecture);
        for (int i = 0; i < Others.Count; i++)
        {
            EventEnsembleMember? member = Others[i];
            string name = $"{nameof(Others)}[{i}]";
            OptionCheck.That(member is not null, "null", name, "a model");
            OptionCheck.That(
                member.ClassNames.Order(StringComparer.Ordinal).SequenceEqual(ClassNames.Order(StringComparer.Ordinal)),
                string.Join(", ", member.ClassNames), $"{name}.{nameof(ClassNames)}", string.Join(", ", ClassNames));
            PresenceMapGeometry other = PresenceMap(member.Architecture);
            OptionCheck.That(other == map, other, $"{name}.{nameof(Architecture)}", $"one whose presence map is {map}");
        }
    }

    /// <inheritdoc cref="EventDescription.With(EventDecodingOptions)"/>
    public new EventModelDescription With(EventDecodingOptions decoding) => (EventModelDescription)base.With(decoding);

    /// <summary>Configurations of the networks of the models, the first model's first.</summary>
    public IEnumerable<AudioModelConfig> Architectures() => [Architecture, .. Others.Select(member => member.Architecture)];

    /// <summary>For each model, the index of each of <see cref="EventDescription.ClassNames"/> among its outputs.</summary>
    public IReadOnlyList<int[]> Outputs()
    {
        return [Indices(ClassNames), .. Others.Select(member => Indices(member.ClassNames))];

        int[] Indices(IReadOnlyList<string> outputs) => [.. ClassNames.Select(name => outputs.ToList().IndexOf(name))];
    }

    /// <summary>A copy with the models of another detector added.</summary>
    /// <param name="other">Description of the other detector.</param>
    /// <param name="name">Name of the other detector in error messages.</param>
    /// <exception cref="ArgumentException">The two differ in classes, features, front end or presence map.</exception>
    public EventModelDescription With(EventModelDescription other, string name)
    {
        Require("classes", text => text.ClassNames.Order(StringComparer.Ordinal));
        Require("features", text =>
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"{text.Shape} of column '{text.FeatureColumnName}', {text.SecondsPerFrame} s a frame"),
        ]);
        Require("front end", text => text.FrontEnd is { } frontEnd
            ? JsonSerializer.SerializeToElement(frontEnd, s_json).EnumerateObject()
                .Select(option => $"{option.Name} {option.Value}")
            : ["none"]);
        Require("images", text =>
        {
            PresenceMapGeometry map = text.PresenceMap(text.Architecture);
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

    private PresenceMapGeometry PresenceMap(AudioModelConfig config) =>
        ModelFamilies.Of(config).PresenceMap(config, Shape, ClassNames.Count);
}

/// <summary>Model of an ensemble after the first.</summary>
/// <param name="Architecture">Configuration of the network.</param>
/// <param name="ClassNames">Names of the ensemble's classes, in the order of this model's outputs.</param>
internal sealed record EventEnsembleMember(
    [property: JsonConverter(typeof(DetectorConfigConverter))] AudioModelConfig Architecture,
    IReadOnlyList<string> ClassNames);

/// <summary>
/// Converter of the configurations of detectors: earlier versions saved them without the model's name, and all were HTS-AT's.
/// </summary>
internal sealed class DetectorConfigConverter : ModelConfigConverter
{
    protected override string UnnamedFamily => "HTS-AT";
}
