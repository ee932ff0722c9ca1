using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Options of optimization, in addition to learning rate and weight decay: loss, precision, gradient accumulation, weight
/// averaging, early stopping.
/// </summary>
public sealed class AudioOptimizationOptions : IOptionGroup
{
    /// <summary>Loss function of a classifier; the other tasks have their own. Default: cross-entropy.</summary>
    public AudioLossFunction Loss = AudioLossFunction.CrossEntropy;

    /// <summary>
    /// Label smoothing. Share of the target that is spread evenly over all classes, 0 to less than 1. Default: 0.
    /// Source: Szegedy et al., "Rethinking the Inception Architecture" (2016), section 7.
    /// </summary>
    [Between(0, 1, IsBelowMaximum = true)]
    public double LabelSmoothing;

    /// <summary>
    /// Class weights of the loss: one number above 0 for each class, in the order of the label's keys; null for equal weights.
    /// Default: null.
    /// </summary>
    [Positive]
    public float[]? ClassWeights;

    /// <summary>
    /// Precision of the layers in training; the weights stay in float32 in each. Default:
    /// <see cref="AudioPrecision.Auto"/>, bfloat16 where it is faster and right.
    /// </summary>
    [SweptChoice]
    public AudioPrecision Precision = AudioPrecision.Auto;

    /// <summary>
    /// Gradient checkpointing. Whether each block of the model stores only its input for the backward pass, and is computed again
    /// there. The gradients are the same; training needs far less memory and about a third more time. Default: false.
    /// Source: Chen et al., "Training Deep Nets with Sublinear Memory Cost" (2016).
    /// </summary>
    [JsonIgnore] // A run can be resumed with the other value: it changes memory and time, and no result.
    public bool GradientCheckpointing;

    /// <summary>
    /// Gradient accumulation. Number of parts into which each batch is split, 1 to the batch size. The gradients add up to those
    /// of the whole batch, and training needs less memory. Batch normalization uses the statistics of each part. Default: 1.
    /// </summary>
    [Whole(1)]
    public int AccumulationSteps = 1;

    /// <summary>
    /// Gradient clipping. Maximum L2 norm of all gradients together, above 0; gradients above it are scaled down. 0 for no limit.
    /// Default: 0, as in the papers' code.
    /// </summary>
    [NotNegative]
    public double GradientClipNorm;

    /// <summary>
    /// Parameters without weight decay. Default: none, as in the code of AST, PaSST and HTS-AT. Swin and DAT exclude all four
    /// kinds.
    /// </summary>
    public WeightDecayExclusions WeightDecayExclusions = WeightDecayExclusions.None;

    /// <summary>
    /// Layer-wise learning rate decay. Factor of the learning rate from each layer to the one before it, above 0 to 1; the head
    /// has the full rate. Default: 1. Source: Clark et al., "ELECTRA" (2020), appendix A.
    /// </summary>
    [Between(0, 1, IsAboveMinimum = true)]
    public double LayerDecay = 1;

    /// <summary>
    /// Linear probing. Whether only the head is trained, on a frozen backbone; patchout is then off. Without augmentation, the
    /// backbone computes its output for each clip once and keeps it in memory, so that epochs take very little time.
    /// Default: false.
    /// </summary>
    public bool FreezeBackbone;

    /// <summary>
    /// Exponential moving average (EMA) of the weights. Its decay, 0 to less than 1; it is updated after each step. The averaged
    /// weights are validated, and <c>Fit</c> returns them. 0 for none. Default: 0. A common value is 0.999.
    /// </summary>
    [Between(0, 1, IsBelowMaximum = true)]
    public double ExponentialAverageDecay;

    /// <summary>
    /// Stochastic weight averaging (SWA). First epoch, counted from 1, at whose end the weights are added to the average. The
    /// averaged weights are validated, and <c>Fit</c> returns them. 0 for none. Default: 0. PaSST's AudioSet recipe uses 49.
    /// Source: Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization" (2018).
    /// </summary>
    [Whole(0)]
    public int WeightAveragingFirstEpoch;

    /// <summary>Stochastic weight averaging. Epochs between updates of the average, 1 or more. Default: 5 (PaSST's recipes).
    /// </summary>
    [Whole(1)]
    public int WeightAveragingEveryEpochs = 5;

