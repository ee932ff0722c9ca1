using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Base of the trainers: reads the training set of a task, trains a network of any model on it, and makes a transformer.</summary>
/// <typeparam name="TTransformer">The transformer that a training makes.</typeparam>
public abstract class AudioTrainer<TTransformer> : IEstimator<TTransformer>
    where TTransformer : class, ITransformer
{
    private readonly AudioTrainerOptions _options;

    /// <param name="environment">The environment.</param>
    /// <param name="name">Name of the trainer in messages.</param>
    /// <param name="options">A copy of the caller's options, checked.</param>
    private protected AudioTrainer(IHostEnvironment environment, string name, AudioTrainerOptions options)
    {
        AudioTransformersLoaders.Register(environment);
        Host = environment.Register(name);
        _options = options;
    }

    /// <summary>The trainer wants neither normalized features nor a cache: it keeps what it reads.</summary>
    public TrainerInfo Info { get; } = MlNetInternals.CreateTrainerInfo(
        normalization: false,
        calibration: false,
        caching: false,
        supportValid: true,
        supportIncrementalTrain: false,
        supportTest: false);

    private protected IHost Host { get; }

    /// <summary>Trains a model.</summary>
    /// <param name="input">Rows with the labels and the features.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing or of the wrong type, or an option does not fit the data.
    /// </exception>
    /// <exception cref="FileNotFoundException">There are no pretrained weights where the options say.</exception>
    /// <exception cref="InvalidDataException">
    /// There are no rows or labels, or of one class only; a row holds what is not a number; the validation set has other classes
    /// than the training set; or nothing of the pretrained weights fits.
    /// </exception>
    public TTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _options.CheckFiles();
        using IChannel channel = Host.Start("Training");
        DataViewSchema.Column column = SchemaChecks.GetColumn(input.Schema, _options.FeatureColumnName, "Feature");
        FeatureReader features =
            _options.FrontEnd is { } frontEnd ? new WaveformReader(frontEnd) : LogMelReader.For(column);
        ClipReader clips = CreateReader(input.Schema, features, channel);
        ClipDataset training = clips.ReadTraining(input);
        ClipDataset? validation = _options.ValidationSet is { } set ? clips.ReadValidation(set, training) : null;
        var run = new TrainingRun(Host, _options, clips.Task, channel);
        AudioModel network = run.Train(features, training, validation);
        try
        {
            var description = new ModelDescription
            {
                Architecture = _options.ModelConfig,
                Shape = features.Shape,
                FrontEnd = _options.FrontEnd,
                FeatureColumnName = _options.FeatureColumnName,
                ScoringBatchSize = _options.ScoringBatchSize,
                TimeShifts = _options.ScoringTimeShifts,
                Training = run.Info,
            };
            return CreateTransformer(new TrainedModel(network, description, run.Device, clips, validation), channel);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The input's columns with those of the task.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        CheckLabels(inputSchema);
        SchemaShape.Column features = SchemaChecks.GetColumn(inputSchema, _options.FeatureColumnName, "Feature");
        if (features.Kind == SchemaShape.Column.VectorKind.Scalar || features.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(features.Name, "Feature", "a vector of Single", SchemaChecks.Describe(features));
        }

        return SchemaChecks.With(inputSchema, SchemaChecks.ShapesOf(ColumnsOfAnyClasses()));
    }

    /// <summary>Copies a caller's options, so that later changes of them do nothing, and checks them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; the message names it.</exception>
    private protected static T CopyChecked<T>(T options)
        where T : class, IOptionGroup
    {
        ArgumentNullException.ThrowIfNull(options);
        T copy = OptionCheck.Copy(options);
        OptionCheck.All(copy);
        return copy;
    }

    /// <summary>Reads the classes of a training set's schema.</summary>
    private protected abstract ClipReader CreateReader(DataViewSchema schema, FeatureReader features, IChannel channel);

    /// <summary>Makes the transformer of a trained model.</summary>
    private protected abstract TTransformer CreateTransformer(TrainedModel model, IChannel channel);

    /// <summary>Checks the label columns of a schema's shape.</summary>
    private protected abstract void CheckLabels(SchemaShape inputSchema);

    /// <summary>
    /// The columns of the task where its classes are not known yet: a shape knows that there are slot names and key values,
    /// not how many.
    /// </summary>
    private protected abstract DataViewSchema.DetachedColumn[] ColumnsOfAnyClasses();
}

/// <summary>What a training has made, for a transformer to take over.</summary>
/// <param name="Network">The network, on <paramref name="Device"/>.</param>
/// <param name="Description">What it is beside its weights.</param>
/// <param name="Device">Where it is.</param>
/// <param name="Clips">What read the datasets, with the task.</param>
/// <param name="Validation">The validation set, or null.</param>
internal sealed record TrainedModel(
    AudioModel Network, ModelDescription Description, Device Device, ClipReader Clips, ClipDataset? Validation)
{
    /// <summary>The model of a task whose clips are scored in batches.</summary>
    public AudioModelParameters ToParameters() => new(Network, Description, (ScoredTask)Clips.Task, Device);
}
