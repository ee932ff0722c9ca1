using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Options of the optimizer's steps, beside learning rate and weight decay: loss, precision, accumulation, averaging, early stopping.</summary>
public sealed class AudioOptimizationOptions : IOptionGroup
{
    /// <summary>Loss function. Default: cross-entropy, for clips of one class each.</summary>
    public AudioLossFunction Loss = AudioLossFunction.CrossEntropy;

    /// <summary>
    /// Label smoothing. The share of every target that is spread over all classes, 0 to less than 1. Default: 0.
    /// Source: Szegedy et al., "Rethinking the Inception Architecture" (2016), section 7.
    /// </summary>
    [Between(0, 1, IsBelowMaximum = true)]
    public double LabelSmoothing;

    /// <summary>
    /// Class weights of the loss: one number above 0 a class, in the order of the label's keys; null for
    /// all the same. Default: null.
    /// </summary>
    [Positive]
    public float[]? ClassWeights;

    /// <summary>
    /// Precision of the layers in training. Default: full, that is float32. Mixed bfloat16 takes less time on
    /// processors that have it and on GPUs; the weights stay in float32, and the trained model scores in float32.
    /// </summary>
    [SweptChoice]
    public AudioTrainingPrecision Precision = AudioTrainingPrecision.Full;

    /// <summary>
    /// Gradient checkpointing. Whether each block of the model keeps its input alone for the backward pass, in which it is computed again: the same
    /// gradients from far less memory, in about a third more time. Default: false. Source: Chen et al., "Training Deep Nets
    /// with Sublinear Memory Cost" (2016).
    /// </summary>
    [JsonIgnore] // It changes memory and time, and no result.
    public bool GradientCheckpointing;

    /// <summary>
    /// Gradient accumulation. Passes in which the clips of a step go through the model, 1 to the batch size: the
    /// gradients add up to those of the whole batch and take less memory. Batch normalization sees the parts.
    /// Default: 1.
    /// </summary>
    [Whole(1)]
    public int AccumulationSteps = 1;

    /// <summary>
    /// Gradient clipping. The greatest norm of all gradients together, above 0; greater ones are scaled down; 0 for no limit.
    /// Default: 0, as in the papers' code.
    /// </summary>
    [NotNegative]
    public double GradientClipNorm;

    /// <summary>
    /// Parameters without weight decay. Default: none, as in the code of AST, PaSST and HTS-AT; Swin and DAT
    /// have all four.
    /// </summary>
    public WeightDecayExclusions WeightDecayExclusions = WeightDecayExclusions.None;

    /// <summary>
    /// Layer-wise learning rate decay. By what the learning rate shrinks from each layer to the one before it, above 0 to 1; the head has the full
    /// rate. Default: 1. Source: Clark et al., "ELECTRA" (2020), appendix A.
    /// </summary>
    [Between(0, 1, IsAboveMinimum = true)]
    public double LayerDecay = 1;

    /// <summary>
    /// Linear probe. Whether the head alone is trained, on a frozen backbone; patchout is off then. Where
    /// nothing happens to clips by chance, the backbone sees each clip once and its output is kept in memory, so that
    /// further epochs take next to no time. Default: false.
    /// </summary>
    public bool FreezeBackbone;

    /// <summary>
    /// Decay of an exponential moving average of the weights (EMA), 0 to less than 1, updated after each step: it is what
    /// is validated and what <c>Fit</c> returns. 0 for none. Default: 0; 0.999 is common.
    /// </summary>
    [Between(0, 1, IsBelowMaximum = true)]
    public double ExponentialAverageDecay;

    /// <summary>
    /// Stochastic weight averaging (SWA). The first epoch, counted from 1, whose weights at its end enter the mean that is validated and that <c>Fit</c>
    /// returns; 0 for none. Default: 0; PaSST's AudioSet recipe has 49. Source: Izmailov et al., "Averaging Weights
    /// Leads to Wider Optima and Better Generalization" (2018).
    /// </summary>
    [Whole(0)]
    public int WeightAveragingFirstEpoch;

