using Microsoft.ML.AudioFeaturization.ClipEmbeddings;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Onnx.Sessions;

namespace Microsoft.ML.AudioTransformers.Onnx.Serving;

/// <summary>Embedder of clips on ONNX Runtime; its model takes log-mel features.</summary>
internal sealed class OnnxEmbeddingModel : IEmbeddingModel
{
    private const string Output = "embedding";

    private readonly OnnxSession _session;
    private readonly OnnxModelInfo _info;

    /// <param name="session">Session of the model.</param>
    /// <param name="info">What the model says of itself.</param>
    /// <param name="batchSize">Batch size: number of windows.</param>
    /// <exception cref="InvalidDataException">The metadata is damaged, or does not fit the outputs.</exception>
    /// <exception cref="NotSupportedException">The model takes waveforms.</exception>
    public OnnxEmbeddingModel(OnnxSession session, OnnxModelInfo info, int batchSize)
    {
        _session = session;
        _info = info;
        if (info.TakesWaveforms)
        {
            throw OnnxServedTask.NeedsFeatures(session, "A long clip is embedded in windows, whose features are made one by one");
        }

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

    public void Embed(ReadOnlySpan<float> features, int count, Span<float> embeddings)
    {
        int mels = _info.InputSizes[2];
        _session.Run(_info.Input, features.ToArray(), [count, features.Length / count / mels, mels], Output)[0]
            .CopyTo(embeddings);
    }
}
