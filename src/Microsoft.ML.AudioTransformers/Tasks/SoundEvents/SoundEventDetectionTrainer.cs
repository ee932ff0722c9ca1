using System.Globalization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Trains HTS-AT to say which sounds are heard in recordings, and from when to when: of labels that say only what is heard
/// in a clip, or of labels with times.
/// </summary>
/// <remarks>Source: HTS-AT section 2.2. The loss is a binary cross-entropy for each class.</remarks>
public sealed partial class SoundEventDetectionTrainer : IEstimator<SoundEventDetectionTransformer>
{
    private readonly IHost _host;
    private readonly Options _options;
    private readonly HtsAtOptions _model;

    internal SoundEventDetectionTrainer(IHostEnvironment environment, Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        AudioTransformersLoaders.Register(environment);
        _host = environment.Register("SoundEventDetection");
        _options = options;
        _model = (HtsAtOptions)options.Model.Clone();
        _model.Optimization.Loss = AudioLossFunction.BinaryCrossEntropy;
    }

    /// <summary>Trains a model, and tunes its thresholds if asked.</summary>
    /// <param name="input">Rows with the labels and the features.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">The options for reading events do not fit the classes.</exception>
    /// <exception cref="FileNotFoundException">There are no pretrained weights where the options say.</exception>
    /// <exception cref="InvalidDataException">
    /// There are no rows or no labels, a row holds what is not a number or events that are not valid, the validation set
    /// has other classes than the training set, or nothing of the pretrained weights fits.
    /// </exception>
    public SoundEventDetectionTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _model.CheckFiles();
        using IChannel channel = _host.Start("Training");
        DataViewSchema.Column features = SchemaChecks.GetColumn(input.Schema, _model.FeatureColumnName, "Feature");
        LabelKeys labels =
            LabelKeys.ReadTags(SchemaChecks.GetColumn(input.Schema, _model.LabelColumnName, "Label"));
        FeatureReader reader =
            _model.FrontEnd is { } frontEnd ? new WaveformReader(frontEnd) : LogMelReader.For(features);
        var architecture = (HtsAtArchitecture)_model.CreateArchitecture();
        EventModelDescription description = new EventModelDescription
        {
            Architecture = architecture,
            Shape = reader.Shape,
            FrontEnd = _model.FrontEnd?.Clone(),
            SecondsPerFrame = EventModelDescription.FrameSeconds(features, _model.FrontEnd, _options.FrameMilliseconds),
            ClassNames = labels.Names,
            Decoding = new EventDecodingOptions(),
            FeatureColumnName = _model.FeatureColumnName,
            ScoreColumnName = _model.ScoreColumnName,
            EventColumnPrefix = _options.EventColumnPrefix,
        }.With(_options.Decoding);

        var tags = new TaggingReader(_model.LabelColumnName, _model.FeatureColumnName, reader, labels, channel);
        var events = new EventReader(
            _model.LabelColumnName, _options.OnsetColumnName, _options.OffsetColumnName, _model.FeatureColumnName, reader,
            labels);
        ClipDataset training = _options.Supervision == EventSupervision.Weak
            ? tags.ReadTraining(input)
            : events.Read(input, "training set", StepTagger(description)).Clips;
        (ClipDataset? validation, IReadOnlyList<SoundEvent> reference) = ReadValidation(tags, events, labels);
        var run = new TrainingRun(_host, _model, channel)
        {
            Architecture = architecture with { LearnsSteps = _options.Supervision == EventSupervision.Strong },
        };
        AudioModel network = run.Train(reader, labels.Names, training, validation);
        var detector = new SoundEventDetectionTransformer(_host, description, network);
        if (_options.TuneThresholds)
        {
            Tune(detector, reader, validation!, reference, channel);
        }

