using System.Diagnostics;
using Microsoft.ML.AudioTransformers.Evaluation;
using Microsoft.ML.AutoML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>Fits and evaluates a pipeline at points of its search space, each in a context of its own.</summary>
internal sealed class TrialFitting(
    MLContext mlContext, SweepablePipeline pipeline, AudioSweep.Options options, SweepData data, IChannel channel)
{
    /// <summary>Runs one trial.</summary>
    /// <returns>The trial, and its model; null over folds, each of which has its own.</returns>
    /// <exception cref="OperationCanceledException">The token was canceled: the trial has no result.</exception>
    public (AudioSweepTrial Trial, ITransformer? Model) Run(
        int id, Parameter parameters, MedianPruning? pruning, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        MLContext context = CreateContext();
        using var running = new RunningTrial(context, id, pruning?.Of(parameters), cancellationToken);
        double metric = double.NaN;
        ITransformer? model = null;
        string? message = null;
        try
        {
            (metric, model) = Evaluate(context, parameters, running);
            message = double.IsFinite(metric) ? null : $"The metric is {metric}.";
        }
        catch (Exception e) when (e is not OperationCanceledException and not OutOfMemoryException)
        {
            message = e.Message;
        }

        // A canceled trainer returns the model so far: no result of the trial.
        cancellationToken.ThrowIfCancellationRequested();
        return (new AudioSweepTrial
        {
            Id = id,
            Parameters = parameters,
            MetricName = options.Metric.MetricName,
            State = message is not null ? AudioSweepTrialState.Failed
                : running.IsPruned ? AudioSweepTrialState.Pruned : AudioSweepTrialState.Completed,
            Metric = message is null ? metric : null,
            DurationInMilliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds,
            ValidationAccuracies = [.. running.ValidationAccuracies],
            Message = message,
        }, model);
    }

    /// <summary>Fits a trial's pipeline once more, as the trial did; over folds, on all rows.</summary>
    public ITransformer Fit(AudioSweepTrial trial)
    {
        MLContext context = CreateContext();
        using var running = new RunningTrial(context, trial.Id, pruning: null, CancellationToken.None);
        return Fit(context, trial.Parameters, data.Training, (data as SweepData.Split)?.ValidationSet, running).Model;
    }

    private (double Metric, ITransformer? Model) Evaluate(MLContext context, Parameter parameters, RunningTrial running)
    {
        if (data is SweepData.Split split)
        {
            (ITransformer model, IDataView? scored) =
                Fit(context, parameters, split.TrainSet, split.ValidationSet, running);
            return (options.Metric.Evaluate(context, scored!), model);
        }

        var folds = (SweepData.Folds)data;
        FoldMetrics<double> metrics = FoldCrossValidation.Run(
            context,
            folds.Data,
            pipeline.BuildFromOption(context, parameters),
            folds.FoldColumnName,
            scored => options.Metric.Evaluate(context, scored),
            keepModels: false);
        return (metrics.Average(metric => metric), null);
    }

    // Step by step, not as a chain, so that a trainer can validate on rows that the steps before it have made.
    private (ITransformer Model, IDataView? Scored) Fit(
        MLContext context, Parameter parameters, IDataView training, IDataView? validation, RunningTrial running)
    {
        List<ITransformer> fitted = [];
        foreach (string name in PipelinePath.Estimators(parameters))
        {
            running.Validation = validation;
            ITransformer transformer = pipeline.Estimators[name]
                .BuildFromOption(context, parameters[name])
                .Fit(training);
            fitted.Add(transformer);
            training = transformer.Transform(training);
            validation = validation is null ? null : transformer.Transform(validation);
        }

        return (new TransformerChain<ITransformer>([.. fitted]), validation);
    }

    private MLContext CreateContext()
    {
        var context = new MLContext(options.Seed)
        {
            GpuDeviceId = mlContext.GpuDeviceId,
            FallbackToCpu = mlContext.FallbackToCpu,
            TempFilePath = mlContext.TempFilePath,
        };
        context.Log += (_, entry) =>
        {
            switch (entry.Kind)
            {
                case ChannelMessageKind.Warning or ChannelMessageKind.Error:
                    channel.Warning(MessageSensitivity.Unknown, "{0}", entry.RawMessage);
                    break;
                case ChannelMessageKind.Info:
                    channel.Info(MessageSensitivity.Unknown, "{0}", entry.RawMessage);
                    break;
                default:
                    break;
            }
        };
        return context;
    }
}

/// <summary>Data that trials are trained and evaluated on.</summary>
internal abstract record SweepData
{
    /// <summary>Rows that the best model is fitted on where no trial kept it.</summary>
    public abstract IDataView Training { get; }

    /// <summary>A training set and a validation set.</summary>
    public sealed record Split(IDataView TrainSet, IDataView ValidationSet) : SweepData
    {
        public override IDataView Training => TrainSet;
    }

    /// <summary>Rows with a column of folds, for cross-validation.</summary>
    public sealed record Folds(IDataView Data, string FoldColumnName) : SweepData
    {
        public override IDataView Training => Data;
    }
}
