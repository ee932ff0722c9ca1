using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Options;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Options of all trainers: columns, front end, pretrained weights, and training. Each model family's options add its
/// configuration, its defaults and the recipes of its papers. A trainer copies the options when it is created, so that later
/// changes have no effect.
/// </summary>
public abstract class AudioTrainerOptions : IOptionGroup
{
    private protected AudioTrainerOptions()
    {
    }

    /// <summary>
    /// Label column, a key as <c>MapValueToKey</c> creates it. Rows without a label are left out of training. Default: "Label".
    /// </summary>
    [Text]
    public string LabelColumnName = "Label";

    /// <summary>
    /// Feature column: log-mel features, a vector of frames x mel bins; or, with a <see cref="FrontEnd"/>, a waveform at the
    /// front end's sample rate. Default: "Features"; where there is no such column, the only one that <c>LoadAudio</c>,
    /// <c>ExtractLogMel</c> or <c>LoadLogMel</c> made.
    /// </summary>
    [Text]
    public string FeatureColumnName = "Features";

    /// <summary>Output column of the scores. Default: "Score".</summary>
    [Text]
    public string ScoreColumnName = "Score";

    /// <summary>Output column of the predicted class. Default: "PredictedLabel".</summary>
    [Text]
    public string PredictedLabelColumnName = "PredictedLabel";

    /// <summary>
    /// Number of the likeliest classes of a clip, whose names and scores classifiers and taggers add as columns, 0 (none) or
    /// more; there are at most as many as there are classes. Default: 5.
    /// </summary>
    [Whole(0)]
    public int TopClasses = 5;

    /// <summary>Output column of the names of the likeliest classes, best first, a vector of text. Default: "TopLabels".</summary>
    [Text]
    public string TopLabelsColumnName = "TopLabels";

    /// <summary>Output column of their scores, a vector of Single. Default: "TopScores".</summary>
    [Text]
    public string TopScoresColumnName = "TopScores";

    /// <summary>
    /// Front end, which computes log-mel features of the waveforms in the feature column, with a target length; null if the
    /// column holds features. It is saved with the model. Default: null.
    /// </summary>
    [NotSwept] // The network's sizes and the pretrained weights fit the features of one front end.
    public LogMelOptions? FrontEnd;

    /// <summary>
    /// Pretrained weights. Path of a checkpoint in any format that the models' authors publish (safetensors, .pt, .pth, .ckpt),
    /// or of the index or the folder of one in several files: of this model family, or of the image model that it was derived
    /// from (ViT and DeiT for PaSST and AST, Swin for HTS-AT, DAT for DATAR). A message on ML.NET's channel lists which weights
    /// were loaded, adapted, left out and missing. A head for another number of classes is initialized at random. Null for
    /// random weights. Default: null.
    /// </summary>
    [Text("a file's path", OrNull = true)]
    public string? PretrainedWeights;

    /// <summary>
    /// Adaptation of <see cref="PretrainedWeights"/> to this network's sizes. Default: as in the official code.
    /// </summary>
    public CheckpointAdaptation PretrainedWeightsAdaptation = new();

    /// <summary>Number of epochs, 1 or more. Default: 10 (PaSST's ESC-50 recipe).</summary>
    [Whole(1)]
    public int Epochs = 10;

    /// <summary>Batch size: clips of one optimizer step, 1 or more. Default: 12 (PaSST's recipes).</summary>
    [Whole(1)]
    public int BatchSize = 12;

    /// <summary>Base learning rate, which the schedule scales, above 0. Each model family has its own default.</summary>
    [Positive]
    [SweptRange(1e-6, 1e-2, IsLogarithmic = true, MaximumFactor = 10)]
    public double LearningRate;

    /// <summary>Learning rate schedule; null for the model family's own. Default: null.</summary>
    public LearningRateSchedule? LearningRateSchedule;

    /// <summary>Decoupled weight decay of AdamW, 0 or more. Default: 1e-4 (PaSST section 3.1).</summary>
    [NotNegative]
    [SweptRange(1e-6, 1e-1, IsLogarithmic = true)]
    public double WeightDecay = 1e-4;

    /// <summary>Optimization: loss, precision, gradient accumulation, weight averaging, early stopping.</summary>
    public AudioOptimizationOptions Optimization = new();

    /// <summary>Augmentation of training clips.</summary>
    public AudioAugmentationOptions Augmentation = new();

    /// <summary>Sampler: which clips an epoch consists of.</summary>
    public AudioSamplingOptions Sampling = new();

    /// <summary>
    /// Random seed. Two runs with the same seed give the same model on the same machine with the same number of threads. Null for
    /// the seed of the <see cref="MLContext"/>, or a random one if that has none. Default: null.
    /// </summary>
    public int? Seed;

    /// <summary>
    /// Validation set, with the columns of the training set. The model is evaluated on it after each epoch. Null for none.
    /// Default: null.
    /// </summary>
    public IDataView? ValidationSet;

    /// <summary>
    /// Callback that receives the metrics after each epoch, and within epochs every <see cref="MetricsEverySteps"/> steps, on the
    /// training thread; null for none.
    /// Default: null.
    /// </summary>
    public Action<AudioTrainingMetrics>? MetricsCallback;

    /// <summary>
    /// Optimizer steps between calls of <see cref="MetricsCallback"/> within an epoch, 1 or more; 0 for calls after each epoch
    /// only. Default: 0.
    /// </summary>
    [Whole(0)]
    public int MetricsEverySteps;

    /// <summary>
    /// Workspace: a folder for this training run only, created if it does not exist. It receives a log (training.csv,
    /// training.svg), the best epoch's weights (best.safetensors) and checkpoints. A run that was interrupted at any moment, and
    /// is started again with the same options and data, resumes from its last checkpoint and ends with the same weights
    /// (bit-identical on the CPU with the same number of threads). Null for none. Default: null.
    /// </summary>
    [Text("a folder's path", OrNull = true)]
    public string? WorkspacePath;

