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

/// <summary>Trains a network to say of a clip which of several classes it is; each model has a trainer of its own.</summary>
public sealed class AudioClassificationTrainer
    : ITrainerEstimator<AudioClassificationTransformer, AudioModelParameters>
{
    private readonly IHost _host;

    internal AudioClassificationTrainer(IHostEnvironment environment, AudioTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        AudioTransformersLoaders.Register(environment);
        _host = environment.Register("AudioClassification");
        TrainerOptions = options;
    }

    /// <summary>The trainer wants neither normalized features nor a cache: it keeps what it reads.</summary>
    public TrainerInfo Info { get; } = MlNetInternals.CreateTrainerInfo(
        normalization: false,
        calibration: false,
        caching: false,
        supportValid: true,
        supportIncrementalTrain: false,
        supportTest: false);

    private AudioTrainerOptions TrainerOptions { get; }

    /// <summary>Trains a model.</summary>
    /// <param name="input">Rows with the label and the features.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="FileNotFoundException">There are no pretrained weights where the options say.</exception>
    /// <exception cref="InvalidDataException">
    /// There are no rows or one class only, a row holds what is not a number, the validation set has a class that the
    /// training set lacks, or nothing of the pretrained weights fits.
    /// </exception>
    public AudioClassificationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        TrainerOptions.CheckFiles();
        using IChannel channel = _host.Start("Training");
        DataViewSchema.Column labelColumn = SchemaChecks.GetColumn(input.Schema, TrainerOptions.LabelColumnName, "Label");
        DataViewSchema.Column featureColumn = SchemaChecks.GetColumn(input.Schema, TrainerOptions.FeatureColumnName, "Feature");
        LabelKeys labels = LabelKeys.Read(labelColumn);
        FeatureReader reader = TrainerOptions.FrontEnd is { } frontEnd ? new WaveformReader(frontEnd) : LogMelReader.For(featureColumn);
        var clips = new ClassificationReader(TrainerOptions.LabelColumnName, TrainerOptions.FeatureColumnName, reader, labels, channel)
        {
            IsStreamed = TrainerOptions.Sampling.ShuffleBuffer > 0,
        };
        ClipDataset training = clips.ReadTraining(input);
        ClipDataset? validation = TrainerOptions.ValidationSet is { } set ? clips.ReadValidation(set, training) : null;
        var run = new TrainingRun(_host, TrainerOptions, channel);
        AudioModel network = run.Train(reader, labels.Names, training, validation);
        var description = new ModelDescription
        {
            Architecture = run.Architecture,
            Shape = reader.Shape,
            FrontEnd = TrainerOptions.FrontEnd,
            Labels = labels,
            FeatureColumnName = TrainerOptions.FeatureColumnName,
            ScoreColumnName = TrainerOptions.ScoreColumnName,
            PredictedLabelColumnName = TrainerOptions.PredictedLabelColumnName,
            ScoringBatchSize = TrainerOptions.ScoringBatchSize,
            TimeShifts = TrainerOptions.ScoringTimeShifts,
        };
        return new AudioClassificationTransformer(
            _host, new AudioModelParameters(network, description, run.Device));
    }

    /// <summary>The input's columns with score and predicted label.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        LabelShapes.CheckKey(inputSchema, TrainerOptions.LabelColumnName, "Label");
        LabelShapes.CheckFeatures(inputSchema, TrainerOptions);

        // A shape knows that there are slot names and key values, not how many.
        var anyLabels = new LabelKeys("Text", ["", ""]);
        return SchemaChecks.With(inputSchema, SchemaChecks.ShapesOf(ScoreColumns.Create(
            anyLabels, TrainerOptions.ScoreColumnName, TrainerOptions.PredictedLabelColumnName)));
    }
}
