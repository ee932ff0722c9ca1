using Microsoft.ML.AudioFeaturization.ClipEmbeddings;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring.Embeddings;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Options of embeddings: model and windows. The defaults of the windows are those of PaSST's package for the HEAR 2021
/// benchmark. That package appends the model's 527 logits to the 768 features; here an embedding is only the features.
/// </summary>
public sealed class AudioEmbeddingOptions : IOptionGroup
{
    /// <summary>
    /// Model options: configuration, <see cref="AudioTrainerOptions.PretrainedWeights"/> and
    /// <see cref="AudioTrainerOptions.FrontEnd"/>, which must both be set, and
    /// <see cref="AudioTrainerOptions.ScoringBatchSize"/>, the number of windows in a batch. Training options are not used.
    /// Default: PaSST as in its paper, without weights.
    /// </summary>
    public AudioTrainerOptions Model = new PasstOptions { FrontEnd = LogMelOptions.Passt };

    /// <summary>Kind: one embedding a clip, or one a window. Default: one a clip.</summary>
    public AudioEmbeddingKind Kind;

    /// <summary>
    /// Window length in milliseconds, above 0 and at most the front end's length; null for the front end's length with one
    /// embedding a clip, and for 160 with one a window. Default: null.
    /// </summary>
    public double? WindowMilliseconds;

    /// <summary>
    /// Hop length, from the start of one window to the next, in milliseconds, above 0; null for a quarter of the window with
    /// one embedding a clip, and for 50 with one a window. Default: null.
    /// </summary>
    public double? HopMilliseconds;

    /// <summary>
    /// Timestamps column: the times of the centres of the windows in milliseconds, a vector of Single; only with one embedding
    /// a window. Default: "Timestamps".
    /// </summary>
    [Text]
    public string TimestampsColumnName = "Timestamps";

    void IOptionGroup.CheckTogether(string prefix)
    {
        OptionCheck.That(
            Model.PretrainedWeights is not null, "null",
            $"{prefix}{nameof(Model)}.{nameof(AudioTrainerOptions.PretrainedWeights)}", "a file of weights");
        OptionCheck.That(
            Model.FrontEnd is not null, "null", $"{prefix}{nameof(Model)}.{nameof(AudioTrainerOptions.FrontEnd)}",
            "what makes features of waveforms");
        EmbeddingWindows windows = Windows();
        int longest = EmbeddingWindows.LongestOf(Model.FrontEnd);
        OptionCheck.That(
            windows.Length >= 1 && windows.Length <= longest, WindowMilliseconds, prefix + nameof(WindowMilliseconds),
            $"at least a sample and at most the front end's length, {longest * 1000.0 / Model.FrontEnd.SampleRate} ms");
        OptionCheck.That(windows.Hop >= 1, HopMilliseconds, prefix + nameof(HopMilliseconds), "at least a sample");
    }

    /// <summary>Windows in samples.</summary>
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
