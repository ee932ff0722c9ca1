using Microsoft.ML.AutoML;
using Microsoft.ML.Runtime;
using Microsoft.ML.SearchSpace;
using Space = Microsoft.ML.SearchSpace.SearchSpace;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>
/// Runs trials of a sweep beside other workers on the same folder, until all have a result: claims one that nobody runs, runs
/// it, writes its result. What a dead worker had begun is begun again by another.
/// </summary>
internal sealed class SweepWorker
{
    // Between two looks at what others do: from the first, half as long again each time, to the last or a sixth of a lease.
    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_lastWait = TimeSpan.FromSeconds(5);

    private readonly MLContext _mlContext;
    private readonly TrialFitting _fitting;
    private readonly SweepFolder _folder;
    private readonly AudioSweep.Options _options;
    private readonly SweepData _data;
    private readonly IChannel _channel;
    private readonly Space _space;
    private readonly TrialClaims _claims;

    /// <summary>Trials whose points are known beforehand, by number; null where each follows from the results so far.</summary>
    private readonly IReadOnlyDictionary<int, Parameter>? _points;

    /// <param name="mlContext">The context that models are saved by.</param>
    /// <param name="fitting">Runs a trial.</param>
    /// <param name="folder">The folder that all workers share.</param>
    /// <param name="options">Options, the same of all workers.</param>
    /// <param name="data">Data that trials are trained and evaluated on.</param>
    /// <param name="channel">Told of the trials.</param>
    /// <param name="space">Search space of the sweep.</param>
    /// <param name="proposals">All trials, where they are known beforehand; or null.</param>
    public SweepWorker(
        MLContext mlContext,
        TrialFitting fitting,
        SweepFolder folder,
        AudioSweep.Options options,
        SweepData data,
        IChannel channel,
        Space space,
        IReadOnlyList<TrialProposal>? proposals)
    {
        (_mlContext, _fitting, _folder, _options, _data, _channel, _space) =
            (mlContext, fitting, folder, options, data, channel, space);
        _claims = new TrialClaims(options.Folder, TimeSpan.FromSeconds(options.LeaseInSeconds));
        _points = proposals?.ToDictionary(proposal => proposal.Id, proposal => proposal.Parameters);
    }

