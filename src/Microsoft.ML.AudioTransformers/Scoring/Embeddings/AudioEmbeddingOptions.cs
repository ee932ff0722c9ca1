using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring.Embeddings;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// What embeds clips, and how. Durations are those of PaSST's package for the HEAR 2021 benchmark by default; it appends
/// the model's 527 logits to the 768 features, here an embedding is the features alone.
/// </summary>
public sealed class AudioEmbeddingOptions : IOptionGroup
{
    /// <summary>
    /// The model: its sizes, its <see cref="AudioTrainerOptions.PretrainedWeights"/> and its
    /// <see cref="AudioTrainerOptions.FrontEnd"/>, which must both be set, and
    /// <see cref="AudioTrainerOptions.ScoringBatchSize"/>, the windows of one pass. What concerns training is not used.
    /// Default: PaSST as the paper has it, without weights.
    /// </summary>
    public AudioTrainerOptions Model = new PasstOptions { FrontEnd = LogMelOptions.Passt };

    /// <summary>One embedding a clip, or one a window. Default: one a clip.</summary>
    public AudioEmbeddingKind Kind;

    /// <summary>
    /// The length of a window in milliseconds, above 0 and at most the front end's length; null for the front end's where
    /// there is one embedding a clip, and for 160 where there is one a window. Default: null.
    /// </summary>
    public double? WindowMilliseconds;

    /// <summary>
    /// From the start of one window to the next, in milliseconds, above 0; null for a quarter of the window where there is
    /// one embedding a clip, and for 50 where there is one a window. Default: null.
    /// </summary>
    public double? HopMilliseconds;

    /// <summary>
    /// The column with the times of the windows' centres in milliseconds, a vector of Single; written where there is one
    /// embedding a window. Default: "Timestamps".
    /// </summary>
    [Text]
    public string TimestampsColumnName = "Timestamps";

    void IOptionGroup.CheckTogether(string prefix)
    {
        OptionCheck.That(
            Model.PretrainedWeights is not null, "null",
            $"{nameof(Model)}.{nameof(AudioTrainerOptions.PretrainedWeights)}", "a file of weights");
        OptionCheck.That(
            Model.FrontEnd is not null, "null", $"{nameof(Model)}.{nameof(AudioTrainerOptions.FrontEnd)}",
            "what makes features of waveforms");
        EmbeddingWindows windows = Windows();
        int longest = EmbeddingWindows.LongestOf(Model.FrontEnd);
        OptionCheck.That(
            windows.Length >= 1 && windows.Length <= longest, WindowMilliseconds, nameof(WindowMilliseconds),
            $"at least a sample and at most the front end's length, {longest * 1000.0 / Model.FrontEnd.SampleRate} ms");
        OptionCheck.That(windows.Hop >= 1, HopMilliseconds, nameof(HopMilliseconds), "at least a sample");
    }

    /// <summary>The windows in samples.</summary>
    internal EmbeddingWindows Windows()
    {
        LogMelOptions frontEnd = Model.FrontEnd!;
        bool isScene = Kind == AudioEmbeddingKind.Scene;
        int length = WindowMilliseconds is { } window ? Samples(window)
            : isScene ? EmbeddingWindows.LongestOf(frontEnd) : Samples(160);
        int hop = HopMilliseconds is { } given ? Samples(given) : isScene ? Math.Max(1, length / 4) : Samples(50);
        return new EmbeddingWindows(length, hop, frontEnd.SampleRate);

        int Samples(double milliseconds) => (int)(milliseconds * frontEnd.SampleRate / 1000);
    }
}

/// <summary>How many embeddings a clip has.</summary>
public enum AudioEmbeddingKind
{
    /// <summary>
    /// One: of the whole clip where it is no longer than a window, else the mean over overlapping windows.
    /// </summary>
    Scene,

    /// <summary>One for each window, the first centred on the clip's start, with the times of their centres.</summary>
    Timestamped,
}
