using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Distributed;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Base class of the trainers: reads the datasets of a task, trains a network of any model on them, and creates a transformer.
/// </summary>
/// <typeparam name="TTransformer">Type of the transformer.</typeparam>
public abstract class AudioTrainer<TTransformer> : IEstimator<TTransformer>
    where TTransformer : class, ITransformer
{
    /// <param name="environment">Environment: seed, log, and cancellation.</param>
    /// <param name="name">Name of the trainer in messages.</param>
    /// <param name="options">Checked copy of the caller's options of model and training.</param>
    private protected AudioTrainer(IHostEnvironment environment, string name, AudioTrainerOptions options)
    {
        AudioTransformersLoaders.Register(environment);
        Host = environment.Register(name);
        TrainerOptions = options;
    }

    /// <summary>Choice of the options by the training set; null for those that are there.</summary>
    private protected RecipeChoice? Choice { get; init; }

    /// <summary>
    /// Requirements of the trainer: neither normalized features nor a cache, for it holds in memory what it reads. It can use a
    /// validation set.
    /// </summary>
    public TrainerInfo Info { get; } = MlNetInternals.CreateTrainerInfo(
        normalization: false,
        calibration: false,
        caching: false,
        supportValid: true,
        supportIncrementalTrain: false,
        supportTest: false);

    private protected IHost Host { get; }

    /// <summary>Options of model and training; the caller does not have them.</summary>
    private protected AudioTrainerOptions TrainerOptions { get; }

    /// <summary>Trains a model.</summary>
    /// <param name="input">Rows with the labels and the features.</param>
    /// <returns>The transformer with the trained model; the caller disposes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing or of the wrong type, or an option does not fit the data.
    /// </exception>
    /// <exception cref="ArgumentException">An option does not fit the classes.</exception>
    /// <exception cref="FileNotFoundException">The file of pretrained weights does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// There are no rows, no labels, or labels of one class only; a value of a row is not valid; the classes of the validation
    /// set differ from those of the training set; no pretrained weight fits; or the workspace is of another training.
    /// </exception>
    /// <exception cref="IOException">The workspace cannot be written, or another run uses it.</exception>
    public TTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        TrainerOptions.CheckFiles();
        using IChannel channel = Host.Start("Training");
        ProcessGroup? group = TrainerOptions.Optimization.Distributed?.Join();
        try
        {
            return Fit(input, group, channel);
        }
        catch (Exception exception) when (group is not null && exception is not DistributedException)
        {
            // The other ranks would wait for this one.
            group.Fail(exception.Message);
            throw;
        }
    }

    private TTransformer Fit(IDataView input, ProcessGroup? group, IChannel channel)
    {
        if (group is not null)
        {
            channel.Info(MessageSensitivity.None, $"Data-parallel training: rank {group.Rank} of {group.Size}, {group.Name}.");
        }

        // Before the clips are read, which can take hours, so that a folder that cannot be used is told at once.
        using TrainingWorkspace? workspace = TrainerOptions.WorkspacePath is { } folder && group is null or { IsFirst: true }
            ? new TrainingWorkspace(folder)
            : null;
        return Fitted(input, channel).Train(input, group, channel, workspace);
    }

    /// <summary>The trainer with the options and the feature column that a training set has been found to ask for.</summary>
    private AudioTrainer<TTransformer> Fitted(IDataView input, IChannel channel)
    {
        if (Choice is not null)
        {
            return With(Choice.For(input, channel));
        }

        DataViewSchema.Column column = FeatureColumns.Find(
            input.Schema, TrainerOptions.FeatureColumnName, TrainerOptions.FrontEnd is not null);
        if (column.Name == TrainerOptions.FeatureColumnName)
        {
            return this;
        }

        AudioTrainerOptions named = OptionCheck.Copy(TrainerOptions);
        named.FeatureColumnName = column.Name;
        return With(named);
    }

    private TTransformer Train(
        IDataView input, ProcessGroup? group, IChannel channel, TrainingWorkspace? workspace)
    {
        DataViewSchema.Column column = SchemaChecks.GetColumn(input.Schema, TrainerOptions.FeatureColumnName, "Feature");
        FeatureReader features =
            TrainerOptions.FrontEnd is { } frontEnd ? new WaveformReader(frontEnd) : LogMelReader.For(column);
        ClipReader clips = CreateReader(input.Schema, features, channel);
        var run = new TrainingRun(Host, TrainerOptions, clips.Task, channel, group);
        run.Check(features.Shape);
        OfValidationSet(set =>
        {
            features.CheckColumn(SchemaChecks.GetColumn(set.Schema, TrainerOptions.FeatureColumnName, "Feature"));
            CheckLabels(MlNetInternals.CreateShape(set.Schema));
        });
        ClipDataset training = clips.ReadTraining(input);
        ClipDataset? validation = null;
        OfValidationSet(set => validation = clips.ReadValidation(set, training));
        if (TrainerOptions.Damaged != DamagedAudio.Error || clips.Skipped.Count > 0)
        {
            workspace?.WriteSkipped(clips.Skipped);
        }

        AudioModel network = run.Train(features, training, validation, workspace);
        try
        {
            var description = new ModelDescription
            {
                Architecture = TrainerOptions.ModelConfig,
                Shape = features.Shape,
                FrontEnd = TrainerOptions.FrontEnd,
                FeatureColumnName = TrainerOptions.FeatureColumnName,
                ScoringBatchSize = TrainerOptions.ScoringBatchSize,
                TimeShifts = TrainerOptions.ScoringTimeShifts,
                Precision = TrainerOptions.ScoringPrecision,
                LongClips = TrainerOptions.LongClips,
                Windows = TrainerOptions.LongClips == LongClips.Cut ? null : TrainerOptions.Windows,
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

    /// <summary>Does something with the validation set, if there is one, whose errors are said to be its own.</summary>
    private void OfValidationSet(Action<IDataView> action)
    {
        if (TrainerOptions.ValidationSet is not { } set)
        {
            return;
        }

        try
        {
            action(set);
        }
        catch (ArgumentOutOfRangeException exception)
        {
            const string name = nameof(TrainerOptions.ValidationSet);
            string message = exception.Message.Replace($" (Parameter '{exception.ParamName}')", "", StringComparison.Ordinal);
            throw new ArgumentOutOfRangeException(name, $"Option {name}: {message}");
        }
        catch (InvalidDataException exception)
            when (!exception.Message.Contains("validation set", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"In the validation set: {exception.Message}", exception);
        }
    }

    /// <summary>Returns the input's columns, and those that the task adds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        CheckLabels(inputSchema);
        SchemaShape.Column features = FeatureColumns.Find(
            inputSchema, TrainerOptions.FeatureColumnName, Choice is null ? TrainerOptions.FrontEnd is not null : null);
        if (features.Kind == SchemaShape.Column.VectorKind.Scalar || features.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(features.Name, "Feature", "a vector of Single", SchemaChecks.Describe(features));
        }

        return SchemaChecks.With(inputSchema, SchemaChecks.ShapesOf(ColumnsOfAnyClasses()));
    }

    /// <summary>Copies a caller's options, so that later changes have no effect, and checks the copy.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; the message names it.</exception>
    private protected static T CopyChecked<T>(T options)
        where T : class, IOptionGroup
    {
        ArgumentNullException.ThrowIfNull(options);
        T copy = OptionCheck.Copy(options);
        OptionCheck.All(copy);
        return copy;
    }

    /// <summary>Checks a label column with one class for each clip.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of the wrong type.</exception>
    private protected static void CheckKeyColumn(SchemaShape inputSchema, string columnName, string role)
    {
        SchemaShape.Column label = SchemaChecks.GetColumn(inputSchema, columnName, role);
        if (label.Kind != SchemaShape.Column.VectorKind.Scalar || !label.IsKey)
        {
            throw SchemaChecks.WrongType(
                label.Name, role, "a key, as MapValueToKey makes of text or numbers", SchemaChecks.Describe(label));
        }
    }

    /// <summary>Checks a label column with any number of classes for each clip.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of the wrong type.</exception>
    private protected static void CheckMultiLabelColumn(SchemaShape inputSchema, string columnName)
    {
        SchemaShape.Column label = SchemaChecks.GetColumn(inputSchema, columnName, "Label");
        bool hasSlots = label.ItemType == NumberDataViewType.Single || label.ItemType == BooleanDataViewType.Instance;
        if (label.Kind == SchemaShape.Column.VectorKind.Scalar || !(label.IsKey || hasSlots))
        {
            throw SchemaChecks.WrongType(
                label.Name, "Label",
                "a vector of keys, as MapValueToKey makes of vectors of text, or a vector of Single or Boolean with one slot a "
                + "class",
                SchemaChecks.Describe(label));
        }
    }

    /// <summary>Creates a trainer like this one with other options, which are checked already.</summary>
    private protected abstract AudioTrainer<TTransformer> With(AudioTrainerOptions options);

    /// <summary>Creates a reader of the datasets for the classes in a training set's schema.</summary>
    /// <exception cref="ArgumentException">
    /// A label column is missing or of the wrong type, or an option does not fit the classes.
    /// </exception>
    private protected abstract ClipReader CreateReader(DataViewSchema schema, FeatureReader features, IChannel channel);

    /// <summary>Creates the transformer of a trained model. If it fails, the caller disposes the network.</summary>
    private protected abstract TTransformer CreateTransformer(TrainedModel model, IChannel channel);

    /// <summary>Columns of the best classes that the options ask for; null for none.</summary>
    private protected TopClasses? CreateTop() => TrainerOptions.TopClasses == 0 ? null : new TopClasses
    {
        Count = TrainerOptions.TopClasses,
        LabelsColumnName = TrainerOptions.TopLabelsColumnName,
        ScoresColumnName = TrainerOptions.TopScoresColumnName,
    };

    /// <summary>Checks the label columns of a schema shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    private protected abstract void CheckLabels(SchemaShape inputSchema);

    /// <summary>
    /// Columns of the task for unknown classes: a schema shape says whether there are slot names and key values, but not how
    /// many.
    /// </summary>
    private protected abstract DataViewSchema.DetachedColumn[] ColumnsOfAnyClasses();
}

/// <summary>Trained model, from which a transformer is created.</summary>
/// <param name="Network">Network, on <paramref name="Device"/>; the transformer disposes it.</param>
/// <param name="Description">Description of the model.</param>
/// <param name="Device">Device of the network.</param>
/// <param name="Clips">Reader of the datasets, with the task.</param>
/// <param name="Validation">Validation set, or null.</param>
internal sealed record TrainedModel(
    AudioModel Network, ModelDescription Description, Device Device, ClipReader Clips, ClipDataset? Validation)
{
    /// <summary>Model parameters, for a task whose clips are scored in batches.</summary>
    public AudioModelParameters ToParameters() => new(Network, Description, (ScoredTask)Clips.Task, Device);
}
