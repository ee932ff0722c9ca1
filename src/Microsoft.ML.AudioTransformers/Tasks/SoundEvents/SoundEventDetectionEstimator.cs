using System.Globalization;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Estimator of a <see cref="SoundEventDetectionTransformer"/> with pretrained weights: it reads them, and no row.
/// </summary>
public sealed class SoundEventDetectionEstimator : IEstimator<SoundEventDetectionTransformer>
{
    private readonly IHost _host;
    private readonly Options _options;

    internal SoundEventDetectionEstimator(IHostEnvironment environment, Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        AudioTransformersLoaders.Register(environment);
        _host = environment.Register("SoundEventDetection");
        _options = OptionCheck.Copy(options);
        OptionCheck.All(_options);
    }

    /// <summary>Reads the weights.</summary>
    /// <param name="input">Data view with the feature column; only its schema is used.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">The decoding options do not fit the classes.</exception>
    /// <exception cref="FileNotFoundException">The file of pretrained weights does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The weights cannot be read, or do not fit the classes and the configuration.
    /// </exception>
    public SoundEventDetectionTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _options.Model.CheckFiles();
        using IChannel channel = _host.Start("Detection");
        DataViewSchema.Column features =
            SchemaChecks.GetColumn(input.Schema, _options.Model.FeatureColumnName, "Feature");
        EventModelDescription description = Describe(features);
        ModelFamily family = ModelFamilies.Of(description.Architecture);
        AudioModel network =
            family.Build(description.Architecture, description.Shape, [description.ClassNames.Count], seed: 0);
        try
        {
            CheckpointReport report = family.LoadCheckpoint(
                _options.Model.PretrainedWeights!, network, _options.Model.PretrainedWeightsAdaptation);
            channel.Info(MessageSensitivity.None, report.ToString());

            if (report.Missing.FirstOrDefault(name => !network.IsUnused(name)) is { } missing)
            {
                throw new InvalidDataException(
                    $"'{report.Path}' has no weights that fit {missing} of {family.Name} with "
                    + $"{description.ClassNames.Count} classes; expected one that was trained with these classes and sizes.");
            }

            var transformer = new SoundEventDetectionTransformer(_host, description, network);
            transformer.GetOutputSchema(input.Schema);
            return transformer;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Returns the input's columns, and those of scores and events.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShape.Column features = SchemaChecks.GetColumn(inputSchema, _options.Model.FeatureColumnName, "Feature");
        if (features.Kind == SchemaShape.Column.VectorKind.Scalar || features.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(
                features.Name, "Feature", "a vector of Single", SchemaChecks.Describe(features));
        }

        return SchemaChecks.With(inputSchema, SchemaChecks.ShapesOf(EventColumns.Create(
            _options.ClassNames, _options.Decoding.Mapping?.ClassNames ?? _options.ClassNames,
            _options.Model.ScoreColumnName, _options.EventColumnPrefix)));
    }

    private EventModelDescription Describe(DataViewSchema.Column features)
    {
        AudioTrainerOptions model = _options.Model;
        FeatureReader reader =
            model.FrontEnd is { } frontEnd ? new WaveformReader(frontEnd) : LogMelReader.For(features);
        return new EventModelDescription
        {
            Architecture = model.ModelConfig,
            Shape = reader.Shape,
            FrontEnd = model.FrontEnd,
            Precision = model.ScoringPrecision,
            SecondsPerFrame = EventModelDescription.FrameSeconds(features, model.FrontEnd, _options.FrameMilliseconds),
            ClassNames = [.. _options.ClassNames],
            Decoding = new EventDecodingOptions(),
            FeatureColumnName = model.FeatureColumnName,
            ScoreColumnName = model.ScoreColumnName,
            EventColumnPrefix = _options.EventColumnPrefix,
        }.With(_options.Decoding);
    }

