using System.Globalization;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;

namespace Microsoft.ML.AudioFeaturization.ClipScoring.Streaming;

/// <summary>Receives samples of a stream.</summary>
/// <param name="samples">Samples; they are overwritten by the next ones.</param>
internal delegate void SamplesReceiver(ReadOnlySpan<float> samples);

/// <summary>
/// Samples of a stream as one channel at a model's rate: those of several channels are mixed, those of another rate resampled,
/// as the reader of files does. Not safe for use by several threads at once.
/// </summary>
internal sealed class MonoSamples
{
    private const int BlockFrames = 1 << 12;

    private readonly SamplesReceiver _receiver;
    private readonly Resampler? _resampler;

    // A frame of all channels whose last samples have not come yet; a block of one channel; the same, resampled.
    private readonly float[] _frame;
    private readonly float[] _mono;
    private readonly float[] _resampled;
    private int _frameLength;

    /// <param name="sampleRate">Sample rate of the samples to write, in Hz.</param>
    /// <param name="channels">Interleaved channels of the samples to write, 1 or more.</param>
    /// <param name="modelRate">Sample rate of the samples to receive, in Hz.</param>
    /// <param name="receiver">Receives samples within the call that writes what completes them.</param>
    public MonoSamples(int sampleRate, int channels, int modelRate, SamplesReceiver receiver)
    {
        SampleRate = sampleRate;
        Channels = channels;
        _receiver = receiver;
        _resampler = sampleRate == modelRate ? null : new Resampler(sampleRate, modelRate);
        _frame = new float[channels];
        _mono = new float[BlockFrames];
        _resampled = new float[_resampler?.BlockCapacity(BlockFrames) ?? 0];
    }

    /// <summary>Sample rate of the samples to write, in Hz.</summary>
    public int SampleRate { get; }

    /// <summary>Channels of the samples to write.</summary>
    public int Channels { get; }

    /// <summary>Longest time that a sample waits for the resampler's block, in seconds.</summary>
    public double Latency => (double)(_resampler?.Lookahead ?? 0) / SampleRate;

    /// <summary>Checks the rate and the channels of a stream.</summary>
    /// <param name="sampleRate">Sample rate of the samples to write, in Hz, or 0 for the model's.</param>
    /// <param name="channels">Interleaved channels of the samples to write.</param>
    /// <param name="modelRate">Sample rate of the model, in Hz.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static void Check(int sampleRate, int channels, int modelRate)
    {
        const int maximumUpsampling = 16;
        int least = (modelRate + maximumUpsampling - 1) / maximumUpsampling;
        OptionCheck.That(
            sampleRate == 0 || (sampleRate >= least && sampleRate <= 1_000_000), sampleRate, nameof(sampleRate),
            $"0 or {least} to 1000000");
        OptionCheck.That(channels is >= 1 and <= 1024, channels, nameof(channels), "1 to 1024");
    }

    /// <summary>Writes the next samples.</summary>
    /// <param name="samples">Any number of finite samples, full scale at 1. A call may end within a frame.</param>
    /// <exception cref="ArgumentException">A sample is not finite; nothing of the call is received.</exception>
    public void Write(ReadOnlySpan<float> samples)
    {
        if (FeatureReader.FirstNotFinite(samples) is { } wrong)
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture, $"Sample {wrong} of the block is {samples[wrong]}; expected a finite number."),
                nameof(samples));
        }

        if (_frameLength > 0)
        {
            int taken = Math.Min(Channels - _frameLength, samples.Length);
            samples[..taken].CopyTo(_frame.AsSpan(_frameLength));
            _frameLength += taken;
            samples = samples[taken..];
            if (_frameLength < Channels)
            {
                return;
            }

            WriteFrames(_frame);
        }

        int whole = samples.Length - (samples.Length % Channels);
        WriteFrames(samples[..whole]);
        samples[whole..].CopyTo(_frame);
        _frameLength = samples.Length - whole;
    }

    /// <summary>Ends the stream: what the resampler holds is received.</summary>
    public void Finish()
    {
        if (_resampler is not null)
        {
            _receiver(_resampled.AsSpan(0, _resampler.Finish(_resampled)));
        }
    }

    private void WriteFrames(ReadOnlySpan<float> samples)
    {
        while (samples.Length > 0)
        {
            int frames = Math.Min(samples.Length / Channels, BlockFrames);
            ReadOnlySpan<float> block = samples[..(frames * Channels)];
            samples = samples[block.Length..];
            if (Channels > 1)
            {
                ChannelMixer.ToMono(block, Channels, null, _mono.AsSpan(0, frames));
                block = _mono.AsSpan(0, frames);
            }

            _receiver(_resampler is null ? block : _resampled.AsSpan(0, _resampler.Process(block, _resampled)));
        }
    }
}
