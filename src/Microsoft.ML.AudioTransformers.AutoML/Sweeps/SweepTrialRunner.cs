using Microsoft.ML.AutoML;
using Microsoft.ML.Runtime;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>
/// Runs the trials that AutoML proposes. A point whose trial is in the folder already is not trained again: with one seed a tuner
/// proposes the same points, so a resumed sweep passes over what it had done.
/// </summary>
internal sealed class SweepTrialRunner : ITrialRunner
{
    private readonly MLContext _mlContext;
    private readonly TrialFitting _fitting;
    private readonly SweepFolder _folder;
    private readonly AudioSweep.Options _options;
    private readonly SweepData _data;
    private readonly IChannel _channel;
    private readonly MedianPruning? _pruning;

    public SweepTrialRunner(
        MLContext mlContext,
        TrialFitting fitting,
        SweepFolder folder,
        AudioSweep.Options options,
        SweepData data,
        IChannel channel)
    {
        _mlContext = mlContext;
        _fitting = fitting;
        _folder = folder;
        _options = options;
        _data = data;
        _channel = channel;
        _pruning = MedianPruning.Create(options, data, folder.Trials);
    }

    /// <summary>The best model of this run, while no trial of an earlier run is better.</summary>
    public (int Id, ITransformer Model)? Best { get; private set; }

    /// <summary>Why the last trial that failed did, or null.</summary>
    public string? LastFailure { get; private set; }

    public Task<TrialResult> RunAsync(TrialSettings settings, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Parameter parameters = PipelinePath.Taken(settings.Parameter[AudioSweep.PipelineKey]);
        AudioSweepTrial? trial = _folder.Find(parameters);
        if (trial is null)
        {
            trial = RunNew(_folder.NumberFor(settings.TrialId, parameters), parameters, ct);
        }
        else
        {
            Report($"trial {trial.Id} of an earlier run: {_options.Metric.MetricName} {trial.Metric:0.####}");
        }

        double loss = trial.Metric is double metric ? (_options.Metric.IsMaximize ? -metric : metric) : double.MaxValue;
        return Task.FromResult(new TrialResult
        {
            TrialSettings = settings,
            Metric = trial.Metric ?? double.NaN,
            Loss = loss,
            DurationInMilliseconds = trial.DurationInMilliseconds,
        });
    }

    /// <summary>AutoML disposes the runner after each trial, and uses it for the next.</summary>
    public void Dispose()
    {
    }

    private AudioSweepTrial RunNew(int id, Parameter parameters, CancellationToken cancellationToken)
    {
        Report($"trial {id} starts: {parameters}");
        (AudioSweepTrial trial, ITransformer? model) = _fitting.Run(id, parameters, _pruning, cancellationToken);
        _folder.Add(trial);
        if (trial.State == AudioSweepTrialState.Completed)
        {
            _pruning?.Of(parameters).Add(trial.ValidationAccuracies);
        }

        if (trial.State == AudioSweepTrialState.Failed)
        {
            LastFailure = trial.Message;
            _channel.Warning(MessageSensitivity.Unknown, "{0}", $"trial {id} failed: {trial.Message}");
        }
        else
        {
            string best = _folder.Best == trial ? ", the best so far" : "";
            Report($"trial {id} {trial.State}: {_options.Metric.MetricName} {trial.Metric:0.####}{best}");
        }

        if (model is not null && _folder.Best == trial)
        {
            _folder.SaveBestModel(_mlContext, model, _data.Training.Schema, id);
            (Best?.Model as IDisposable)?.Dispose();
            Best = (id, model);
        }
        else
        {
            (model as IDisposable)?.Dispose();
        }

        return trial;
    }

    private void Report(FormattableString message) =>
        _channel.Info(MessageSensitivity.Unknown, "{0}", FormattableString.Invariant(message));
}