    /// <summary>Options of the estimator: the pretrained model, and how events are decoded from its presence map.</summary>
    public sealed class Options : IOptionGroup
    {
        /// <summary>
        /// Model options: configuration, <see cref="AudioTrainerOptions.PretrainedWeights"/>, which must be set, and
        /// <see cref="AudioTrainerOptions.FrontEnd"/>, with a target length, or null if the column holds features. The model
        /// has a presence map (HTS-AT). Training options are not used. Default: HTS-AT as in its paper, without weights.
        /// </summary>
        public AudioTrainerOptions Model = new HtsAtOptions { FrontEnd = LogMelOptions.HtsAt };

        /// <summary>
        /// Names of the model's classes, all different, in the order of its outputs. Default: empty; they must be set.
        /// </summary>
        [Text("a class's name")]
        public string[] ClassNames = [];

        /// <summary>
        /// Decoding options: how events are found in the presence map. Default: a threshold of 0.5. For DESED's classes and a
        /// model of AudioSet's: <see cref="EventDecodingOptions.Desed"/>.
        /// </summary>
        public EventDecodingOptions Decoding = new();

        /// <summary>
        /// Frame period: milliseconds from one frame of the features to the next, above 0. Not used with a front end, or with a
        /// column that <c>ExtractLogMel</c> made: those have their own. Default: 10.
        /// </summary>
        [Positive]
        public double FrameMilliseconds = 10;

        /// <summary>
        /// Prefix of the names of the event columns, before Labels, Onsets, Offsets and Scores. Default: "Event".
        /// </summary>
        [Text]
        public string EventColumnPrefix = "Event";

        /// <summary>
        /// Options of HTS-AT's official code for DESED, ten classes of household sounds, and a model that was trained on
        /// AudioSet and not on DESED.
        /// </summary>
        /// <param name="pretrainedWeights">File of weights trained on AudioSet, such as the authors publish.</param>
        /// <param name="audioSetClassNames">
        /// Names of AudioSet's 527 classes in the order of its <c>class_labels_indices.csv</c>, for the score column; null for
        /// their indices there, counted from 0. Default: null.
        /// </param>
        /// <returns>New options, for a column of waveforms at 32 kHz; every value can be changed.</returns>
        /// <remarks>
        /// Source: HTS-AT section 3.3 and the official code: <c>config.py</c> for the classes (<c>fl_audioset_mapping</c>),
        /// <c>fl_evaluate.py</c> for the thresholds (<c>thres</c> of the token-semantic layer) and for no median filter,
        /// <c>sed_model.py</c> for no shifts of time. DESED is used only for testing there; to train on it, see
        /// <see cref="SoundEventDetectionTrainer"/>.
        /// </remarks>
        public static Options Desed(string pretrainedWeights, string[]? audioSetClassNames = null) => new()
        {
            Model = new HtsAtOptions { FrontEnd = LogMelOptions.HtsAt, PretrainedWeights = pretrainedWeights },
            ClassNames = audioSetClassNames
                ?? [.. Enumerable.Range(0, 527).Select(label => label.ToString(CultureInfo.InvariantCulture))],
            Decoding = EventDecodingOptions.Desed(),
        };

        void IOptionGroup.CheckTogether(string prefix)
        {
            ModelFamily family = ModelFamilies.Of(Model.ModelConfig);
            OptionCheck.That(
                family.HasPresenceMap, family.Name, prefix + nameof(Model),
                "a model that has a presence map: "
                + string.Join(", ", ModelFamilies.All.Where(each => each.HasPresenceMap).Select(each => each.Name)));
            OptionCheck.That(
                Model.PretrainedWeights is not null, "null",
                $"{prefix}{nameof(Model)}.{nameof(AudioTrainerOptions.PretrainedWeights)}", "a file of weights");
            OptionCheck.That(ClassNames.Length > 0, "empty", prefix + nameof(ClassNames), "the names of the model's classes");
            OptionCheck.That(
                ClassNames.Distinct().Count() == ClassNames.Length, "of names some of which are the same",
                prefix + nameof(ClassNames), "different ones");
        }
    }
}
