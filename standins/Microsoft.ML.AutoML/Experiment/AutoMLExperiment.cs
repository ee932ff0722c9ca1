using System.Text.Json;
using Microsoft.ML.Runtime;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AutoML;

/// <summary>Runs trials one after the other, each at the point of a search space that a tuner proposes.</summary>
public class AutoMLExperiment
{
    internal const string PipelineSearchSpaceName = "_pipeline_";

    private readonly MLContext _context;
    private readonly AutoMLExperimentSettings _settings;
    private ITrialRunner _runner;
    private IMonitor _monitor;
    private TrialResult _best;

    public AutoMLExperiment(MLContext context, AutoMLExperimentSettings settings)
    {
        _context = context;
        _settings = settings;
        _settings.Seed ??= context.GetSeed();
        _settings.SearchSpace ??= [];
    }

    internal SweepablePipeline Pipeline { get; set; }

    internal IDatasetManager Dataset { get; set; }

    internal IEvaluateMetricManager Metric { get; set; }

    internal Func<AutoMLExperimentSettings, ITuner> TunerFactory { get; set; }

    internal string CheckpointFolder { get; set; }

    public AutoMLExperiment SetTrainingTimeInSeconds(uint trainingTimeInSeconds)
    {
        _settings.MaxExperimentTimeInSeconds = trainingTimeInSeconds;
        return this;
    }

    public AutoMLExperiment SetMaxModelToExplore(int maxModel)
    {
        _settings.MaxModels = maxModel;
        return this;
    }

    public AutoMLExperiment AddSearchSpace(string key, SearchSpace.SearchSpace searchSpace)
    {
        _settings.SearchSpace[key] = searchSpace;
        return this;
    }

    public AutoMLExperiment SetMonitor<TMonitor>(TMonitor monitor)
        where TMonitor : class, IMonitor
    {
        _monitor = monitor;
        return this;
    }

    public AutoMLExperiment SetTrialRunner<TTrialRunner>(TTrialRunner runner)
        where TTrialRunner : class, ITrialRunner
    {
        _runner = runner;
        return this;
    }

    public AutoMLExperiment SetTuner<TTuner>(TTuner proposer)
        where TTuner : class, ITuner
    {
        TunerFactory = _ => proposer;
        return this;
    }

    public TrialResult Run() => RunAsync().Result;

    /// <summary>Runs until a limit is reached or the token is canceled.</summary>
    /// <exception cref="TimeoutException">No trial ended with a loss below the largest number.</exception>
    public async Task<TrialResult> RunAsync(CancellationToken ct = default)
    {
        _settings.CancellationToken = ct;
        using IChannel channel = ((IChannelProvider)_context).Start(nameof(AutoMLExperiment));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        // A limit beyond what a timer can count to is none.
        stop.CancelAfter(TimeSpan.FromSeconds(Math.Min(_settings.MaxExperimentTimeInSeconds, int.MaxValue / 1000)));
        TrialCheckpoint checkpoint = CheckpointFolder is null
            ? null
            : new TrialCheckpoint(CheckpointFolder, _settings.SearchSpace, Metric);
        ITuner tuner = TunerFactory(_settings);
        IMonitor monitor = _monitor ?? (Pipeline is null ? null : new ChannelMonitor(channel));
        int first = checkpoint?.NextTrial ?? 0;
        for (int i = 0; i < _settings.MaxModels && !stop.IsCancellationRequested; i++)
        {
            var trial = new TrialSettings
            {
                TrialId = first + i,
                Parameter = Parameter.CreateNestedParameter(),
                StartedAtUtc = DateTime.UtcNow,
            };
            trial.Parameter = tuner.Propose(trial);
            monitor?.ReportRunningTrial(trial);
            try
            {
                channel.Trace(MessageSensitivity.Unknown, "{0}", $"trial setting - {JsonSerializer.Serialize(trial)}");
                // As in the real one, a trial's end disposes the runner, also one that runs the next trial.
                using ITrialRunner runner = _runner ?? CreatePipelineRunner();
                TrialResult result = await runner.RunAsync(trial, stop.Token);
                result.TrialSettings.EndedAtUtc = DateTime.UtcNow;
                monitor?.ReportCompletedTrial(result);
                tuner.Update(result);
                checkpoint?.Add(result);
                if (result.Loss < (_best?.Loss ?? double.MaxValue))
                {
                    _best = result;
                    monitor?.ReportBestTrial(result);
                }
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                trial.EndedAtUtc = DateTime.UtcNow;
                monitor?.ReportFailTrial(trial, e);
                var result = new TrialResult { TrialSettings = trial, Loss = double.MaxValue };
                tuner.Update(result);
                checkpoint?.Add(result);
                if (e is not OperationCanceledException and not OutOfMemoryException && _best is null)
                {
                    throw;
                }
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                break;
            }
        }

        checkpoint?.Save();
        return _best ?? throw new TimeoutException(
            "Training time finished without completing a successful trial. "
            + "Either no trial completed or the metric for all completed trials are NaN or Infinity");
    }

    private PipelineTrialRunner CreatePipelineRunner() =>
        new(new MLContext(_context.GetSeed()), Pipeline, Dataset, Metric);

    public class AutoMLExperimentSettings : ExperimentSettings
    {
        public AutoMLExperimentSettings()
        {
        }

        public int? Seed { get; set; }

        public SearchSpace.SearchSpace SearchSpace { get; set; }
    }
}
