using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers;

namespace Microsoft.ML.AudioFeaturization.ClipEmbeddings;

/// <summary>Description of an embedder without its network: front end, windows and columns. It is saved with the model.</summary>
internal record EmbeddingDescription
{
    /// <summary>Front end that computes the features of a waveform.</summary>
    public required LogMelOptions FrontEnd { get; init; }

    public required AudioEmbeddingKind Kind { get; init; }

    public required EmbeddingWindows Windows { get; init; }

    public required string InputColumnName { get; init; }

    public required string OutputColumnName { get; init; }

    public required string TimestampsColumnName { get; init; }

    /// <summary>Batch size: number of windows, 1 or more.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Checks a description that was read from a file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public void Check()
    {
        OptionCheck.AtLeast(1, BatchSize, nameof(BatchSize));
        OptionCheck.That(
            Windows.Length >= 1 && Windows.Length <= EmbeddingWindows.LongestOf(FrontEnd), Windows.Length, "Windows.Length",
            $"from 1 to the {EmbeddingWindows.LongestOf(FrontEnd)} samples of the front end");
        OptionCheck.AtLeast(1, Windows.Hop, "Windows.Hop");
        OptionCheck.AtLeast(1, Windows.SampleRate, "Windows.SampleRate");
    }
}
