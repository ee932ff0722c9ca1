using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.AudioFeaturization.Clips;

namespace Microsoft.ML.AudioFeaturization.ClipEmbeddings;

/// <summary>Computation of embeddings from waveforms. Safe for several threads at once.</summary>
/// <remarks>
/// A clip no longer than a window is embedded whole, a longer one in overlapping windows. For models whose clips have one
/// length, the front end pads shorter clips. Source: the HEAR 2021 API as PaSST's authors implement it.
/// </remarks>
internal sealed class AudioEmbedder
{
    private readonly EmbeddingDescription _description;
    private readonly IEmbeddingModel _model;
    private readonly LogMelExtractor _extractor;
    private readonly WaveformReader _reader;

    /// <param name="description">Description of the embedder.</param>
    /// <param name="model">Model.</param>
    public AudioEmbedder(EmbeddingDescription description, IEmbeddingModel model)
    {
        _description = description;
        _model = model;
        _reader = new WaveformReader(description.FrontEnd);
        LogMelOptions frontEnd = description.FrontEnd.Clone();
        if (model.ShortestInput is not null)
        {
            (frontEnd.TargetFrames, frontEnd.TargetSamples) = (0, 0);
        }

        _extractor = new LogMelExtractor(frontEnd);
    }

    /// <summary>Length of an embedding.</summary>
    public int Length => _model.EmbeddingLength;

    /// <summary>Embedding of a clip, (length), in flat memory, however long the clip is.</summary>
    /// <param name="read">Reads the clip's samples.</param>
    /// <param name="column">Column of the clip, for messages.</param>
    /// <param name="row">Row of the clip, for messages.</param>
    /// <exception cref="InvalidDataException">The clip is too short for one frame.</exception>
    public float[] Scene(SampleReader read, string column, long row)
    {
        int longest = _description.Windows.Length;
        var beginning = new float[longest + 1];
        int count = read(beginning);
        _reader.CheckValues(beginning.AsSpan(0, count), column, row);
        if (count <= longest)
        {
            var embedding = new float[Length];
            float[] features = Features(beginning.AsSpan(0, count), out int frames);
            Embed(features, 1, frames, embedding);
            return embedding;
        }

        int replayed = 0;
        return Mean(new CenteredWindows(_description.Windows, samples =>
        {
            int again = Math.Min(samples.Length, count - replayed);
            beginning.AsSpan(replayed, again).CopyTo(samples);
            replayed += again;
            return again + (again < samples.Length ? read(samples[again..]) : 0);
        }));
    }

    /// <summary>Embeddings of the windows of a clip, (windows, length).</summary>
    public float[] Timestamped(ReadOnlySpan<float> waveform) =>
        Windows(waveform, _description.Windows.Count(waveform.Length));

    // The mean over the windows, embedded in batches.
    private float[] Mean(CenteredWindows windows)
    {
        var sums = new double[Length];
        var samples = new float[_description.Windows.Length];
        var embeddings = new float[checked(_description.BatchSize * Length)];
        float[] batch = [];
        long total = 0;
        for (int size = _description.BatchSize; size == _description.BatchSize;)
        {
            int frames = 0;
            for (size = 0; size < _description.BatchSize && windows.Next(samples); size++)
            {
                batch = Add(samples, size, _description.BatchSize, batch, out frames);
            }

            if (size > 0)
            {
                Embed(batch, size, frames, embeddings.AsSpan(0, size * Length));
            }

            for (int i = 0; i < size * Length; i++)
            {
                sums[i % Length] += embeddings[i];
            }

            total += size;
        }

        return Array.ConvertAll(sums, sum => (float)(sum / total));
    }

    // Adds the features of a window to a batch, which is made at the first.
    private float[] Add(ReadOnlySpan<float> samples, int place, int capacity, float[] batch, out int frames)
    {
        float[] features = Features(samples, out frames);
        int length = frames * _reader.Shape.Mels;
        batch = batch.Length > 0 ? batch : new float[checked(capacity * length)];
        features.AsSpan(0, length).CopyTo(batch.AsSpan(place * length));
        return batch;
    }

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
                batch = Add(samples, i, most, batch, out frames);
            }

            Embed(batch, size, frames, embeddings.AsSpan(first * Length, size * Length));
        }

        return embeddings;
    }

    /// <summary>Log-mel features (frames, mels) of samples; at most the longest input of the model.</summary>
    private float[] Features(ReadOnlySpan<float> samples, out int frames)
    {
        if (_model.ShortestInput is { } shortest && _extractor.FrameCount(samples.Length) < shortest)
        {
            // Enough samples for that many frames, whether the first frame begins at the first sample or is centred on it.
            LogMelOptions options = _description.FrontEnd;
            var padded = new float[Math.Max(samples.Length, (shortest * options.HopLength) + options.WindowLength)];
            samples.CopyTo(padded);
            frames = shortest;
            return _extractor.Extract(padded);
        }

        frames = Math.Min(_extractor.FrameCount(samples.Length), _reader.Shape.Frames);
        return _extractor.Extract(samples);
    }

    /// <summary>Embeds a batch.</summary>
    /// <param name="features">Log-mel features, (count, frames, mels) at least.</param>
    /// <param name="count">Number of clips or windows.</param>
    /// <param name="frames">Frames of each.</param>
    /// <param name="embeddings">Embeddings, (count, length); filled.</param>
    private void Embed(ReadOnlySpan<float> features, int count, int frames, Span<float> embeddings) =>
        _model.Embed(features[..(count * frames * _reader.Shape.Mels)], count, embeddings);
}
