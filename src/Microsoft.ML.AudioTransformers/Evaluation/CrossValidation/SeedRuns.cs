using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Evaluation;

/// <summary>The same training from several seeds.</summary>
internal static class SeedRuns
{
    /// <summary>For each seed, makes and fits an estimator in a context with that seed, and evaluates its model.</summary>
    /// <param name="mlContext">Context; those of the seeds have its device.</param>
    /// <param name="trainingSet">Rows to fit on.</param>
    /// <param name="testSet">Rows to evaluate on.</param>
    /// <param name="estimator">Maker of the estimator in a context.</param>
    /// <param name="seeds">Seeds, at least two, none twice.</param>
    /// <param name="evaluate">Metrics of scored rows.</param>
    /// <param name="keepModels">Whether the models are kept; otherwise each is disposed after its evaluation.</param>
    /// <exception cref="ArgumentException">There are fewer than two seeds, or one is there twice.</exception>
    public static SeedMetrics<TMetrics> Run<TMetrics>(
        MLContext mlContext,
        IDataView trainingSet,
        IDataView testSet,
        Func<MLContext, IEstimator<ITransformer>> estimator,
        IEnumerable<int> seeds,
        Func<IDataView, TMetrics> evaluate,
        bool keepModels)
    {
        ArgumentNullException.ThrowIfNull(trainingSet);
        ArgumentNullException.ThrowIfNull(testSet);
        ArgumentNullException.ThrowIfNull(estimator);
        int[] all = [.. seeds ?? throw new ArgumentNullException(nameof(seeds))];
        if (all.Length < 2 || all.Distinct().Count() < all.Length)
        {
            throw new ArgumentException(
                $"The seeds are {string.Join(", ", all)}; expected at least two, none of them twice.", nameof(seeds));
        }

        IHost host = ((IHostEnvironment)mlContext).Register("SeedRuns");
        using IChannel channel = host.Start("TrainOverSeeds");
        var results = new List<SeedResult<TMetrics>>();
        foreach (int seed in all)
        {
            channel.Info(MessageSensitivity.None, "Seed {0}, {1} of {2}.", seed, results.Count + 1, all.Length);
            var context = new MLContext(seed)
            {
                GpuDeviceId = mlContext.GpuDeviceId,
                FallbackToCpu = mlContext.FallbackToCpu,
            };
            ITransformer model = estimator(context).Fit(trainingSet);
            results.Add(new SeedResult<TMetrics>(seed, evaluate(model.Transform(testSet)), keepModels ? model : null));
            if (!keepModels)
            {
                (model as IDisposable)?.Dispose();
            }
        }

        return new SeedMetrics<TMetrics>(results);
    }
}
