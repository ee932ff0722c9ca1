using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Trains by the limited-memory BFGS method.</summary>
public abstract class LbfgsTrainerBase<TOptions, TTransformer, TModel> : TrainerEstimatorBase<TTransformer, TModel>
    where TOptions : LbfgsTrainerBase<TOptions, TTransformer, TModel>.OptionsBase, new()
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private protected LbfgsTrainerBase(IHostEnvironment env, TOptions options, SchemaShape.Column label)
        : base(env.Register("Lbfgs"), FeaturesOf(options), label, WeightOf(options))
    {
        Contracts.CheckParam(
            options.L2Regularization >= 0, nameof(options.L2Regularization), "Must be non-negative");
        Contracts.CheckParam(
            options.L1Regularization >= 0, nameof(options.L1Regularization), "Must be non-negative");
        Contracts.CheckParam(
            options.OptimizationTolerance > 0, nameof(options.OptimizationTolerance), "Must be positive");
        Contracts.CheckParam(options.HistorySize > 0, nameof(options.HistorySize), "Must be positive");
        Contracts.CheckParam(
            options.MaximumNumberOfIterations > 0, nameof(options.MaximumNumberOfIterations), "Must be positive");
        TrainerOptions = options;
    }

    public override TrainerInfo Info { get; } = new(caching: true, supportIncrementalTrain: true);

    private protected TOptions TrainerOptions { get; }

    private static SchemaShape.Column FeaturesOf(TOptions options)
        => new(
            options.FeatureColumnName,
            SchemaShape.Column.VectorKind.Vector,
            NumberDataViewType.Single,
            isKey: false);

    private static SchemaShape.Column WeightOf(TOptions options)
        => options.ExampleWeightColumnName == null
            ? default
            : new(
                options.ExampleWeightColumnName,
                SchemaShape.Column.VectorKind.Scalar,
                NumberDataViewType.Single,
                isKey: false);

    public abstract class OptionsBase : TrainerInputBaseWithWeight
    {
        /// <summary>What the sum of the weights' squares, halved, adds to the loss.</summary>
        public float L2Regularization = 1;

        /// <summary>What the sum of the weights' sizes adds to the loss.</summary>
        public float L1Regularization = 1;

        /// <summary>Training ends when the mean improvement of the loss is less.</summary>
        public float OptimizationTolerance = 1e-7f;

        /// <summary>How many steps the estimate of the curvature remembers.</summary>
        public int HistorySize = 20;

        public int MaximumNumberOfIterations = int.MaxValue;

        protected OptionsBase()
        {
        }
    }
}