    /// <summary>
    /// What becomes of a row of the training or validation set that has a label, and whose features or waveform cannot be read or
    /// are not valid: its file is damaged, missing, empty or no audio, or a value is not finite. <see cref="DamagedAudio.Warn"/>
    /// names each such row on the channel, <see cref="DamagedAudio.Skip"/> counts them; both leave it out, and list it with file
    /// and reason in skipped.tsv of <see cref="WorkspacePath"/>. A streamed training set
    /// (<see cref="AudioSamplingOptions.ShuffleBuffer"/>) is read once more for it. Where <c>ExpandWindows</c>, or another
    /// transform that reads recordings before its rows are asked for, stands between the files and the trainer, a file's
    /// error ends its whole pass: leave such rows out by the option of <c>LoadAudio</c> or <c>LoadLogMel</c> then; the list
    /// has them as well, behind <c>ExpandWindows</c> with the row of the recording. Default:
    /// <see cref="DamagedAudio.Error"/>.
    /// </summary>
    public DamagedAudio Damaged;

    /// <summary>
    /// Optimizer steps between checkpoints within an epoch, 1 or more; 0 for checkpoints after each epoch only. Default: 0.
    /// </summary>
    [Whole(0)]
    public int CheckpointEverySteps;

    /// <summary>
    /// Cancellation token. It ends training before the next step; <c>Fit</c> then returns the weights of the best epoch by
    /// <see cref="AudioOptimizationOptions.EarlyStoppingMetric"/>, or the last ones if that metric was not measured. Canceling
    /// the execution of the <see cref="MLContext"/> does the same. Default: none.
    /// </summary>
    public CancellationToken CancellationToken;

    /// <summary>
    /// Test-time augmentation. Number of time shifts, 1 or more: the trained model scores each clip so many times, rolled over
    /// time by equal parts of its length, and averages the scores. Default: 1. HTS-AT's AudioSet results use 10.
    /// </summary>
    [Whole(1)]
    public int ScoringTimeShifts = 1;

    /// <summary>
    /// Precision of the trained model in scoring. It is saved with the model, and can be set there. Default:
    /// <see cref="AudioPrecision.Auto"/>, bfloat16 where it is faster and right.
    /// </summary>
    [NotSwept]
    public AudioPrecision ScoringPrecision;

    /// <summary>Batch size of the trained model in scoring, in rows, 1 or more. Default: 16.</summary>
    [Whole(1)]
    public int ScoringBatchSize = 16;

    /// <summary>
    /// Treatment, by the trained model, of clips that are longer than the front end's target length: cut, or scored in windows,
    /// as a stream where the waveforms come straight from <c>LoadAudio</c>. Detectors of sound events hear all of any clip.
    /// Training has an option of its own, <see cref="AudioSamplingOptions.LongClips"/>. Default: cut.
    /// </summary>
    [NotSwept]
    public LongClips LongClips;

    /// <summary>
    /// Windows of long clips, with <see cref="LongClips.Windows"/>, and of training clips with
    /// <see cref="LongTrainingClips.EachWindow"/>. They are saved with the model.
    /// </summary>
    [NotSwept]
    public WindowOptions Windows = new();

    /// <summary>
    /// Name of the recipe that created these options, such as "PasstOptions.Esc50"; null for options created with the defaults.
    /// It is saved with the model.
    /// </summary>
    public string? RecipeName { get; internal set; }

    /// <summary>Code in C# that makes these options: what differs from new ones, an assignment a line.</summary>
    public override string ToString() => OptionsCode.Of(this, seed: null);

    /// <summary>Configuration of the network.</summary>
    internal abstract AudioModelConfig ModelConfig { get; set; }

    /// <summary>Learning rate schedule of the model family, for <see cref="LearningRateSchedule"/> null.</summary>
    internal abstract LearningRateSchedule CreateDefaultSchedule();

    void IOptionGroup.CheckTogether(string prefix)
    {
        Optimization.CheckWith(BatchSize, ValidationSet is not null, $"{prefix}{nameof(Optimization)}.");
        Augmentation.CheckWith(FrontEnd, $"{prefix}{nameof(Augmentation)}.");
        Sampling.CheckWith(this, $"{prefix}{nameof(Sampling)}.");
        CheckLongClips(LongClips, FrontEnd, prefix);
        if (LongClips == LongClips.Windows || Sampling.LongClips == LongTrainingClips.EachWindow)
        {
            WindowGrid.For(FrontEnd!, Windows, $"{prefix}{nameof(Windows)}.");
        }
    }

    /// <summary>Checks that there is a front end with a target length where long clips are scored in windows.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    internal static void CheckLongClips(LongClips longClips, LogMelOptions? frontEnd, string prefix) => OptionCheck.That(
        longClips == LongClips.Cut || frontEnd?.TargetLength > 0,
        longClips, prefix + nameof(LongClips),
        $"{LongClips.Cut} without a {nameof(FrontEnd)}, since features have one length; ExpandWindows makes rows of windows");

    /// <summary>Checks that the file of pretrained weights exists; its content is checked when it is read.</summary>
    /// <exception cref="FileNotFoundException">It does not exist.</exception>
    internal void CheckFiles()
    {
        if (PretrainedWeights is { } path)
        {
            try
            {
                CheckpointFolder.Resolve(path);
            }
            catch (FileNotFoundException exception)
            {
                throw new FileNotFoundException(
                    $"Option {nameof(PretrainedWeights)}: {exception.Message} {PublishedCheckpoints.WhereToGet(path)}",
                    path, exception);
            }
        }
    }
}