    /// <summary>Epochs from one that enters that mean to the next, 1 or more. Default: 5 (PaSST's recipes).</summary>
    [Whole(1)]
    public int WeightAveragingEveryEpochs = 5;

    /// <summary>
    /// Patience of early stopping. Epochs without a better <see cref="EarlyStoppingMetric"/> after which training stops and <c>Fit</c> returns the best
    /// epoch's weights, 1 or more; 0 for never. Default: 0.
    /// </summary>
    [Whole(0)]
    public int EarlyStoppingPatience;

    /// <summary>
    /// Metric of early stopping, by which an epoch is the best. A canceled training returns the best epoch's weights if this could be measured.
    /// Default: the validation set's accuracy.
    /// </summary>
    public AudioEarlyStoppingMetric EarlyStoppingMetric = AudioEarlyStoppingMetric.ValidationAccuracy;

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

    /// <summary>Checks what depends on the trainer's other options.</summary>
    internal void CheckWith(int batchSize, bool hasValidationSet)
    {
        OptionCheck.That(
            AccumulationSteps <= batchSize, AccumulationSteps, Name(nameof(AccumulationSteps)), $"1 to the batch size, {batchSize}");
        bool needsValidation = EarlyStoppingMetric is AudioEarlyStoppingMetric.ValidationAccuracy
            or AudioEarlyStoppingMetric.ValidationLoss or AudioEarlyStoppingMetric.ValidationMeanAveragePrecision;
        OptionCheck.That(
            EarlyStoppingPatience == 0 || hasValidationSet || !needsValidation,
            EarlyStoppingPatience, Name(nameof(EarlyStoppingPatience)),
            $"0, since there is no {nameof(AudioTrainerOptions.ValidationSet)} to measure {EarlyStoppingMetric} on");
    }

    private static string Name(string option) => $"{nameof(AudioTrainerOptions.Optimization)}.{option}";
}

/// <summary>Loss function of a classifier.</summary>
public enum AudioLossFunction
{
    /// <summary>The negative logarithm of the right class's softmax.</summary>
    CrossEntropy,

    /// <summary>
    /// The mean over the classes of a binary cross-entropy each, on sigmoids, as AudioSet's recipes have it. The trained
    /// model's scores still are a softmax.
    /// </summary>
    BinaryCrossEntropy,
}

/// <summary>Precision of a network's layers in training.</summary>
public enum AudioTrainingPrecision
{
    /// <summary>All in float32.</summary>
    Full,

    /// <summary>
    /// Linear layers and attention in bfloat16; weights, sums over layers, normalizations and losses in float32.
    /// </summary>
    MixedBFloat16,
}

/// <summary>Metric by which the best epoch is chosen and training stops early.</summary>
public enum AudioEarlyStoppingMetric
{
    /// <summary><see cref="AudioTrainingMetrics.ValidationAccuracy"/>, the higher the better.</summary>
    ValidationAccuracy,

    /// <summary><see cref="AudioTrainingMetrics.ValidationLoss"/>, the lower the better.</summary>
    ValidationLoss,

    /// <summary><see cref="AudioTrainingMetrics.Accuracy"/>, the higher the better.</summary>
    Accuracy,

    /// <summary><see cref="AudioTrainingMetrics.Loss"/>, the lower the better.</summary>
    Loss,

    /// <summary><see cref="AudioTrainingMetrics.ValidationMeanAveragePrecision"/>, the higher the better.</summary>
    ValidationMeanAveragePrecision,
}

/// <summary>Kinds of parameters that can go without weight decay.</summary>
[Flags]
public enum WeightDecayExclusions
{
    /// <summary>All parameters decay.</summary>
    None = 0,

    /// <summary>What is added, but for that of normalizations.</summary>
    Biases = 1,

    /// <summary>Weights and biases of layer and batch normalizations.</summary>
    Normalizations = 2,

    /// <summary>Position encodings and tables of relative positions.</summary>
    Positions = 4,

    /// <summary>Class and distillation tokens.</summary>
    Tokens = 8,

    /// <summary>All of these.</summary>
    All = Biases | Normalizations | Positions | Tokens,
}
