using System.Globalization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioFeaturization.Simd;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>
/// Log-mel frames of a waveform that comes in blocks of any size, in flat memory: the same values, to the bit, as
/// <see cref="LogMelExtractor"/> gives for the whole. Not safe for use by several threads at once.
/// </summary>
public sealed class StreamingLogMelExtractor
{
    private const int BlockLength = 1 << 12;

    private readonly LogMelExtractor _extractor;
    private readonly LogMelKernel _kernel;
    private readonly LogMelKernel.Workspace _workspace;

    // The last samples, and how many are kept for frames to come and for mirroring at the end.
    private readonly float[] _buffer;
    private readonly int _kept;
    private long _start;
    private int _length;
    private long _nextFrame;
    private bool _finished;

    /// <param name="extractor">
    /// The extractor. Its options must not need the whole waveform: no <see cref="LogMelOptions.TargetSamples"/>,
    /// <see cref="LogMelOptions.TargetFrames"/>, <see cref="LogMelOptions.DynamicRange"/>, nor
    /// <see cref="LogMelOptions.SubtractMean"/> without <see cref="LogMelOptions.RemoveDcOffset"/>; and their layout
    /// must be <see cref="FeatureLayout.FramesByBands"/>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An option needs the whole waveform; the message names it.
    /// </exception>
    public StreamingLogMelExtractor(LogMelExtractor extractor)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        LogMelOptions options = extractor.Options;
        Require(options.TargetSamples == 0, nameof(options.TargetSamples), options.TargetSamples, "0");
        Require(options.TargetFrames == 0, nameof(options.TargetFrames), options.TargetFrames, "0");
        Require(options.DynamicRange == 0, nameof(options.DynamicRange), options.DynamicRange, "0");
        Require(!options.NeedsWaveformMean, nameof(options.SubtractMean), true, "false");
        Require(
            options.Layout == FeatureLayout.FramesByBands, nameof(options.Layout), options.Layout,
            nameof(FeatureLayout.FramesByBands));
        _extractor = extractor;
        _kernel = extractor.Kernel;
        _workspace = new LogMelKernel.Workspace(_kernel);
        _kept = options.EffectiveFftSize + options.WindowLength + options.HopLength;
        _buffer = new float[_kept + (Lanes.Count * options.HopLength) + options.WindowLength + BlockLength];
    }

    /// <summary>The samples received.</summary>
    public long SampleCount => _start + _length;

    /// <summary>The frames given.</summary>
    public long FrameCount => _nextFrame;

    /// <summary>The most frames that the next call gives.</summary>
    /// <param name="samples">The samples of a call of <see cref="Write"/>; 0 for <see cref="Finish"/>.</param>
    public int MaximumFrames(int samples) =>
        checked((int)(_kernel.Geometry.Count(SampleCount + samples - _kernel.LostSamples) - _nextFrame));

    /// <summary>Takes the waveform's next samples and gives the frames that are complete.</summary>
    /// <param name="samples">Finite samples, any number.</param>
    /// <param name="frames">
    /// Room for <see cref="MaximumFrames"/> times <see cref="LogMelExtractor.Bands"/> values.
    /// </param>
    /// <returns>How many frames were written, bands of the first frame first.</returns>
    /// <exception cref="ArgumentException">A sample is not finite, or the room is too small.</exception>
    /// <exception cref="InvalidOperationException">The stream is finished.</exception>
    public int Write(ReadOnlySpan<float> samples, Span<float> frames)
    {
        CheckRoom(samples.Length, frames);
        int written = 0;
        while (samples.Length > 0)
        {
            MakeRoom();
            int taken = Math.Min(samples.Length, _buffer.Length - _length);
            samples[..taken].CopyTo(_buffer.AsSpan(_length));
            _length += taken;
            samples = samples[taken..];
            long ready = _kernel.Geometry.CountBeforeEnd(SampleCount - _kernel.LostSamples);
            while (_nextFrame + Lanes.Count <= ready)
            {
                written += Run(FrameGeometry.Unknown, Lanes.Count, frames[(written * _extractor.Bands)..]);
            }
        }

        return written;
    }

    /// <summary>Ends the waveform and gives the frames that are left.</summary>
    /// <param name="frames">
    /// Room for <see cref="MaximumFrames"/> of 0 times <see cref="LogMelExtractor.Bands"/> values.
    /// </param>
    /// <returns>How many frames were written.</returns>
    /// <exception cref="ArgumentException">A sample is not finite, or the room is too small.</exception>
    /// <exception cref="InvalidOperationException">The stream is finished.</exception>
    public int Finish(Span<float> frames)
    {
        CheckRoom(0, frames);
        _finished = true;
        long total = _kernel.Geometry.Count(SampleCount - _kernel.LostSamples);
        int written = 0;
        while (_nextFrame < total)
        {
            int count = (int)Math.Min(Lanes.Count, total - _nextFrame);
            written += Run(SampleCount, count, frames[(written * _extractor.Bands)..]);
        }

        return written;
    }

    private static void Require<T>(bool holds, string option, T value, string expected) => OptionCheck.That(
        holds, value, $"{nameof(LogMelOptions)}.{option}", $"{expected} for a stream, whose end is not known");

    private void CheckRoom(int samples, Span<float> frames)
    {
        if (_finished)
        {
            throw new InvalidOperationException("The stream is finished; a new waveform needs a new one.");
        }

        int wanted = MaximumFrames(samples) * _extractor.Bands;
        if (frames.Length < wanted)
        {
            throw new ArgumentException(
                $"Up to {wanted} values can come of this; there is room for {frames.Length}.", nameof(frames));
        }
    }

    private void MakeRoom()
    {
        long needed = Math.Min(_kernel.Geometry.Start(_nextFrame), SampleCount - _kept);
        int dropped = (int)Math.Clamp(needed - _start, 0, _length);
        _buffer.AsSpan(dropped, _length - dropped).CopyTo(_buffer);
        _start += dropped;
        _length -= dropped;
    }

    private int Run(long length, int count, Span<float> frames)
    {
        var window = new SampleWindow(_buffer.AsSpan(0, _length), _start, length);
        if (!_kernel.Run(_workspace, window, _nextFrame, count))
        {
            int wrong = FiniteNumbers.FirstOther(window.Samples);
            throw new ArgumentException(wrong < 0
                ? "The waveform's power is beyond the range of float32; expected samples of full scale at 1."
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"Sample {_start + wrong} is {_buffer[wrong]}; expected a finite number."));
        }

        FeatureWriter.WriteFrames(_workspace.Values.Span, count, frames);
        _nextFrame += count;
        return count;
    }
}
