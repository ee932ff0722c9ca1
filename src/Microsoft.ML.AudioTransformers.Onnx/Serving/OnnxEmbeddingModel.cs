using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.ClipEmbeddings;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Onnx.Sessions;

namespace Microsoft.ML.AudioTransformers.Onnx.Serving;

/// <summary>Embedder of clips on ONNX Runtime; it gives the model the log-mel features of clips or windows.</summary>
internal sealed class OnnxEmbeddingModel : IEmbeddingModel
{
    private const string Output = "embedding";

    private readonly PieceInput _input;

    /// <param name="session">Session of the model.</param>
    /// <param name="info">What the model says of itself.</param>
    /// <param name="batchSize">Batch size: number of windows.</param>
    /// <exception cref="InvalidDataException">The metadata is damaged, or does not fit the outputs.</exception>
    /// <exception cref="NotSupportedException">The model takes waveforms only.</exception>
    public OnnxEmbeddingModel(OnnxSession session, OnnxModelInfo info, int batchSize)
    {
        _input = new PieceInput(session, info);
        Description = info.Json<EmbeddingDescription>(OnnxMetadata.Description, "Architecture", "Precision") with
        {
            BatchSize = batchSize,
        };
        ShortestInput = info.Number(OnnxMetadata.ShortestInput);
        if (!session.Outputs.TryGetValue(Output, out int[]? sizes) || sizes.Length != 2 || sizes[1] < 1)
        {
            throw new InvalidDataException($"{session.Name} has no output '{Output}' of (batch, length).");
        }

        EmbeddingLength = sizes[1];
        try
        {
            Description.Check();
            OptionCheck.That(
                Description.FrontEnd.Bands == _input.Mels, Description.FrontEnd.Bands, nameof(LogMelOptions.MelBins),
                $"{_input.Mels}, those of the input");
            Embedder = new AudioEmbedder(Description, this);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"{session.Name}: the metadata is damaged: {exception.Message}", exception);
        }
    }

    /// <summary>Description of the embedder.</summary>
    public EmbeddingDescription Description { get; }

    /// <summary>Computation of embeddings.</summary>
    public AudioEmbedder Embedder { get; }

    public int EmbeddingLength { get; }

    public int? ShortestInput { get; }

    public void Embed(ReadOnlySpan<float> features, int count, Span<float> embeddings) =>
        _input.Run(features, count, Output)[0].CopyTo(embeddings);
}
