using Microsoft.ML.AudioFeaturization;

namespace Microsoft.ML.AudioTransformers.Options;

/// <summary>
/// Plan of a training from random weights: what the models' recipes for such trainings have in common, chosen by the number,
/// the lengths and the rate of the clips.
/// </summary>
/// <remarks>
/// Source: our own. The small presets learn 540 spoken words in 40 epochs; fewer clips get as many steps in more epochs, and
/// longer ones longer hops and strides, so that a step takes about as long.
/// </remarks>
internal sealed class ScratchPlan
{
    /// <summary>Clips from which on the models are larger.</summary>
    public const int ManyClips = 5000;

    private const double LongestSeconds = 10;
    private const int Steps = 540 * 40;

    /// <param name="clips">The training set.</param>
    public ScratchPlan(ClipStatistics clips)
    {
        Clips = clips;
        Epochs = (int)Math.Clamp((Steps + clips.Count - 1) / clips.Count, 10, 200);
        IsLarge = clips.Count >= ManyClips;
        if (clips.AreWaveforms)
        {
            double longest = clips.Seconds[^1];

            // Of clips of about one length, the longest is heard whole; of others, a window of twice the median.
            double heard = Math.Min(Math.Min(longest, LongestSeconds), 2 * clips.Median);
            Seconds = Math.Max(0.2, Math.Ceiling(heard * 100) / 100);
            HearsAll = longest <= Seconds;
            IsMixed = clips.Median < Seconds / 1.9;
        }
    }

    /// <summary>The training set.</summary>
    public ClipStatistics Clips { get; }

    /// <summary>Epochs.</summary>
    public int Epochs { get; }

    /// <summary>Whether there are clips enough for a larger model.</summary>
    public bool IsLarge { get; }

    /// <summary>Base learning rate.</summary>
    public double LearningRate => IsLarge ? 5e-4 : 1e-3;

    /// <summary>Batch size.</summary>
    public int BatchSize => IsLarge ? 32 : 16;

    /// <summary>Epochs of warm-up.</summary>
    public double WarmupEpochs => Math.Min(5, Epochs / 4.0);

    /// <summary>Length of a clip, or of the windows of longer ones, in seconds.</summary>
    public double Seconds { get; }

    /// <summary>Whether no clip that was looked at is longer.</summary>
    public bool HearsAll { get; }

    /// <summary>Whether the clips are of such different lengths that short ones had better be repeated than padded.</summary>
    public bool IsMixed { get; }

    /// <summary>Length in samples.</summary>
    public int Samples => (int)Math.Round(Seconds * Clips.SampleRate);

    /// <summary>Fits a model's small front end to the length of the clips.</summary>
    /// <param name="frontEnd">Front end at the clips' rate; it is changed.</param>
    /// <param name="mostFrames">The most frames of a clip.</param>
    public LogMelOptions Fit(LogMelOptions frontEnd, int mostFrames)
    {
        frontEnd.HopLength = Math.Max(Math.Max(1, Clips.SampleRate / 100), (Samples + mostFrames - 1) / mostFrames);
        frontEnd.WindowLength = Math.Max(Math.Max(2, Clips.SampleRate / 40), 2 * frontEnd.HopLength);
        frontEnd.TargetSamples = Samples;
        frontEnd.TargetFrames = 0;
        frontEnd.ShortWaveforms = IsMixed ? ShortWaveform.Repeat : ShortWaveform.Pad;
        return frontEnd;
    }

    /// <summary>Sets what the recipes of all models have in common.</summary>
    /// <param name="options">Options of a small model; they are changed.</param>
    /// <param name="frontEnd">Front end; null where the clips are features.</param>
    /// <param name="frames">Frames of a clip.</param>
    public void Apply(AudioTrainerOptions options, LogMelOptions? frontEnd, int frames)
    {
        options.RecipeName = $"{options.GetType().Name}, from scratch";
        options.FrontEnd = frontEnd;
        options.Epochs = Epochs;
        options.BatchSize = BatchSize;
        options.LearningRate = LearningRate;
        options.Augmentation.TimeRollFrames = frames / 8;
        if (frontEnd is null)
        {
            options.Augmentation.GainDecibels = 0;
        }
        else if (!HearsAll)
        {
            options.LongClips = LongClips.Windows;
            options.Sampling.LongClips = LongTrainingClips.RandomWindow;
        }
    }

    /// <summary>A stride, at least the smallest, with which a size has at most so many patches of 16.</summary>
    public static int Stride(int smallest, int size, int patches) =>
        Math.Max(smallest, (Math.Max(0, size - 16) + patches - 2) / (patches - 1));
}
