using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Trains a network of any kind to say of a clip which of several classes are in it, each by itself: AudioSet's task.
/// </summary>
/// <remarks>
/// The label column is a vector of keys, as <c>MapValueToKey</c> makes of vectors of text, or a vector of Single or Boolean
/// with one slot a class: 1 where the clip has it, 0 where not, NaN where nobody knows. The loss is the mean over the
/// classes of a binary cross-entropy each, whatever the options' <see cref="AudioOptimizationOptions.Loss"/> is.
/// </remarks>
public sealed class AudioTaggingTrainer : ITrainerEstimator<AudioTaggingTransformer, AudioModelParameters>
{
    private readonly IHost _host;
    private readonly AudioTrainerOptions _options;

    internal AudioTaggingTrainer(IHostEnvironment environment, AudioTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        AudioTransformersLoaders.Register(environment);
        _host = environment.Register("AudioTagging");
        _options = options.Clone();
        _options.Optimization.Loss = AudioLossFunction.BinaryCrossEntropy;
    }

    /// <summary>The trainer wants neither normalized features nor a cache: it keeps what it reads.</summary>
    public TrainerInfo Info { get; } = MlNetInternals.CreateTrainerInfo(
        normalization: false,
        calibration: false,
        caching: false,
        supportValid: true,
        supportIncrementalTrain: false,
        supportTest: false);

    /// <summary>Trains a model.</summary>
    /// <param name="input">Rows with the labels and the features.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="FileNotFoundException">There are no pretrained weights where the options say.</exception>
    /// <exception cref="InvalidDataException">
    /// There are no rows or no labels, a row holds what is not a number, the validation set has other classes than the
    /// training set, or nothing of the pretrained weights fits.
    /// </exception>
    public AudioTaggingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _options.CheckFiles();
        using IChannel channel = _host.Start("Training");
        DataViewSchema.Column labelColumn = SchemaChecks.GetColumn(input.Schema, _options.LabelColumnName, "Label");
        DataViewSchema.Column featureColumn =
            SchemaChecks.GetColumn(input.Schema, _options.FeatureColumnName, "Feature");
        LabelKeys labels = LabelKeys.ReadTags(labelColumn);
        FeatureReader reader =
            _options.FrontEnd is { } frontEnd ? new WaveformReader(frontEnd) : LogMelReader.For(featureColumn);
        var clips = new TaggingReader(_options.LabelColumnName, _options.FeatureColumnName, reader, labels, channel)
        {
            IsStreamed = _options.Sampling.ShuffleBuffer > 0,
        };
        ClipDataset training = clips.ReadTraining(input);
        ClipDataset? validation = _options.ValidationSet is { } set ? clips.ReadValidation(set) : null;
        var run = new TrainingRun(_host, _options, channel);
        AudioModel network = run.Train(reader, labels.Names, training, validation);
        var description = new ModelDescription
        {
            Architecture = run.Architecture,
            Shape = reader.Shape,
            FrontEnd = _options.FrontEnd,
            Labels = labels,
            HasTags = true,
            FeatureColumnName = _options.FeatureColumnName,
            ScoreColumnName = _options.ScoreColumnName,
            PredictedLabelColumnName = _options.PredictedLabelColumnName,
            ScoringBatchSize = _options.ScoringBatchSize,
            TimeShifts = _options.ScoringTimeShifts,
        };
        return new AudioTaggingTransformer(
            _host, new AudioModelParameters(network, description, run.Device));
    }

    /// <summary>The input's columns with scores and predicted labels.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        LabelShapes.CheckTags(inputSchema, _options);

        // A shape knows that there are slot names and key values, not how many.
        var anyLabels = new LabelKeys("Text", ["", ""]);
        return SchemaChecks.With(inputSchema, SchemaChecks.ShapesOf(ScoreColumns.Create(
            anyLabels, _options.ScoreColumnName, _options.PredictedLabelColumnName, hasTags: true)));
    }
}
