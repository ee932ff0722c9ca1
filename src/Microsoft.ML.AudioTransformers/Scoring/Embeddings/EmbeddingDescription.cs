using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Scoring.Embeddings;

/// <summary>All that an embedding transformer is beside its weights; kept with them in a saved model.</summary>
internal sealed record EmbeddingDescription
{
    /// <summary>
    /// AudioSet's, as the authors' files have them, so that these load whole; embeddings do not come from the head.
    /// </summary>
    public const int Classes = 527;

    /// <summary>Configuration of the network.</summary>
    [JsonConverter(typeof(ModelConfigConverter))]
    public required AudioModelConfig Architecture { get; init; }

    /// <summary>What makes features of the waveform.</summary>
    public required LogMelOptions FrontEnd { get; init; }

    public required AudioEmbeddingKind Kind { get; init; }

    public required EmbeddingWindows Windows { get; init; }

    public required string InputColumnName { get; init; }

    public required string OutputColumnName { get; init; }

    public required string TimestampsColumnName { get; init; }

    /// <summary>Windows of one pass.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Checks what a file says of an embedder.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public void Check()
    {
        OptionCheck.AtLeast(1, BatchSize, nameof(BatchSize));
        OptionCheck.That(
            Windows.Length >= 1 && Windows.Length <= EmbeddingWindows.LongestOf(FrontEnd), Windows.Length, "Windows.Length",
            $"from 1 to the {EmbeddingWindows.LongestOf(FrontEnd)} samples of the front end");
        OptionCheck.AtLeast(1, Windows.Hop, "Windows.Hop");
    }
}
