using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers;

/// <summary>What every trainer of an audio classifier can be told.</summary>
public abstract class AudioTrainerOptions
{
    private protected AudioTrainerOptions()
    {
    }

    /// <summary>
    /// The label column, a key as <c>MapValueToKey</c> makes it. Rows without a label are left out of training.
    /// Default: "Label".
    /// </summary>
    public string LabelColumnName = "Label";

    /// <summary>
    /// The column to learn from: log-mel features, a vector of frames x mel bins; or, with <see cref="FrontEnd"/>, the
    /// waveform at the front end's sample rate. Default: "Features".
    /// </summary>
    public string FeatureColumnName = "Features";

    /// <summary>The column that the model writes its scores to. Default: "Score".</summary>
    public string ScoreColumnName = "Score";

    /// <summary>The column that the model writes the best class to. Default: "PredictedLabel".</summary>
    public string PredictedLabelColumnName = "PredictedLabel";

    /// <summary>
    /// The front end that makes features of a waveform column, with a target length; null where the column holds
    /// features. It is saved with the model. Default: null.
    /// </summary>
    public LogMelOptions? FrontEnd;

    /// <summary>
    /// A file of weights to start from, in any format that the models' authors publish (safetensors, .pt, .pth, .ckpt):
    /// this model's, or the image model's that it was made from (ViT and DeiT for PaSST and AST, Swin for HTS-AT, DAT
    /// for DATAR). What was loaded, adapted, left out and missing is told on the channel; a head for another number of
    /// classes starts afresh. Null starts from random weights. Default: null.
    /// </summary>
    public string? PretrainedWeights;

    /// <summary>How <see cref="PretrainedWeights"/> are fitted to this model. Default: as the official code does.
    /// </summary>
    public CheckpointAdaptation PretrainedWeightsAdaptation = new();

    /// <summary>How often training goes through the whole training set, 1 or more. Default: 10 (PaSST's ESC-50 recipe).
    /// </summary>
    public int Epochs = 10;

    /// <summary>Clips of one step, 1 or more. Default: 12 (PaSST's recipes).</summary>
    public int BatchSize = 12;

    /// <summary>The highest learning rate, above 0. Each trainer has its own default.</summary>
    public double LearningRate;

    /// <summary>
    /// How the learning rate changes over the run; null for the trainer's own choice. Default: null.
    /// </summary>
    public LearningRateSchedule? LearningRateSchedule;

    /// <summary>AdamW's decoupled weight decay, 0 or more. Default: 1e-4 (PaSST section 3.1).</summary>
    public double WeightDecay = 1e-4;

    /// <summary>Loss, accumulation, averaging, early stopping and the like.</summary>
    public AudioOptimizationOptions Optimization = new();

    /// <summary>What happens to training clips by chance.</summary>
    public AudioAugmentationOptions Augmentation = new();

    /// <summary>Which clips an epoch is made of.</summary>
    public AudioSamplingOptions Sampling = new();

    /// <summary>
    /// The furthest that a training clip is rolled over time at random, in frames, 0 (off) or more. Default: 0.
    /// Source: PaSST section 3.3.
    /// </summary>
    public int TimeRollFrames;

    /// <summary>
    /// What all random choices follow from: two runs with one seed give the same model on the same machine and number
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
    public int MetricsEverySteps;

    /// <summary>
    /// A folder of this training run's own, made where there is none: it takes a log (training.csv, training.svg), the
    /// best epoch's weights (best.safetensors) and checkpoints, so that a run that was
    /// killed at any moment, and is started again with the same options and data, goes on where it was and ends with
    /// the same weights (to the bit on the CPU with the same number of threads). Null for none. Default: null.
    /// </summary>
    public string? WorkspacePath;

    /// <summary>
    /// Optimizer steps between checkpoints within an epoch, 0 or more; 0 for one after each epoch only. Default: 0.
    /// </summary>
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
    public int ScoringTimeShifts = 1;

    /// <summary>How many rows the trained model scores in one pass, 1 or more. Default: 16.</summary>
    public int ScoringBatchSize = 16;

    /// <summary>The model that the options describe.</summary>
    internal abstract ModelArchitecture CreateArchitecture();

    /// <summary>The model's schedule where the options have none.</summary>
    internal abstract LearningRateSchedule CreateDefaultSchedule();

    /// <summary>A copy that can be changed without changing this.</summary>
    internal AudioTrainerOptions Clone()
    {
        var clone = (AudioTrainerOptions)MemberwiseClone();
        clone.Optimization = Optimization.Clone();
        clone.Augmentation = Augmentation.Clone();
        clone.Sampling = Sampling.Clone();
        return clone;
    }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range; the message names the option.
    /// </exception>
    internal virtual void Check()
    {
        OptionCheck.ColumnName(LabelColumnName, nameof(LabelColumnName));
        OptionCheck.ColumnName(FeatureColumnName, nameof(FeatureColumnName));
        OptionCheck.ColumnName(ScoreColumnName, nameof(ScoreColumnName));
        OptionCheck.ColumnName(PredictedLabelColumnName, nameof(PredictedLabelColumnName));
        OptionCheck.That(
            PretrainedWeights is null || !string.IsNullOrWhiteSpace(PretrainedWeights), $"'{PretrainedWeights}'",
            nameof(PretrainedWeights), "a file's path, or null");
        OptionCheck.That(
            PretrainedWeightsAdaptation is not null, "null", nameof(PretrainedWeightsAdaptation),
            $"a {nameof(CheckpointAdaptation)}");
        OptionCheck.AtLeast(1, Epochs, nameof(Epochs));
        OptionCheck.AtLeast(1, BatchSize, nameof(BatchSize));
        OptionCheck.Positive(LearningRate, nameof(LearningRate));
        OptionCheck.NotNegative(WeightDecay, nameof(WeightDecay));
        OptionCheck.That(Optimization is not null, "null", nameof(Optimization), $"an {nameof(AudioOptimizationOptions)}");
        OptionCheck.That(Augmentation is not null, "null", nameof(Augmentation), $"an {nameof(AudioAugmentationOptions)}");
        OptionCheck.That(Sampling is not null, "null", nameof(Sampling), $"an {nameof(AudioSamplingOptions)}");
        Optimization.Check(BatchSize, ValidationSet is not null);
        FrontEnd?.Check();
        Augmentation.Check(FrontEnd);
        Sampling.Check();
        OptionCheck.AtLeast(0, TimeRollFrames, nameof(TimeRollFrames));
        OptionCheck.AtLeast(1, ScoringBatchSize, nameof(ScoringBatchSize));
        OptionCheck.AtLeast(1, ScoringTimeShifts, nameof(ScoringTimeShifts));
        OptionCheck.AtLeast(0, MetricsEverySteps, nameof(MetricsEverySteps));
        OptionCheck.AtLeast(0, CheckpointEverySteps, nameof(CheckpointEverySteps));
        OptionCheck.That(
            WorkspacePath is null || !string.IsNullOrWhiteSpace(WorkspacePath),
            $"'{WorkspacePath}'", nameof(WorkspacePath), "a folder's path, or null");
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
