using Microsoft.ML.AudioFeaturization.ClipEmbeddings;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Scoring.Embeddings;
using Microsoft.ML.AudioTransformers.Scoring.Exports;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Embedder of clips with a pretrained model: adds one embedding a clip, or one a window.</summary>
/// <remarks>
/// Embeddings are computed when a row is read, the windows of a row in batches. Disposing it frees the model's native memory.
/// </remarks>
public sealed class AudioEmbeddingTransformer : RowToRowAudioTransformerBase, IDisposable, IEmbeddingModel
{
    internal const string LoaderSignature = "AudioEmbedder";
    private const string ModelSignature = "AUDEMBED";
    private const uint FormatVersion = 0x00010001;

    private readonly AudioModel _network;
    private readonly torch.Device _device;
    private readonly AudioEmbedder _embedder;

    internal AudioEmbeddingTransformer(IHost host, EmbeddingModelDescription description, AudioModel network)
        : base(host)
    {
        Description = description;
        _network = network;
        _device = TorchDevice.Choose(host);
        network.to(_device);
        network.eval();
        PrecisionChoice precision = network.ChooseScoring(description.Precision, _device);
        using IChannel channel = host.Start("Embedding");
        channel.Info(MessageSensitivity.None, precision.Describe("Embedding"));
        _embedder = new AudioEmbedder(description, this);
    }

    /// <summary>Name of the waveform column.</summary>
    public string InputColumnName => Description.InputColumnName;

    /// <summary>Name of the embedding column.</summary>
    public string OutputColumnName => Description.OutputColumnName;

    /// <summary>Length of an embedding.</summary>
    public int EmbeddingLength => _network.EmbeddingLength;

    int? IEmbeddingModel.ShortestInput => _network.ShortestInput;

    internal EmbeddingModelDescription Description { get; }

    /// <summary>
    /// Saves the model to an ONNX file that gives the embedding of a clip no longer than the model's longest input, or of a
    /// window, as output "embedding" (batch, length). Windows are cut outside of it.
    /// </summary>
    /// <inheritdoc cref="AudioModelTransformer.SaveOnnx"/>
    /// <exception cref="NotSupportedException">The model cuts clips of the front end's length into several images.</exception>
    public void SaveOnnx(string path, OnnxExportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var export = new OnnxExport(options, "embeddings");
        FeatureShape shape = new WaveformReader(Description.FrontEnd).Shape;
        bool isAny = _network.ShortestInput is not null;
        if (isAny && _network.PresenceMap is { } map && shape.Frames > map.Frames)
        {
            throw new NotSupportedException(
                $"A front end of {shape.Frames} frames is more than an image of the model, {map.Frames}; expected no more for "
                + "an export to ONNX.");
        }

        OnnxValue features = export.FeaturesOfPieces(
            Description.FrontEnd, shape, isAny ? PieceLength.AtMost : PieceLength.Exact);
        ModelGraph model = export.Network(_network, Description.Architecture, features, isAny ? null : shape.Frames);
        export.Output(model.Embedding, "embedding", "Embedding of each clip.", EmbeddingLength);
        string name = ModelFamilies.Of(Description.Architecture).Name;
        export.Describe(OnnxMetadata.Model, name);
        export.Describe(OnnxMetadata.Description, Description);
        if (_network.ShortestInput is { } shortest)
        {
            export.Describe(OnnxMetadata.ShortestInput, shortest);
        }

        export.Save(path, $"{name}, embeddings of clips.");
    }

    /// <summary>Frees the model's native memory.</summary>
    public void Dispose() => _network.Dispose();

    void IEmbeddingModel.Embed(ReadOnlySpan<float> features, int count, Span<float> embeddings)
    {
        _network.ThrowIfDisposed();
        using var gradientsOff = torch.no_grad();
        using MixedPrecision.Section precision = _network.BeginScoring();
        using var scope = torch.NewDisposeScope();
        int mels = Description.FrontEnd.Bands;
        torch.Tensor input = TensorData.Create(features, [count, features.Length / count / mels, mels], _device);
        torch.Tensor output = _network.Embed(_network.FromFeatures(input)).to(torch.ScalarType.Float32).cpu().contiguous();
        TensorData.Read<float>(output).CopyTo(embeddings);
        FiniteOutput.Check(
            embeddings[..(count * EmbeddingLength)], count, ModelFamilies.Of(Description.Architecture).Name, "embedding");
    }

    /// <summary>Builds the network of a description, with initial weights.</summary>
    internal static AudioModel Build(EmbeddingModelDescription description) => ModelFamilies.Of(description.Architecture)
        .Build(description.Architecture, ShapeOf(description), [EmbeddingModelDescription.Classes], seed: 0);

    private static FeatureShape ShapeOf(EmbeddingModelDescription description) =>
        new WaveformReader(description.FrontEnd).Shape;

    private protected override RowMapping CreateMapping(DataViewSchema inputSchema)
    {
        _network.ThrowIfDisposed();
        return new EmbeddingMapping(Description, _embedder, SchemaChecks.GetColumn(inputSchema, InputColumnName, "Input"));
    }

    private protected override void SaveModel(ModelSaveContext context)
    {
        _network.ThrowIfDisposed();
        SavedModel.Save(context, ModelSignature, FormatVersion, LoaderSignature, GetType(), writer =>
        {
            writer.WriteJson(Description);
            writer.Flush();
            _network.WriteWeights(writer.BaseStream);
        });
    }

    // Called by ML.NET, which finds it by its name, its parameters and its return type.
    private static ITransformer Create(IHostEnvironment environment, object context)
    {
        IHost host = environment.Register(LoaderSignature);
        return SavedModel.Load(context, "audio embedder", reader =>
        {
            var description = reader.ReadJson<EmbeddingModelDescription>();
            description.Check();
            OptionCheck.That(
                Enum.IsDefined(description.Precision), description.Precision, nameof(description.Precision),
                "one of AudioPrecision");
            AudioModel network = ModelFamilies.Of(description.Architecture).BuildUnread(
                description.Architecture, ShapeOf(description), [EmbeddingModelDescription.Classes]);
            try
            {
                network.ReadWeights(reader.BaseStream, "saved audio embedder");
                return new AudioEmbeddingTransformer(host, description, network);
            }
            catch
            {
                network.Dispose();
                throw;
            }
        });
    }
}