    /// <summary>Runs trials until each has a result.</summary>
    /// <exception cref="InvalidDataException">The folder has another sweep's trials.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public void Run(CancellationToken cancellationToken)
    {
        TimeSpan wait = s_firstWait;
        TimeSpan longest = TimeSpan.FromSeconds(Math.Clamp(
            _options.LeaseInSeconds / 6.0, s_firstWait.TotalSeconds, s_lastWait.TotalSeconds));
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _folder.Refresh();
            int[] open = [.. Numbers().Where(id => !_folder.Contains(id))];
            if (open.Length == 0)
            {
                return;
            }

            IReadOnlyDictionary<int, int> last = _claims.LastNumbers();
            if (open.Any(id => RunIfFree(id, last.GetValueOrDefault(id), cancellationToken)))
            {
                wait = s_firstWait;
                continue;
            }

            cancellationToken.WaitHandle.WaitOne(wait);
            wait = wait * 1.5 < longest ? wait * 1.5 : longest;
        }
    }

    private IEnumerable<int> Numbers() => _points?.Keys ?? Enumerable.Range(0, _options.Trials);

    /// <returns>Whether the trial was claimed, so that what is open is looked up anew.</returns>
    private bool RunIfFree(int id, int last, CancellationToken cancellationToken)
    {
        using TrialClaim? claim = _claims.TryClaim(id, last);
        if (claim is null)
        {
            return false;
        }

        // Its worker may have written the result, and removed its claim, since the folder was read.
        _folder.Refresh();
        if (!_folder.Contains(id))
        {
            Run(id, PointOf(id), claim, cancellationToken);
        }

        claim.Dispose();
        if (_folder.Contains(id))
        {
            TrialClaims.Remove(_options.Folder, id);
        }

        return true;
    }

    private void Run(int id, Parameter parameters, TrialClaim claim, CancellationToken cancellationToken)
    {
        Report($"trial {id} starts: {parameters}");
        var pruning = MedianPruning.Create(_options, _data, _folder.Trials);
        (AudioSweepTrial trial, ITransformer? model) = _fitting.Run(id, parameters, pruning, cancellationToken);
        using var disposed = model as IDisposable;
        bool isLost = claim.IsLost;
        _folder.Refresh();
        if (isLost || _folder.Contains(id))
        {
            Report($"trial {id} was silent for more than {_options.LeaseInSeconds} s, and another worker runs it");
            return;
        }

        // The model first: a trial with a result is never without its model, whoever removes those that are not the best.
        if (model is not null && trial.Metric is not null && (_options.KeepModels || _folder.IsBest(trial)))
        {
            SweepFolder.SaveModel(_mlContext, model, _data.Training.Schema, _folder.ModelPath(id));
        }

        _folder.Add(trial);
        _folder.Refresh();
        _folder.RemoveModelsButTheBest();
        if (trial.State == AudioSweepTrialState.Failed)
        {
            _channel.Warning(MessageSensitivity.Unknown, "{0}", $"trial {id} failed: {trial.Message}");
        }
        else
        {
            Report($"trial {id} {trial.State}: {_options.Metric.MetricName} {trial.Metric:0.####}");
        }
    }

    // Only the worker with the claim comes here, so that a trial's point is chosen once.
    private Parameter PointOf(int id)
    {
        string path = _folder.OptionsPath(id);
        TrialProposal? begun = File.Exists(path) ? SweepFolder.ReadProposal(path) : null;
        if (_points?[id] is { } known)
        {
            if (begun is not null && begun.Parameters.ToString() != known.ToString())
            {
                throw new InvalidDataException(
                    $"'{path}' has another point than this sweep's trial {id}: seed, tuner or search space differ. "
                    + "Each sweep needs a folder of its own.");
            }

            if (begun is null)
            {
                SweepFolder.WriteProposal(new TrialProposal(id, known), path);
            }

            return known;
        }

        if (begun is null)
        {
            begun = Propose(id);
            SweepFolder.WriteProposal(begun, path);
        }
        else
        {
            Check(begun, id);
        }

        return begun.Parameters;
    }

    private TrialProposal Propose(int id)
    {
        List<(double[] Point, double Loss)> ended = [];
        HashSet<string> taken = [];
        for (int other = 0; other < _options.Trials; other++)
        {
            if (File.Exists(_folder.OptionsPath(other)))
            {
                TrialProposal proposal = SweepFolder.ReadProposal(_folder.OptionsPath(other));
                double[] point = Check(proposal, other);
                taken.Add(proposal.Parameters.ToString());
                if (_folder.Trials.FirstOrDefault(trial => trial.Id == other)?.Metric is double metric)
                {
                    ended.Add((point, _options.Metric.IsMaximize ? -metric : metric));
                }
            }
        }

        (Parameter parameter, double[] proposed) = new SharedTuner(_space, _options.Seed).Propose(
            id, ended, parameter => taken.Contains(Taken(parameter).ToString()));
        return new TrialProposal(id, Taken(parameter)) { Point = proposed };
    }

    private double[] Check(TrialProposal proposal, int id) =>
        proposal is { Parameters: not null, Point: { } point } && proposal.Id == id && point.Length == _space.FeatureSpaceDim
        && Array.TrueForAll(point, double.IsFinite)
            ? point
            : throw new InvalidDataException(
                $"'{_folder.OptionsPath(id)}' is no trial {id} of this sweep: expected a point of {_space.FeatureSpaceDim} "
                + $"numbers, as {AudioSweepTuner.CostFrugal} has. Each sweep needs a folder of its own.");

    private static Parameter Taken(Parameter parameter) => PipelinePath.Taken(parameter[AudioSweep.PipelineKey]);

    private void Report(FormattableString message) =>
        _channel.Info(MessageSensitivity.Unknown, "{0}", FormattableString.Invariant(message));
}
