using System.Globalization;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>
/// The trial that runs in a context: trainers that are built in that context join it, so that it can follow their epochs and end
/// them early. AutoML gives a factory the context and the parameters, nothing else.
/// </summary>
internal sealed class RunningTrial : IDisposable
{
    private static readonly ConditionalWeakTable<MLContext, RunningTrial> s_trials = [];

    private readonly MLContext _mlContext;
    private readonly int _id;
    private readonly PathPruning? _pruning;
    private readonly CancellationTokenSource _end;
    private readonly List<double> _validationAccuracies = [];
    private readonly List<CancellationTokenSource> _linked = [];

    /// <param name="mlContext">The trial's own context.</param>
    /// <param name="id">The trial's number.</param>
    /// <param name="pruning">Rule by which the trial ends early, or null.</param>
    /// <param name="cancellationToken">Ends the trial.</param>
    public RunningTrial(MLContext mlContext, int id, PathPruning? pruning, CancellationToken cancellationToken)
    {
        _mlContext = mlContext;
        _id = id;
        _pruning = pruning;
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        s_trials.Add(mlContext, this);
    }

    /// <summary>The validation rows, as far as the pipeline is fitted.</summary>
    public IDataView? Validation { get; set; }

    public IReadOnlyList<double> ValidationAccuracies => _validationAccuracies;

    public bool IsPruned { get; private set; }

    /// <summary>The trial that runs in a context, or null.</summary>
    public static RunningTrial? In(MLContext mlContext) =>
        s_trials.TryGetValue(mlContext, out RunningTrial? trial) ? trial : null;

    /// <summary>Makes a trainer with these options part of the trial.</summary>
    public void Join(AudioTrainerOptions options)
    {
        var linked = CancellationTokenSource.CreateLinkedTokenSource(options.CancellationToken, _end.Token);
        _linked.Add(linked);
        options.CancellationToken = linked.Token;
        options.ValidationSet ??= Validation;
        options.MetricsCallback += EpochEnded;

        // Checkpoints of one training run: not another trial's, and not another fold's.
        options.WorkspacePath = options.WorkspacePath is string workspace && Validation is not null
            ? Path.Combine(workspace, string.Create(CultureInfo.InvariantCulture, $"trial-{_id:D4}"))
            : null;
    }

    public void Dispose()
    {
        s_trials.Remove(_mlContext);
        _linked.ForEach(linked => linked.Dispose());
        _end.Dispose();
    }

    private void EpochEnded(AudioTrainingMetrics metrics)
    {
        // A training run that went on from a checkpoint has no values of the epochs before it, and none is made up.
        if ((metrics.ValidationMeanAveragePrecision ?? metrics.ValidationAccuracy) is not double accuracy
            || !metrics.IsEpochEnd
            || metrics.Epoch != _validationAccuracies.Count + 1)
        {
            return;
        }

        _validationAccuracies.Add(accuracy);
        if (metrics.Epoch < metrics.EpochCount && _pruning?.ShouldEnd(_validationAccuracies) == true)
        {
            IsPruned = true;
            _end.Cancel();
        }
    }
}
