using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Sweeps;
using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using static Microsoft.ML.MulticlassClassificationCatalog;

namespace Microsoft.ML;

/// <summary>Sweeps over audio pipelines, where users of ML.NET look for AutoML.</summary>
/// <example>
/// <code>
/// SweepablePipeline pipeline =
/// mlContext.Transforms.Conversion.MapValueToKey("Label").Append(mlContext.Auto().Passt());
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

    /// <summary>PaSST's trainer, made anew for each point of a search space.</summary>
    /// <remarks>
    /// In an <see cref="AudioSweep"/> the trainer validates on the sweep's validation set after each epoch, unless its
    /// options have one, and can be ended early.
    /// </remarks>
    /// <param name="catalog">Where sweepable estimators are.</param>
    /// <param name="options">What is not swept; null for the defaults.</param>
    /// <param name="searchSpace">What is swept; null for all of <see cref="PasstSearchSpace"/>.</param>
    public static SweepableEstimator Passt(
        this AutoCatalog catalog, PasstOptions? options = null, SearchSpace<PasstSearchSpace>? searchSpace = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return Trainer(
            "Passt",
            options ?? new PasstOptions(),
            searchSpace,
            (point, trial) => point.ApplyTo(trial),
            (trainers, trial) => trainers.Passt(trial));
    }

    /// <summary>AST's trainer, made anew for each point of a search space.</summary>
    /// <remarks>
    /// In an <see cref="AudioSweep"/> the trainer validates on the sweep's validation set after each epoch, unless its
    /// options have one, and can be ended early.
    /// </remarks>
    /// <param name="catalog">Where sweepable estimators are.</param>
    /// <param name="options">What is not swept; null for the defaults.</param>
    /// <param name="searchSpace">What is swept; null for all of <see cref="AstSearchSpace"/>.</param>
    public static SweepableEstimator Ast(
        this AutoCatalog catalog, AstOptions? options = null, SearchSpace<AstSearchSpace>? searchSpace = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return Trainer(
            "Ast",
            options ?? new AstOptions(),
            searchSpace,
            (point, trial) => point.ApplyTo(trial),
            (trainers, trial) => trainers.Ast(trial));
    }

    /// <summary>DATAR's trainer, made anew for each point of a search space.</summary>
    /// <remarks>
    /// In an <see cref="AudioSweep"/> the trainer validates on the sweep's validation set after each epoch, unless its
    /// options have one, and can be ended early.
    /// </remarks>
    /// <param name="catalog">Where sweepable estimators are.</param>
    /// <param name="options">What is not swept; null for the defaults.</param>
    /// <param name="searchSpace">What is swept; null for all of <see cref="DatarSearchSpace"/>.</param>
    public static SweepableEstimator Datar(
        this AutoCatalog catalog, DatarOptions? options = null, SearchSpace<DatarSearchSpace>? searchSpace = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return Trainer(
            "Datar",
            options ?? new DatarOptions(),
            searchSpace,
            (point, trial) => point.ApplyTo(trial),
            (trainers, trial) => trainers.Datar(trial));
    }

    /// <summary>HTS-AT's trainer, made anew for each point of a search space.</summary>
    /// <remarks>
    /// In an <see cref="AudioSweep"/> the trainer validates on the sweep's validation set after each epoch, unless its
    /// options have one, and can be ended early.
    /// </remarks>
    /// <param name="catalog">Where sweepable estimators are.</param>
    /// <param name="options">What is not swept; null for the defaults.</param>
    /// <param name="searchSpace">What is swept; null for all of <see cref="HtsAtSearchSpace"/>.</param>
    public static SweepableEstimator HtsAt(
        this AutoCatalog catalog, HtsAtOptions? options = null, SearchSpace<HtsAtSearchSpace>? searchSpace = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return Trainer(
            "HtsAt",
            options ?? new HtsAtOptions(),
            searchSpace,
            (point, trial) => point.ApplyTo(trial),
            (trainers, trial) => trainers.HtsAt(trial));
    }

    /// <summary>The trainer of PaSST on clips with any number of labels each, made anew for each point of a search space.</summary>
    /// <remarks>
    /// In an <see cref="AudioSweep"/> the trainer validates on the sweep's validation set after each epoch, unless its
    /// options have one, and can be ended early.
    /// </remarks>
    /// <param name="catalog">Where sweepable estimators are.</param>
    /// <param name="options">What is not swept.</param>
    /// <param name="searchSpace">What is swept; null for all of <see cref="PasstSearchSpace"/>.</param>
    public static SweepableEstimator AudioTagging(
        this AutoCatalog catalog, PasstOptions options, SearchSpace<PasstSearchSpace>? searchSpace = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return Trainer(
            "Passt",
            options,
            searchSpace,
            (point, trial) => point.ApplyTo(trial),
            (trainers, trial) => trainers.AudioTagging(trial));
    }

    /// <summary>The trainer of AST on clips with any number of labels each, made anew for each point of a search space.</summary>
    /// <remarks>
    /// In an <see cref="AudioSweep"/> the trainer validates on the sweep's validation set after each epoch, unless its
    /// options have one, and can be ended early.
    /// </remarks>
    /// <param name="catalog">Where sweepable estimators are.</param>
    /// <param name="options">What is not swept.</param>
    /// <param name="searchSpace">What is swept; null for all of <see cref="AstSearchSpace"/>.</param>
    public static SweepableEstimator AudioTagging(
        this AutoCatalog catalog, AstOptions options, SearchSpace<AstSearchSpace>? searchSpace = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return Trainer(
            "Ast",
            options,
            searchSpace,
            (point, trial) => point.ApplyTo(trial),
            (trainers, trial) => trainers.AudioTagging(trial));
    }

    /// <summary>The trainer of DATAR on clips with any number of labels each, made anew for each point of a search space.</summary>
    /// <remarks>
    /// In an <see cref="AudioSweep"/> the trainer validates on the sweep's validation set after each epoch, unless its
    /// options have one, and can be ended early.
    /// </remarks>
    /// <param name="catalog">Where sweepable estimators are.</param>
    /// <param name="options">What is not swept.</param>
    /// <param name="searchSpace">What is swept; null for all of <see cref="DatarSearchSpace"/>.</param>
    public static SweepableEstimator AudioTagging(
        this AutoCatalog catalog, DatarOptions options, SearchSpace<DatarSearchSpace>? searchSpace = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return Trainer(
            "Datar",
            options,
            searchSpace,
            (point, trial) => point.ApplyTo(trial),
            (trainers, trial) => trainers.AudioTagging(trial));
    }

    /// <summary>The trainer of HTS-AT on clips with any number of labels each, made anew for each point of a search space.</summary>
    /// <remarks>
    /// In an <see cref="AudioSweep"/> the trainer validates on the sweep's validation set after each epoch, unless its
    /// options have one, and can be ended early.
    /// </remarks>
    /// <param name="catalog">Where sweepable estimators are.</param>
    /// <param name="options">What is not swept.</param>
    /// <param name="searchSpace">What is swept; null for all of <see cref="HtsAtSearchSpace"/>.</param>
    public static SweepableEstimator AudioTagging(
        this AutoCatalog catalog, HtsAtOptions options, SearchSpace<HtsAtSearchSpace>? searchSpace = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return Trainer(
            "HtsAt",
            options,
            searchSpace,
            (point, trial) => point.ApplyTo(trial),
            (trainers, trial) => trainers.AudioTagging(trial));
    }

    /// <summary>The trainer of sound event detection, made anew for each point of a search space.</summary>
    /// <remarks>
    /// In an <see cref="AudioSweep"/> the trainer validates on the sweep's validation set after each epoch, unless its
    /// options have one, and can be ended early.
    /// </remarks>
    /// <param name="catalog">Where sweepable estimators are.</param>
    /// <param name="options">What is not swept.</param>
    /// <param name="searchSpace">What is swept; null for all of <see cref="HtsAtSearchSpace"/>.</param>
    public static SweepableEstimator SoundEventDetection(
        this AutoCatalog catalog,
        SoundEventDetectionTrainer.Options options,
        SearchSpace<HtsAtSearchSpace>? searchSpace = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(options);
        return Trainer(
            "SoundEventDetection",
            options.Model,
            searchSpace,
            (point, trial) => point.ApplyTo(trial),
            (trainers, trial) => trainers.SoundEventDetection(options.With(trial)));
    }

    /// <summary>A log-mel front end, made anew for each point of a search space.</summary>
    /// <param name="catalog">Where sweepable estimators are.</param>
    /// <param name="outputColumnName">The column for the features.</param>
    /// <param name="inputColumnName">The column with the waveforms; null for <paramref
    /// name="outputColumnName"/>.</param>
    /// <param name="options">What is not swept; null for PaSST's front end.</param>
    /// <param name="searchSpace">What is swept; null for all of <see cref="LogMelSearchSpace"/>.</param>
    public static SweepableEstimator ExtractLogMel(
        this AutoCatalog catalog,
        string outputColumnName,
        string? inputColumnName = null,
        LogMelOptions? options = null,
        SearchSpace<LogMelSearchSpace>? searchSpace = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        options ??= LogMelOptions.Passt;
        return Named(
            "LogMel",
            (mlContext, point) =>
            {
                LogMelOptions trial = options.Clone();
                point.ApplyTo(trial);
                return mlContext.Transforms.ExtractLogMel(outputColumnName, inputColumnName, trial);
            },
            searchSpace ?? new SearchSpace<LogMelSearchSpace>());
    }

    private static SweepableEstimator Trainer<TOptions, TSpace>(
        string name,
        TOptions options,
        SearchSpace<TSpace>? searchSpace,
        Action<TSpace, TOptions> apply,
        Func<MulticlassClassificationTrainers, TOptions, IEstimator<ITransformer>> create)
        where TOptions : AudioTrainerOptions
        where TSpace : class, new() =>
        Named(
            name,
            (mlContext, point) =>
            {
                var trial = (TOptions)options.Clone();
                apply(point, trial);
                RunningTrial.In(mlContext)?.Join(trial);
                return create(mlContext.MulticlassClassification.Trainers, trial);
            },
            searchSpace ?? new SearchSpace<TSpace>());

    private static AudioSweepableEstimator Named<TSpace>(
        string name, Func<MLContext, TSpace, IEstimator<ITransformer>> factory, SearchSpace<TSpace> searchSpace)
        where TSpace : class, new() =>
        new(name, (mlContext, point) => factory(mlContext, point.AsType<TSpace>()), searchSpace);
}