        return detector;
    }

    /// <summary>The input's columns with scores and events.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        LabelShapes.CheckTags(inputSchema, _model);

        // A shape knows that there are slot names and key values, not how many.
        IReadOnlyList<string> anyNames = ["", ""];
        return SchemaChecks.With(inputSchema, SchemaChecks.ShapesOf(
            EventColumns.Create(anyNames, anyNames, _model.ScoreColumnName, _options.EventColumnPrefix)));
    }

    private (ClipDataset? Clips, IReadOnlyList<SoundEvent> Reference) ReadValidation(
        TaggingReader tags, EventReader events, LabelKeys labels)
    {
        if (_model.ValidationSet is not { } set)
        {
            return (null, []);
        }

        if (_options is { Supervision: EventSupervision.Weak, TuneThresholds: false })
        {
            return (tags.ReadValidation(set), []);
        }

        Dictionary<string, int> classes = Places(labels.Names);
        EventClips read = events.Read(set, "validation set", heard => EventTargets.OfClip(heard, classes));
        return (read.Clips, [.. read.Events.SelectMany(heard => heard)]);
    }

    /// <summary>Makes a clip's tags of its events, for each step of the map that the model gives of it.</summary>
    private static Func<IReadOnlyList<SoundEvent>, float[]> StepTagger(EventModelDescription description)
    {
        HtsAtConfig sizes = description.Architecture.Sizes with { MelBins = description.Shape.Mels };
        sizes.Validate();
        PresenceMapGeometry map = sizes.PresenceMap;
        int frames = description.Shape.Frames;
        OptionCheck.That(
            frames <= map.Frames, $"one whose image has {map.Frames} frames", nameof(Options.Model),
            $"one whose image holds all {frames} of a clip, for labels with times to fit it");
        int copies = map.Copies(frames);
        double duration = frames * description.SecondsPerFrame;
        Dictionary<string, int> classes = Places(description.ClassNames);
        return heard =>
        {
            IEnumerable<SoundEvent> repeated = Enumerable.Range(0, copies).SelectMany(copy => heard.Select(item => item with
            {
                Onset = item.Onset + (copy * duration),
                Offset = item.Offset + (copy * duration),
            }));
            return EventTargets.OfSteps([.. repeated], classes, map.Steps, copies * duration / map.Steps);
        };
    }

    private void Tune(
        SoundEventDetectionTransformer detector,
        FeatureReader reader,
        ClipDataset validation,
        IReadOnlyList<SoundEvent> reference,
        IChannel channel)
    {
        List<PresenceMap> maps = [];
        double secondsPerStep = 0;
        var features = new float[reader.Shape.Length];
        for (int clip = 0; clip < validation.Count; clip++)
        {
            reader.ToFeatures(validation.Values(clip), features);
            (float[] presence, secondsPerStep) = detector.Presence(features);
            maps.Add(new PresenceMap(clip.ToString(CultureInfo.InvariantCulture), presence));
        }

        EventDecodingOptions decoding = detector.Decoding;
        if (_options.TuneMargins)
        {
            decoding = EventThresholdTuning.TuneWithMargins(
                maps, reference, detector.ClassNames, secondsPerStep, decoding, _options.Matching);
        }
        else
        {
            decoding.Thresholds = EventThresholdTuning.Tune(
                maps, reference, detector.ClassNames, secondsPerStep, decoding, _options.Matching);
        }

        detector.Decoding = decoding;
        channel.Info(MessageSensitivity.None, "Thresholds: " + string.Join(", ", detector.EventClassNames.Select(
            (name, label) => string.Create(CultureInfo.InvariantCulture, $"{name} {decoding.Thresholds[label]}"))) + ".");
    }

    private static Dictionary<string, int> Places(IReadOnlyList<string> names) =>
        names.Select((name, place) => (name, place)).ToDictionary(item => item.name, item => item.place);
}

/// <summary>What the labels of training clips say.</summary>
public enum EventSupervision
{
    /// <summary>Which sounds are heard in a clip; when they are, the model finds out.</summary>
    Weak,

    /// <summary>Which sounds are heard, and from when to when.</summary>
    Strong,
}
