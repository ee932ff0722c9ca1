using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;

namespace Microsoft.ML.AudioTransformers;

/// <summary>How a trainer's steps are taken, beside learning rate and weight decay.</summary>
public sealed class AudioOptimizationOptions
{
    /// <summary>What training makes small. Default: cross-entropy, for clips of one class each.</summary>
    public AudioLossFunction Loss = AudioLossFunction.CrossEntropy;

    /// <summary>
    /// The share of every target that is spread over all classes, 0 to less than 1. Default: 0.
    /// Source: Szegedy et al., "Rethinking the Inception Architecture" (2016), section 7.
    /// </summary>
    public double LabelSmoothing;

    /// <summary>
    /// How much each class counts in the loss: one number above 0 a class, in the order of the label's keys; null for
    /// all the same. Default: null.
    /// </summary>
    public float[]? ClassWeights;

    /// <summary>
    /// In what the layers multiply while they train. Default: full, that is float32. Bfloat16 takes less time on
    /// processors that have it and on GPUs; the weights stay in float32, and the trained model scores in float32.
    /// </summary>
    public AudioTrainingPrecision Precision = AudioTrainingPrecision.Full;

    /// <summary>
    /// Whether each block of the model keeps its input alone for the backward pass, in which it is computed again: the same
    /// gradients from far less memory, in about a third more time. Default: false. Source: Chen et al., "Training Deep Nets
    /// with Sublinear Memory Cost" (2016).
    /// </summary>
    public bool GradientCheckpointing;

    /// <summary>
    /// In how many passes, one after another, the clips of a step go through the model, 1 to the batch size: the
    /// gradients add up to those of the whole batch and take less memory. Batch normalization sees the parts.
    /// Default: 1.
    /// </summary>
    public int AccumulationSteps = 1;

    /// <summary>
    /// The greatest norm of all gradients together, above 0; greater ones are scaled down; 0 for no limit.
    /// Default: 0, as in the papers' code.
    /// </summary>
    public double GradientClipNorm;

    /// <summary>
    /// Parameters that weight decay leaves alone. Default: none, as in the code of AST, PaSST and HTS-AT; Swin and DAT
    /// have all four.
    /// </summary>
    public WeightDecayExclusions WeightDecayExclusions = WeightDecayExclusions.None;

    /// <summary>
    /// By what the learning rate shrinks from each layer to the one before it, above 0 to 1; the head has the full
    /// rate. Default: 1. Source: Clark et al., "ELECTRA" (2020), appendix A.
    /// </summary>
    public double LayerDecay = 1;

    /// <summary>
    /// Whether the head alone is trained, on a backbone that stays as it is (a linear probe); patchout is off then. Where
    /// nothing happens to clips by chance, the backbone sees each clip once and its output is kept in memory, so that
    /// further epochs take next to no time. Default: false.
    /// </summary>
    public bool FreezeBackbone;

    /// <summary>
    /// The decay of an exponential moving average of the weights, 0 to less than 1, updated after each step: it is what
    /// is validated and what <c>Fit</c> returns. 0 for none. Default: 0; 0.999 is common.
    /// </summary>
    public double ExponentialAverageDecay;

    /// <summary>
    /// The first epoch, counted from 1, whose weights at its end enter the mean that is validated and that <c>Fit</c>
    /// returns; 0 for none. Default: 0; PaSST's AudioSet recipe has 49. Source: Izmailov et al., "Averaging Weights
    /// Leads to Wider Optima and Better Generalization" (2018).
    /// </summary>
    public int WeightAveragingFirstEpoch;

    /// <summary>Epochs from one that enters that mean to the next, 1 or more. Default: 5 (PaSST's recipes).</summary>
    public int WeightAveragingEveryEpochs = 5;

    /// <summary>
    /// Epochs without a better <see cref="EarlyStoppingMetric"/> after which training stops and <c>Fit</c> returns the best
    /// epoch's weights, 1 or more; 0 for never. Default: 0.
    /// </summary>
    public int EarlyStoppingPatience;

