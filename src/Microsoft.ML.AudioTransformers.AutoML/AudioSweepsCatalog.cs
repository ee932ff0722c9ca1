using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Sweeps;
using Microsoft.ML.AutoML;
using Space = Microsoft.ML.SearchSpace.SearchSpace;

namespace Microsoft.ML;

/// <summary>
/// Sweeps over audio pipelines, where users of ML.NET look for AutoML: trainers and front ends that are made anew for each point
/// of a search space.
/// </summary>
/// <remarks>
/// In an <see cref="AudioSweep"/> a trainer validates on the sweep's validation set after each epoch, unless its options have one,
/// and can be ended early. Options are copied; a space stays the caller's, and its keys and values are checked:
/// <see cref="ArgumentException"/> where one means no option.
/// </remarks>
/// <example>
/// <code>
/// SweepablePipeline pipeline =
///     mlContext.Transforms.Conversion.MapValueToKey("Label").Append(mlContext.Auto().Passt());
/// AudioSweepResult result = mlContext.CreateAudioSweep(pipeline, new() { Folder = "sweep" }).Run(train, validation);
/// </code>
/// </example>
public static class AudioSweepsCatalog
{
    /// <summary>A sweep over a pipeline.</summary>
    /// <param name="mlContext">The context; trials get contexts of their own with its devices.</param>
    /// <param name="pipeline">The pipeline, with what is to be swept in it.</param>
    /// <param name="options">How to sweep; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static AudioSweep CreateAudioSweep(
        this MLContext mlContext, SweepablePipeline pipeline, AudioSweep.Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        return new AudioSweep(mlContext, pipeline, options ?? new AudioSweep.Options());
    }

    /// <summary>A sweepable trainer of PaSST on clips of one class each.</summary>
    /// <param name="catalog">Catalog of AutoML.</param>
    /// <param name="options">The options; what is swept replaces theirs. Null for the defaults.</param>
    /// <param name="searchSpace">What is swept; null for <see cref="AudioSearchSpace.Of(AudioTrainerOptions)"/>.</param>
    public static SweepableEstimator Passt(
        this AutoCatalog catalog, PasstOptions? options = null, Space? searchSpace = null) =>
        catalog.AudioClassification(options ?? new PasstOptions(), searchSpace);

    /// <summary>A sweepable trainer of AST on clips of one class each.</summary>
    /// <inheritdoc cref="Passt"/>
    public static SweepableEstimator Ast(this AutoCatalog catalog, AstOptions? options = null, Space? searchSpace = null) =>
        catalog.AudioClassification(options ?? new AstOptions(), searchSpace);

    /// <summary>A sweepable trainer of HTS-AT on clips of one class each.</summary>
    /// <inheritdoc cref="Passt"/>
    public static SweepableEstimator HtsAt(
        this AutoCatalog catalog, HtsAtOptions? options = null, Space? searchSpace = null) =>
        catalog.AudioClassification(options ?? new HtsAtOptions(), searchSpace);

    /// <summary>A sweepable trainer of DATAR on clips of one class each.</summary>
    /// <inheritdoc cref="Passt"/>
    public static SweepableEstimator Datar(
        this AutoCatalog catalog, DatarOptions? options = null, Space? searchSpace = null) =>
        catalog.AudioClassification(options ?? new DatarOptions(), searchSpace);

    /// <summary>A sweepable trainer of any model on clips of one class each.</summary>
    /// <param name="catalog">Catalog of AutoML.</param>
    /// <param name="options">The options of the model; what is swept replaces theirs.</param>
    /// <param name="searchSpace">What is swept; null for <see cref="AudioSearchSpace.Of(AudioTrainerOptions)"/>.</param>
    public static SweepableEstimator AudioClassification(
        this AutoCatalog catalog, AudioTrainerOptions options, Space? searchSpace = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return Trainer(
            ModelName(options),
            options,
            searchSpace ?? AudioSearchSpace.Of(options),
            trial => trial,
            (mlContext, trial) => mlContext.AudioClassification().Trainer(trial));
    }

    /// <summary>A sweepable trainer of any model on clips with any number of labels each.</summary>
    /// <inheritdoc cref="AudioClassification"/>
    public static SweepableEstimator AudioTagging(
        this AutoCatalog catalog, AudioTrainerOptions options, Space? searchSpace = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return Trainer(
            ModelName(options),
            options,
            searchSpace ?? AudioSearchSpace.Of(options),
            trial => trial,
            (mlContext, trial) => mlContext.AudioTagging().Trainer(trial));
    }

    /// <summary>A sweepable trainer of action recognition, of clips with a verb and a noun each.</summary>
    /// <param name="catalog">Catalog of AutoML.</param>
    /// <param name="options">The options; what is swept replaces theirs and their model's.</param>
    /// <param name="searchSpace">
    /// What is swept; null for <see cref="AudioSearchSpace.Of(ActionRecognitionTrainer.Options)"/>.
    /// </param>
    public static SweepableEstimator ActionRecognition(
        this AutoCatalog catalog, ActionRecognitionTrainer.Options options, Space? searchSpace = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return Trainer(
            "ActionRecognition",
            options,
            searchSpace ?? AudioSearchSpace.Of(options),
            trial => trial.Model,
            (mlContext, trial) => mlContext.ActionRecognition().Trainer(trial));
    }

    /// <summary>A sweepable trainer of sound event detection.</summary>
    /// <param name="catalog">Catalog of AutoML.</param>
    /// <param name="options">The options; what is swept replaces theirs and their model's.</param>
    /// <param name="searchSpace">
    /// What is swept; null for <see cref="AudioSearchSpace.Of(SoundEventDetectionTrainer.Options)"/>.
    /// </param>
    public static SweepableEstimator SoundEventDetection(
        this AutoCatalog catalog, SoundEventDetectionTrainer.Options options, Space? searchSpace = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return Trainer(
            "SoundEventDetection",
            options,
            searchSpace ?? AudioSearchSpace.Of(options),
            trial => trial.Model,
            (mlContext, trial) => mlContext.SoundEventDetection().Trainer(trial));
    }

    /// <summary>A sweepable log-mel front end.</summary>
    /// <param name="catalog">Catalog of AutoML.</param>
    /// <param name="outputColumnName">The column for the features.</param>
    /// <param name="inputColumnName">The column with the waveforms; null for <paramref name="outputColumnName"/>.</param>
    /// <param name="options">The options; what is swept replaces theirs. Null for PaSST's front end.</param>
    /// <param name="searchSpace">What is swept; null for <see cref="AudioSearchSpace.Of(LogMelOptions)"/>.</param>
    public static SweepableEstimator ExtractLogMel(
        this AutoCatalog catalog,
        string outputColumnName,
        string? inputColumnName = null,
        LogMelOptions? options = null,
        Space? searchSpace = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        options ??= LogMelOptions.Passt;
        return Named(
            "LogMel",
            options,
            searchSpace ?? AudioSearchSpace.Of(options),
            (mlContext, trial) => mlContext.Transforms.ExtractLogMel(outputColumnName, inputColumnName, trial));
    }

    // PasstConfig is of Passt.
    private static string ModelName(AudioTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.ModelConfig.GetType().Name.Replace("Config", "", StringComparison.Ordinal);
    }

    private static AudioSweepableEstimator Trainer<TOptions>(
        string name,
        TOptions options,
        Space searchSpace,
        Func<TOptions, AudioTrainerOptions> modelOf,
        Func<MLContext, TOptions, IEstimator<ITransformer>> create)
        where TOptions : class, IOptionGroup => Named(
            name,
            options,
            searchSpace,
            (mlContext, trial) =>
            {
                RunningTrial.In(mlContext)?.Join(modelOf(trial));
                return create(mlContext, trial);
            });

    private static AudioSweepableEstimator Named<TOptions>(
        string name,
        TOptions options,
        Space searchSpace,
        Func<MLContext, TOptions, IEstimator<ITransformer>> create)
        where TOptions : class, IOptionGroup
    {
        options = OptionCheck.Copy(options);
        AudioSearchSpace.Check(searchSpace, options);
        return new AudioSweepableEstimator(
            name, (mlContext, point) => create(mlContext, AudioSearchSpace.Apply(point, options)), searchSpace);
    }
}
