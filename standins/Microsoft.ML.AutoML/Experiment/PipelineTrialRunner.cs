using System.Diagnostics;
using Microsoft.ML.Data;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AutoML;

/// <summary>Fits a pipeline at a point of its search space and evaluates it, on a validation set or over folds.</summary>
internal sealed class PipelineTrialRunner(
    MLContext context, SweepablePipeline pipeline, IDatasetManager dataset, IEvaluateMetricManager metric) : ITrialRunner
{
    public Task<TrialResult> RunAsync(TrialSettings settings, CancellationToken ct)
    {
        using CancellationTokenRegistration registration = ct.Register(context.Cancel);
        try
        {
            return Task.FromResult(Run(settings));
        }
        catch (Exception e) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e.InnerException);
        }
    }

    public void Dispose() => context.Cancel();

    private TrialResult Run(TrialSettings settings)
    {
        long start = Stopwatch.GetTimestamp();
        Parameter parameter = settings.Parameter[AutoMLExperiment.PipelineSearchSpaceName];
        (ITransformer Model, double Metric)[] fits = [.. Splits(settings).Select(split =>
        {
            TransformerChain<ITransformer> model = pipeline.BuildFromOption(context, parameter).Fit(split.Train);
            return ((ITransformer)model, metric.Evaluate(context, model.Transform(split.Validation)));
        })];
        double mean = fits.Average(fit => fit.Metric);
        return new TrialResult
        {
            TrialSettings = settings,
            Model = fits[0].Model,
            Metric = mean,
            Loss = metric.IsMaximize ? -mean : mean,
            DurationInMilliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds,
        };
    }

    private IEnumerable<(IDataView Train, IDataView Validation)> Splits(TrialSettings settings) => dataset switch
    {
        ITrainValidateDatasetManager sets =>
            [(sets.LoadTrainDataset(context, settings), sets.LoadValidateDataset(context, settings))],
        ICrossValidateDatasetManager folds => context.Data
            .CrossValidationSplit(folds.Dataset, folds.Fold, folds.SamplingKeyColumnName)
            .Select(split => (split.TrainSet, split.TestSet)),
        _ => throw new ArgumentException(
            "IDatasetManager must be either ITrainTestDatasetManager or ICrossValidationDatasetManager"),
    };
}
