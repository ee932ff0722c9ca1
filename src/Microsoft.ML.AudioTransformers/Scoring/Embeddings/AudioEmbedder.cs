using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Scoring.Embeddings;

/// <summary>Computation of embeddings from waveforms. Safe for several threads at once.</summary>
/// <remarks>
/// A clip no longer than a window is embedded whole, a longer one in overlapping windows. For models whose clips have one
/// length, the front end pads shorter clips. Source: the HEAR 2021 API as PaSST's authors implement it.
/// </remarks>
internal sealed class AudioEmbedder
{
    private readonly EmbeddingDescription _description;
    private readonly AudioModel _network;
    private readonly Device _device;
    private readonly LogMelExtractor _extractor;
    private readonly FeatureShape _shape;

    /// <param name="description">Description of the embedder.</param>
    /// <param name="network">Network, on <paramref name="device"/>, in evaluation mode.</param>
    /// <param name="device">Device of the network.</param>
    public AudioEmbedder(EmbeddingDescription description, AudioModel network, Device device)
    {
        _description = description;
        _network = network;
        _device = device;
        _shape = new WaveformReader(description.FrontEnd).Shape;
        LogMelOptions frontEnd = description.FrontEnd.Clone();
        if (network.ShortestInput is not null)
        {
            (frontEnd.TargetFrames, frontEnd.TargetSamples) = (0, 0);
        }

        _extractor = new LogMelExtractor(frontEnd);
    }

    /// <summary>Length of an embedding.</summary>
    public int Length => _network.EmbeddingLength;

    /// <summary>Embedding of a clip, (length).</summary>
    public float[] Scene(ReadOnlySpan<float> waveform)
    {
        if (waveform.Length <= _description.Windows.Length)
        {
            var embedding = new float[Length];
            float[] features = Features(waveform, out int frames);
            Embed(features, 1, frames, embedding);
            return embedding;
        }

        var sums = new double[Length];
        int windows = _description.Windows.Count(waveform.Length);
        float[] embeddings = Windows(waveform, windows);
        for (int i = 0; i < embeddings.Length; i++)
        {
            sums[i % Length] += embeddings[i];
        }

        return Array.ConvertAll(sums, sum => (float)(sum / windows));
    }

    /// <summary>Embeddings of the windows of a clip, (windows, length).</summary>
    public float[] Timestamped(ReadOnlySpan<float> waveform) =>
        Windows(waveform, _description.Windows.Count(waveform.Length));

    private float[] Windows(ReadOnlySpan<float> waveform, int count)
    {
        var embeddings = new float[checked(count * Length)];
        var samples = new float[_description.Windows.Length];
        float[] batch = [];
        int most = Math.Min(_description.BatchSize, count);
        for (int first = 0; first < count; first += most)
        {
            int size = Math.Min(most, count - first);
            int frames = 0;
            for (int i = 0; i < size; i++)
            {
                _description.Windows.Fill(waveform, first + i, samples);
                float[] features = Features(samples, out frames);
                int length = frames * _shape.Mels;
                batch = batch.Length > 0 ? batch : new float[checked(most * length)];
                features.AsSpan(0, length).CopyTo(batch.AsSpan(i * length));
            }

            Embed(batch, size, frames, embeddings.AsSpan(first * Length, size * Length));
        }

        return embeddings;
    }

    /// <summary>Log-mel features (frames, mels) of samples; at most the longest input of the model.</summary>
    private float[] Features(ReadOnlySpan<float> samples, out int frames)
    {
        if (_network.ShortestInput is { } shortest && _extractor.FrameCount(samples.Length) < shortest)
        {
            // Enough samples for that many frames, whether the first frame begins at the first sample or is centred on it.
            LogMelOptions options = _description.FrontEnd;
            var padded = new float[Math.Max(samples.Length, (shortest * options.HopLength) + options.WindowLength)];
            samples.CopyTo(padded);
            frames = shortest;
            return _extractor.Extract(padded);
        }

        frames = Math.Min(_extractor.FrameCount(samples.Length), _shape.Frames);
        return _extractor.Extract(samples);
    }

    /// <summary>Embeds a batch.</summary>
    /// <param name="features">Log-mel features, (count, frames, mels) at least.</param>
    /// <param name="count">Number of clips or windows.</param>
    /// <param name="frames">Frames of each.</param>
    /// <param name="embeddings">Embeddings, (count, length); filled.</param>
    private void Embed(ReadOnlySpan<float> features, int count, int frames, Span<float> embeddings)
    {
        _network.ThrowIfDisposed();
        using var gradientsOff = no_grad();
        using var scope = NewDisposeScope();
        Tensor input = TensorData.Create(
            features[..(count * frames * _shape.Mels)], [count, frames, _shape.Mels], _device);
        Tensor output = _network.Embed(_network.FromFeatures(input)).to(ScalarType.Float32).cpu().contiguous();
        TensorData.Read<float>(output).CopyTo(embeddings);
    }
}
