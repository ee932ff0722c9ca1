using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Options of every trainer: columns, front end, pretrained weights, and the recipe. Each model's options add its
/// configuration, its defaults and its papers' recipes. A trainer copies them when it is made.
/// </summary>
public abstract class AudioTrainerOptions : IOptionGroup
{
    private protected AudioTrainerOptions()
    {
    }

    /// <summary>
    /// The label column, a key as <c>MapValueToKey</c> makes it. Rows without a label are left out of training.
    /// Default: "Label".
    /// </summary>
    [Text]
    public string LabelColumnName = "Label";

    /// <summary>
    /// The column to learn from: log-mel features, a vector of frames x mel bins; or, with <see cref="FrontEnd"/>, the
    /// waveform at the front end's sample rate. Default: "Features".
    /// </summary>
    [Text]
    public string FeatureColumnName = "Features";

    /// <summary>The column that the model writes its scores to. Default: "Score".</summary>
    [Text]
    public string ScoreColumnName = "Score";

    /// <summary>The column that the model writes the best class to. Default: "PredictedLabel".</summary>
    [Text]
    public string PredictedLabelColumnName = "PredictedLabel";

    /// <summary>
    /// The front end that makes features of a waveform column, with a target length; null where the column holds
    /// features. It is saved with the model. Default: null.
    /// </summary>
    [NotSwept] // A model's sizes, and pretrained weights, fit the features of one front end.
    public LogMelOptions? FrontEnd;

    /// <summary>
    /// A file of weights to start from, in any format that the models' authors publish (safetensors, .pt, .pth, .ckpt):
    /// this model's, or the image model's that it was made from (ViT and DeiT for PaSST and AST, Swin for HTS-AT, DAT
    /// for DATAR). What was loaded, adapted, left out and missing is told on the channel; a head for another number of
    /// classes starts afresh. Null starts from random weights. Default: null.
    /// </summary>
    [Text("a file's path", OrNull = true)]
    public string? PretrainedWeights;

    /// <summary>How <see cref="PretrainedWeights"/> are fitted to this model. Default: as the official code does.
    /// </summary>
    public CheckpointAdaptation PretrainedWeightsAdaptation = new();

    /// <summary>Epochs. How often training goes through the whole training set, 1 or more. Default: 10 (PaSST's ESC-50 recipe).
    /// </summary>
    [Whole(1)]
    public int Epochs = 10;

    /// <summary>Batch size. Clips of one step, 1 or more. Default: 12 (PaSST's recipes).</summary>
    [Whole(1)]
    public int BatchSize = 12;

    /// <summary>Learning rate, the highest of its schedule, above 0. Each model has its own default.</summary>
    [Positive]
    [SweptRange(1e-6, 1e-2, IsLogarithmic = true, MaximumFactor = 100)]
    public double LearningRate;

    /// <summary>
    /// Learning rate schedule; null for the model's own. Default: null.
    /// </summary>
    public LearningRateSchedule? LearningRateSchedule;

    /// <summary>Weight decay of AdamW, decoupled, 0 or more. Default: 1e-4 (PaSST section 3.1).</summary>
    [NotNegative]
    [SweptRange(1e-6, 1e-1, IsLogarithmic = true)]
    public double WeightDecay = 1e-4;

    /// <summary>Optimization: loss, precision, accumulation, averaging, early stopping and the like.</summary>
    public AudioOptimizationOptions Optimization = new();

    /// <summary>Augmentation of training clips.</summary>
    public AudioAugmentationOptions Augmentation = new();

    /// <summary>Sampling: which clips make up an epoch.</summary>
    public AudioSamplingOptions Sampling = new();

    /// <summary>
    /// Seed of all random choices: two runs with one seed give the same model on the same machine and number
    /// of threads. Null for the seed of the <see cref="MLContext"/>, or if it has none a seed of chance.
    /// Default: null.
    /// </summary>
    public int? Seed;

    /// <summary>
    /// Rows with the training set's columns that the model is measured on after each epoch; null for none.
    /// Default: null.
    /// </summary>
    public IDataView? ValidationSet;

    /// <summary>
    /// Called after each epoch, and within epochs every <see cref="MetricsEverySteps"/> steps, on the thread that trains.
    /// Default: null.
    /// </summary>
    public Action<AudioTrainingMetrics>? MetricsCallback;

    /// <summary>
    /// Optimizer steps between calls of <see cref="MetricsCallback"/> within an epoch, 0 (none) or more. Default: 0.
    /// </summary>
    [Whole(0)]
    public int MetricsEverySteps;

    /// <summary>
    /// A folder of this training run's own, made where there is none: it takes a log (training.csv, training.svg), the
    /// best epoch's weights (best.safetensors) and checkpoints, so that a run that was
    /// killed at any moment, and is started again with the same options and data, goes on where it was and ends with
    /// the same weights (to the bit on the CPU with the same number of threads). Null for none. Default: null.
    /// </summary>
    [Text("a folder's path", OrNull = true)]
    public string? WorkspacePath;

    /// <summary>
    /// Optimizer steps between checkpoints within an epoch, 0 or more; 0 for one after each epoch only. Default: 0.
    /// </summary>
    [Whole(0)]
    public int CheckpointEverySteps;

    /// <summary>
    /// Ends training before the next step; <c>Fit</c> then returns the best epoch's model, or the model as it is where
    /// <see cref="ValidationSet"/> tells no best. Canceling the
    /// <see cref="MLContext"/>'s execution does the same. Default: never.
    /// </summary>
    public CancellationToken CancellationToken;

    /// <summary>
    /// How many times the trained model scores each clip, 1 or more: each time rolled further over time, by equal parts
    /// of its length, and the scores are averaged. Default: 1; HTS-AT's AudioSet results have 10.
    /// </summary>
    [Whole(1)]
    public int ScoringTimeShifts = 1;

    /// <summary>How many rows the trained model scores in one pass, 1 or more. Default: 16.</summary>
    [Whole(1)]
    public int ScoringBatchSize = 16;

    /// <summary>
    /// Recipe that made these options, such as "PasstOptions.Esc50"; null for options that began with the defaults. It is saved
    /// with the model.
    /// </summary>
    public string? RecipeName { get; internal set; }

    /// <summary>Configuration of the network.</summary>
    internal abstract AudioModelConfig ModelConfig { get; }

    /// <summary>Learning rate schedule where the options have none.</summary>
    internal abstract LearningRateSchedule CreateDefaultSchedule();

    void IOptionGroup.CheckTogether(string prefix)
    {
        Optimization.CheckWith(BatchSize, ValidationSet is not null);
        Augmentation.CheckWith(FrontEnd);
    }

    /// <summary>Checks that the files are there; what is in them is checked when they are read.</summary>
    /// <exception cref="FileNotFoundException">One is not.</exception>
    internal void CheckFiles()
    {
        if (PretrainedWeights is { } path && !File.Exists(path))
        {
            throw new FileNotFoundException($"Option {nameof(PretrainedWeights)}: there is no file '{path}'.", path);
        }
    }
}
