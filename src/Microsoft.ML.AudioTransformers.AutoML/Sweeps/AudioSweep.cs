using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.ML.AudioTransformers.Sweeps;
using Microsoft.ML.AutoML;
using Microsoft.ML.Runtime;
using Space = Microsoft.ML.SearchSpace.SearchSpace;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Tries points of a pipeline's search space, by AutoML's experiment, and keeps the best model. A sweep that was killed
/// resumes where it was: run it again with the same options.
/// </summary>
/// <remarks>
/// Trials can also run in processes of their own, on as many machines as share the folder: <see cref="WriteTrials"/>
/// writes each trial's point as JSON, a program calls <see cref="RunTrial"/> for one of those files, and <see cref="Run"/> gathers
/// their results, and runs the trials that are missing. Or each of any number of processes calls <see cref="Work"/>.
/// </remarks>
public sealed class AudioSweep
{
    /// <summary>The pipeline's name in the experiment's search space.</summary>
    internal const string PipelineKey = "pipeline";

    // In seconds, of the about 49 days that timers go to.
    private const int LongestTimer = 4_000_000;

    private readonly MLContext _mlContext;
    private readonly SweepablePipeline _pipeline;
    private readonly Options _options;
    private readonly IHost _host;

    internal AudioSweep(MLContext mlContext, SweepablePipeline pipeline, Options options)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(options);
        OptionCheck.All(options);
        mlContext.RegisterAudioTransformers();
        _mlContext = mlContext;
        _pipeline = pipeline;
        _options = OptionCheck.Copy(options);
        _host = ((IHostEnvironment)mlContext).Register(nameof(AudioSweep));
    }

    /// <summary>Sweeps over one training set, each trial evaluated on the validation set.</summary>
    /// <param name="trainSet">Rows that the pipeline is fitted on; cache what is costly to make of them.</param>
    /// <param name="validationSet">Rows with the same columns; trainers of audio validate on them after each epoch.</param>
    /// <param name="cancellationToken">Ends the sweep with the best model so far.</param>
    /// <exception cref="InvalidOperationException">No trial succeeded.</exception>
    /// <exception cref="OperationCanceledException">Canceled before any trial had succeeded.</exception>
    /// <exception cref="InvalidDataException">The folder holds another sweep's trials.</exception>
    public AudioSweepResult Run(
        IDataView trainSet, IDataView validationSet, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(trainSet);
        ArgumentNullException.ThrowIfNull(validationSet);
        return Sweep(new SweepData.Split(trainSet, validationSet), cancellationToken);
    }

    /// <summary>Sweeps over folds: a trial's metric is the average, and the best pipeline is fitted on all rows.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="foldColumnName">The column that names each row's fold.</param>
    /// <param name="cancellationToken">Ends the sweep with the best model so far.</param>
    /// <exception cref="InvalidOperationException">No trial succeeded.</exception>
    /// <exception cref="OperationCanceledException">Canceled before any trial had succeeded.</exception>
    /// <exception cref="InvalidDataException">The folder holds another sweep's trials.</exception>
    public AudioSweepResult CrossValidate(
        IDataView data, string foldColumnName = "Fold", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(foldColumnName);
        return Sweep(new SweepData.Folds(data, foldColumnName), cancellationToken);
    }

    /// <summary>Writes a JSON file for each trial that the sweep would run, for <see cref="RunTrial"/>.</summary>
    /// <returns>The files' paths: <c>trial-0000.options.json</c> and so on, in the sweep's folder.</returns>
    /// <exception cref="InvalidOperationException">The tuner needs the results of earlier trials.</exception>
    public IReadOnlyList<string> WriteTrials()
    {
        var folder = OpenFolder();
        ITuner tuner = CreateTuner(CreateSpace()) ?? throw new InvalidOperationException(
            $"Tuner is {_options.Tuner}, whose trials follow from earlier ones; "
            + $"expected {AudioSweepTuner.Random} or {AudioSweepTuner.Grid}.");
        List<string> paths = [];
        foreach (TrialProposal proposal in Proposals(tuner))
        {
            SweepFolder.WriteProposal(proposal, folder.OptionsPath(proposal.Id));
            paths.Add(folder.OptionsPath(proposal.Id));
        }

        return paths;
    }

    /// <summary>
    /// Runs trials of a sweep beside any number of other workers, processes on machines that share the folder, and returns when
    /// every trial has a result. A worker that dies is replaced by the others, or by one that is started later: the trial that it
    /// had claimed begins again when its claim is over. All workers have the same options and data.
    /// </summary>
    /// <param name="trainSet">Rows that the pipeline is fitted on; cache what is costly to make of them.</param>
    /// <param name="validationSet">Rows with the same columns; trainers of audio validate on them after each epoch.</param>
    /// <param name="cancellationToken">Ends this worker; the trial that it runs has no result then. The end of
    /// <see cref="Options.TrainingTimeInSeconds"/> does so too, but with the result of the trials that have ended.</param>
    /// <returns>The result of the whole sweep, the same for all workers.</returns>
    /// <exception cref="InvalidOperationException">No trial succeeded.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    /// <exception cref="InvalidDataException">The folder holds another sweep's trials.</exception>
    /// <exception cref="IOException">The folder takes no new file.</exception>
    public AudioSweepResult Work(IDataView trainSet, IDataView validationSet, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(trainSet);
        ArgumentNullException.ThrowIfNull(validationSet);
        using IChannel channel = _host.Start("Work");
        var data = new SweepData.Split(trainSet, validationSet);
        var folder = new SweepFolder(_options, new SweepNames(_pipeline), isShared: true);
        var fitting = new TrialFitting(_mlContext, _pipeline, _options, data, channel);
        Space space = CreateSpace();
        IReadOnlyList<TrialProposal>? proposals = CreateTuner(space) is ITuner tuner ? [.. Proposals(tuner)] : null;
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (_options.TrainingTimeInSeconds is int seconds)
        {
            time.CancelAfter(TimeSpan.FromSeconds(Math.Min(seconds, LongestTimer)));
        }

        try
        {
            new SweepWorker(_mlContext, fitting, folder, _options, data, channel, space, proposals).Run(time.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            channel.Info(MessageSensitivity.None, "The sweep's time ended before all trials did.");
        }

        AudioSweepTrial best = folder.Best ?? throw new InvalidOperationException(
            $"None of {folder.Trials.Count} trials succeeded. The last that failed: "
            + (folder.Trials is [.., AudioSweepTrial last] ? last.Message : "none had the time"));
        folder.WriteReports();
        return Result(folder, best, BestModel(folder, fitting, data, best));
    }

    private IEnumerable<TrialProposal> Proposals(ITuner tuner)
    {
        HashSet<string> points = [];
        for (int id = 0; id < _options.Trials; id++)
        {
            SearchSpace.Parameter parameters =
                PipelinePath.Taken(tuner.Propose(new TrialSettings { TrialId = id })[PipelineKey]);
            if (points.Add(parameters.ToString()))
            {
                yield return new TrialProposal(id, parameters);
            }
        }
    }

    /// <summary>Runs one trial: JSON options in, JSON metrics out, and the model beside them.</summary>
    /// <param name="optionsPath">A file that <see cref="WriteTrials"/> wrote.</param>
    /// <param name="metricsPath">
    /// The file to write. In the sweep's folder as <c>trial-0000.metrics.json</c>, with the trial's number,
    /// <see cref="Run"/> finds it. The model is written beside it, <c>.model.zip</c> for <c>.metrics.json</c>.
    /// </param>
    /// <param name="trainSet">Rows that the pipeline is fitted on.</param>
    /// <param name="validationSet">Rows that the trial is evaluated on.</param>
    /// <param name="cancellationToken">Ends the trial; nothing is written then.</param>
    /// <returns>The trial, which may have failed.</returns>
    /// <exception cref="InvalidDataException">The file holds no trial.</exception>
    public AudioSweepTrial RunTrial(
        string optionsPath,
        string metricsPath,
        IDataView trainSet,
        IDataView validationSet,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(optionsPath);
        ArgumentNullException.ThrowIfNull(metricsPath);
        ArgumentNullException.ThrowIfNull(trainSet);
        ArgumentNullException.ThrowIfNull(validationSet);
        using IChannel channel = _host.Start("RunTrial");
        TrialProposal proposal = SweepFolder.ReadProposal(optionsPath);
        var data = new SweepData.Split(trainSet, validationSet);
        MedianPruning? pruning = MedianPruning.Create(_options, data, OpenFolder().Trials);
        (AudioSweepTrial trial, ITransformer? model) = new TrialFitting(_mlContext, _pipeline, _options, data, channel)
            .Run(proposal.Id, proposal.Parameters, pruning, cancellationToken);
        using var disposed = model as IDisposable;
        if (model is not null && trial.Metric is not null)
        {
            const string suffix = ".metrics.json";
            string stem = metricsPath.EndsWith(suffix, StringComparison.Ordinal)
                ? metricsPath[..^suffix.Length]
                : metricsPath;
            SweepFolder.SaveModel(_mlContext, model, trainSet.Schema, $"{stem}.model.zip");
        }

        SweepFolder.WriteTrial(trial, metricsPath);
        return trial;
    }

    private AudioSweepResult Sweep(SweepData data, CancellationToken cancellationToken)
    {
        using IChannel channel = _host.Start("Run");
        var folder = OpenFolder();
        var fitting = new TrialFitting(_mlContext, _pipeline, _options, data, channel);
        var runner = new SweepTrialRunner(_mlContext, fitting, folder, _options, data, channel);
        Space space = CreateSpace();
        AutoMLExperiment experiment = _mlContext.Auto()
            .CreateExperiment(new AutoMLExperiment.AutoMLExperimentSettings { Seed = _options.Seed, SearchSpace = space })
            .SetMaxModelToExplore(_options.Trials)
            .SetTrialRunner(runner);
        experiment = CreateTuner(space) is ITuner tuner ? experiment.SetTuner(tuner) : experiment.SetCostFrugalTuner();
        if (_options.TrainingTimeInSeconds is int seconds)
        {
            experiment.SetTrainingTimeInSeconds((uint)seconds);
        }

        try
        {
            experiment.RunAsync(cancellationToken).GetAwaiter().GetResult();
        }
        catch (TimeoutException) when (folder.Best is null)
        {
            // AutoML's message for a sweep without a result; ours names the reason.
            cancellationToken.ThrowIfCancellationRequested();
            throw new InvalidOperationException(
                $"None of {folder.Trials.Count} trials succeeded. The last that failed: "
                + (runner.LastFailure ?? "none had the time"));
        }
        catch (TimeoutException)
        {
            channel.Info(MessageSensitivity.None, "The sweep ended before a new trial did.");
        }

        AudioSweepTrial best = folder.Best!;
        folder.WriteReports();
        return Result(
            folder, best, runner.Best is (int id, ITransformer model) && id == best.Id
                ? model
                : BestModel(folder, fitting, data, best));
    }

    private AudioSweepResult Result(SweepFolder folder, AudioSweepTrial best, ITransformer model) => new()
    {
        Trials = folder.Trials,
        BestTrial = best,
        Model = model,
        ModelPath = folder.ModelPath(best.Id),
        TablePath = folder.TablePath,
        ChartPath = folder.ChartPath,
        Names = new SweepNames(_pipeline),
        IsMaximize = _options.Metric.IsMaximize,
    };

    // The best trial was of an earlier run or another process, or it ran over folds.
    private ITransformer BestModel(SweepFolder folder, TrialFitting fitting, SweepData data, AudioSweepTrial best)
    {
        string path = folder.ModelPath(best.Id);
        if (File.Exists(path))
        {
            return _mlContext.Model.Load(RegularFile.Check(path), out _);
        }

        ITransformer model = fitting.Fit(best);
        folder.SaveBestModel(_mlContext, model, data.Training.Schema, best.Id);
        return model;
    }

    private SweepFolder OpenFolder() => new(_options, new SweepNames(_pipeline));

    private Space CreateSpace() => new() { [PipelineKey] = _pipeline.SearchSpace };

    private ITuner? CreateTuner(Space space) => _options.Tuner switch
    {
        AudioSweepTuner.Random => new DefaultsFirstTuner(space, _options.Seed),
        AudioSweepTuner.Grid => new GridTuner(space, _options.GridSteps),
        _ => null,
    };

    /// <summary>Options of a sweep.</summary>
    public sealed class Options : IOptionGroup
    {
        /// <summary>Metric that is optimized. Default: accuracy over the columns "Label" and "Score".</summary>
        public AudioSweepMetric Metric = AudioSweepMetric.Accuracy();

        /// <summary>
        /// The folder of trials, models, table and chart; made where it is missing. A sweep whose folder has trials
        /// resumes. Each sweep needs one of its own. Default: "sweep".
        /// </summary>
        [Text("a folder's path")]
        public string Folder = "sweep";

        /// <summary>Trials, those of earlier runs counted, 1 or more. Default: 20.</summary>
        [Whole(1)]
        public int Trials = 20;

        /// <summary>Tuner: how points are chosen. Default: random.</summary>
        public AudioSweepTuner Tuner = AudioSweepTuner.Random;

        /// <summary>Values of a range on a grid, its ends among them, 2 or more. Default: 5.</summary>
        [Whole(2)]
        public int GridSteps = 5;

        /// <summary>Seed of the tuner and of every trial's training. Default: 1.</summary>
        public int Seed = 1;

        /// <summary>
        /// Limit of the sweep's time in seconds, 1 or more, of <see cref="Work"/> that of this worker's; null for AutoML's,
        /// a day, and none of a worker's. Default: null.
        /// </summary>
        [Whole(1)]
        public int? TrainingTimeInSeconds;

        /// <summary>
        /// Whether trials far below the others end early: those whose validation accuracy has never been as good as the median of
        /// the completed trials' averages up to that epoch, among trials on the same path through the pipeline. Trials over folds
        /// always go to their end. Default: true.
        /// </summary>
        /// <remarks>Source: Golovin et al., "Google Vizier", KDD 2017, section 3.2.2.</remarks>
        public bool Pruning = true;

        /// <summary>Completed trials on a path before any is ended early, 1 or more. Default: 5.</summary>
        [Whole(1)]
        public int PruningMinimumTrials = 5;

        /// <summary>The first epoch after which a trial may be ended early, 1 or more. Default: 1.</summary>
        [Whole(1)]
        public int PruningFirstEpoch = 1;

        /// <summary>Whether the models of trials that are not the best stay in the folder. Default: false.</summary>
        public bool KeepModels;

        /// <summary>
        /// Seconds after which the claim of a worker of <see cref="Work"/> that is silent is over, 1 to 86400: longer than a
        /// machine or the folder's file system is ever out of reach. Of workers with different ones, the longer holds.
        /// Default: 60.
        /// </summary>
        [Whole(1, TrialClaims.LongestLease)]
        public int LeaseInSeconds = 60;
    }
}

/// <summary>Tuner: how a sweep chooses the next point.</summary>
public enum AudioSweepTuner
{
    /// <summary>
    /// The defaults of each path through the pipeline, and then points drawn uniformly, whatever earlier trials came to.
    /// </summary>
    Random,

    /// <summary>All combinations of each option's values, path by path, whatever earlier trials came to.</summary>
    Grid,

    /// <summary>
    /// AutoML's cost-frugal tuner: from the defaults, steps in random directions that are kept where they help.
    /// </summary>
    CostFrugal,
}
