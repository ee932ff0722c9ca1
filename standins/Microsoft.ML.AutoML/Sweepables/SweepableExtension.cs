namespace Microsoft.ML.AutoML;

public static class SweepableExtension
{
    public static SweepablePipeline Append(this IEstimator<ITransformer> estimator, SweepableEstimator estimator1) =>
        Start(Fixed(estimator)).Append(estimator1);

    public static SweepablePipeline Append(
        this IEstimator<ITransformer> estimator, params SweepableEstimator[] estimators) =>
        Start(Fixed(estimator)).Append(estimators);

    public static SweepablePipeline Append(this IEstimator<ITransformer> estimator, SweepablePipeline pipeline) =>
        Start(Fixed(estimator)).Append(pipeline);

    public static SweepablePipeline Append(this SweepableEstimator estimator, params SweepableEstimator[] estimators) =>
        Start(estimator).Append(estimators);

    public static SweepablePipeline Append(this SweepableEstimator estimator, SweepablePipeline estimator1) =>
        Start(estimator).Append(estimator1);

    public static SweepablePipeline Append(
        this SweepableEstimator estimator, IEstimator<ITransformer> estimator1) =>
        Start(estimator).Append(Fixed(estimator1));

    public static SweepablePipeline Append(this SweepablePipeline pipeline, IEstimator<ITransformer> estimator) =>
        pipeline.Append(Fixed(estimator));

    private static SweepablePipeline Start(SweepableEstimator estimator) => new SweepablePipeline().Append([estimator]);

    private static SweepableEstimator Fixed(IEstimator<ITransformer> estimator) =>
        new((_, _) => estimator, new SearchSpace.SearchSpace());
}