    /// <summary>
    /// Patience of early stopping. Epochs without a better <see cref="EarlyStoppingMetric"/> after which training stops, 1 or
    /// more; <c>Fit</c> then returns the best epoch's weights. 0 for never. Default: 0.
    /// </summary>
    [Whole(0)]
    public int EarlyStoppingPatience;

    /// <summary>
    /// Metric of early stopping, which decides which epoch is the best. A canceled training returns the best epoch's weights if
    /// the metric was measured. Default: the validation set's accuracy.
    /// </summary>
    public AudioEarlyStoppingMetric EarlyStoppingMetric = AudioEarlyStoppingMetric.ValidationAccuracy;

    /// <summary>
    /// Data-parallel training: <c>DistributedOptions.Mpi()</c> or <c>DistributedOptions.Nccl()</c>; null for one process.
    /// Default: null.
    /// </summary>
    [JsonIgnore] // A run can be resumed with another number of ranks.
    public DistributedOptions? Distributed;

    void IOptionGroup.CheckTogether(string prefix)
    {
        OptionCheck.That(
            !GradientCheckpointing || !FreezeBackbone, GradientCheckpointing, prefix + nameof(GradientCheckpointing),
            $"false, since {nameof(FreezeBackbone)} leaves no gradients to compute in the blocks");
        OptionCheck.That(
            WeightAveragingFirstEpoch == 0 || ExponentialAverageDecay == 0,
            WeightAveragingFirstEpoch, prefix + nameof(WeightAveragingFirstEpoch),
            $"0, since {nameof(ExponentialAverageDecay)} is {ExponentialAverageDecay}");
    }

    /// <summary>Checks against the trainer's other options.</summary>
    internal void CheckWith(int batchSize, bool hasValidationSet, string prefix)
    {
        OptionCheck.That(
            AccumulationSteps <= batchSize, AccumulationSteps, prefix + nameof(AccumulationSteps),
            $"1 to the batch size, {batchSize}");
        bool needsValidation = EarlyStoppingMetric is AudioEarlyStoppingMetric.ValidationAccuracy
            or AudioEarlyStoppingMetric.ValidationLoss or AudioEarlyStoppingMetric.ValidationMeanAveragePrecision;
        OptionCheck.That(
            EarlyStoppingPatience == 0 || hasValidationSet || !needsValidation,
            EarlyStoppingPatience, prefix + nameof(EarlyStoppingPatience),
            $"0, since there is no {nameof(AudioTrainerOptions.ValidationSet)} to measure {EarlyStoppingMetric} on");
    }
}

/// <summary>Loss function of a classifier.</summary>
public enum AudioLossFunction
{
    /// <summary>Cross-entropy: the negative logarithm of the correct class's softmax.</summary>
    CrossEntropy,

    /// <summary>
    /// Binary cross-entropy: a sigmoid for each class, and the mean of their binary cross-entropies, as in AudioSet's recipes.
    /// The trained model's scores still are a softmax.
    /// </summary>
    BinaryCrossEntropy,
}

/// <summary>Metric of early stopping and of the best epoch.</summary>
public enum AudioEarlyStoppingMetric
{
    /// <summary><see cref="AudioTrainingMetrics.ValidationAccuracy"/>, the higher the better.</summary>
    ValidationAccuracy,

    /// <summary><see cref="AudioTrainingMetrics.ValidationLoss"/>, the lower the better.</summary>
    ValidationLoss,

    /// <summary><see cref="AudioTrainingMetrics.Accuracy"/>, the higher the better.</summary>
    TrainingAccuracy,

    /// <summary><see cref="AudioTrainingMetrics.Loss"/>, the lower the better.</summary>
    TrainingLoss,

    /// <summary><see cref="AudioTrainingMetrics.ValidationMeanAveragePrecision"/>, the higher the better.</summary>
    ValidationMeanAveragePrecision,
}

/// <summary>Kinds of parameters that can be excluded from weight decay.</summary>
[Flags]
public enum WeightDecayExclusions
{
    /// <summary>All parameters decay.</summary>
    None = 0,

    /// <summary>Biases, except those of normalizations.</summary>
    Biases = 1,

    /// <summary>Weights and biases of layer and batch normalizations.</summary>
    Normalizations = 2,

    /// <summary>Position embeddings and relative position biases.</summary>
    Positions = 4,

    /// <summary>Class and distillation tokens.</summary>
    Tokens = 8,

    /// <summary>All of these.</summary>
    All = Biases | Normalizations | Positions | Tokens,
}