    /// <summary>
    /// What makes an epoch the best. A canceled training returns the best epoch's weights if this could be measured.
    /// Default: the validation set's accuracy.
    /// </summary>
    public AudioEarlyStoppingMetric EarlyStoppingMetric = AudioEarlyStoppingMetric.ValidationAccuracy;

    internal AudioOptimizationOptions Clone() => (AudioOptimizationOptions)MemberwiseClone();

    internal void Check(int batchSize, bool hasValidationSet)
    {
        OptionCheck.That(Enum.IsDefined(Loss), Loss, Name(nameof(Loss)), "one of the losses");
        OptionCheck.That(Enum.IsDefined(Precision), Precision, Name(nameof(Precision)), "one of the precisions");
        OptionCheck.That(LabelSmoothing is >= 0 and < 1, LabelSmoothing, Name(nameof(LabelSmoothing)), "0 to less than 1");
        foreach (float weight in ClassWeights ?? [])
        {
            OptionCheck.Positive(weight, Name(nameof(ClassWeights)));
        }

        OptionCheck.That(
            AccumulationSteps >= 1 && AccumulationSteps <= batchSize,
            AccumulationSteps, Name(nameof(AccumulationSteps)), $"1 to the batch size, {batchSize}");
        OptionCheck.That(
            !GradientCheckpointing || !FreezeBackbone, GradientCheckpointing, Name(nameof(GradientCheckpointing)),
            $"false, since {nameof(FreezeBackbone)} leaves no gradients to compute in the blocks");
        OptionCheck.NotNegative(GradientClipNorm, Name(nameof(GradientClipNorm)));
        OptionCheck.That(LayerDecay is > 0 and <= 1, LayerDecay, Name(nameof(LayerDecay)), "above 0 to 1");
        OptionCheck.That(
            ExponentialAverageDecay is >= 0 and < 1,
            ExponentialAverageDecay, Name(nameof(ExponentialAverageDecay)), "0 to less than 1");
        OptionCheck.AtLeast(0, WeightAveragingFirstEpoch, Name(nameof(WeightAveragingFirstEpoch)));
        OptionCheck.That(
            WeightAveragingFirstEpoch == 0 || ExponentialAverageDecay == 0,
            WeightAveragingFirstEpoch, Name(nameof(WeightAveragingFirstEpoch)),
            $"0, since {nameof(ExponentialAverageDecay)} is {ExponentialAverageDecay}");
        OptionCheck.AtLeast(1, WeightAveragingEveryEpochs, Name(nameof(WeightAveragingEveryEpochs)));
        OptionCheck.AtLeast(0, EarlyStoppingPatience, Name(nameof(EarlyStoppingPatience)));
        OptionCheck.That(Enum.IsDefined(EarlyStoppingMetric), EarlyStoppingMetric, Name(nameof(EarlyStoppingMetric)), "one of the metrics");
        bool needsValidation = EarlyStoppingMetric is AudioEarlyStoppingMetric.ValidationAccuracy or AudioEarlyStoppingMetric.ValidationLoss
            or AudioEarlyStoppingMetric.ValidationMeanAveragePrecision;
        OptionCheck.That(
            EarlyStoppingPatience == 0 || hasValidationSet || !needsValidation,
            EarlyStoppingPatience, Name(nameof(EarlyStoppingPatience)),
            $"0, since there is no {nameof(AudioTrainerOptions.ValidationSet)} to measure {EarlyStoppingMetric} on");
    }

    private static string Name(string option) => $"{nameof(AudioTrainerOptions.Optimization)}.{option}";
}

/// <summary>What the training of a classifier makes small.</summary>
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

/// <summary>In what a network's layers multiply while they train.</summary>
public enum AudioTrainingPrecision
{
    /// <summary>All in float32.</summary>
    Full,

    /// <summary>
    /// Linear layers and attention in bfloat16; weights, sums over layers, normalizations and losses in float32.
    /// </summary>
    MixedBFloat16,
}

/// <summary>What is measured after an epoch.</summary>
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

/// <summary>Kinds of parameters that weight decay can leave alone.</summary>
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
