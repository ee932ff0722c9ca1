using System.Globalization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioFeaturization.Simd;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>Turns waveforms into log-mel spectrograms. Safe for use by several threads at once.</summary>
public sealed class LogMelExtractor
{
    private readonly LogMelOptions _options;

    /// <param name="options">The options; a copy is kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message names it.</exception>
    public LogMelExtractor(LogMelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Clone();
        _options.Check();
        Kernel = new LogMelKernel(_options);
    }

    /// <summary>The values of a frame: the mel bands, or the FFT's bins of a linear spectrogram.</summary>
    public int Bands => Kernel.Compressor.Bands;

    /// <summary>The frames of every waveform where the options fix them, else 0.</summary>
    internal int FixedFrameCount => _options.TargetFrames > 0 ? _options.TargetFrames
        : _options.TargetSamples > 0 ? FrameCount(_options.TargetSamples) : 0;

    /// <summary>
    /// The samples at the beginning of a waveform that its features depend on, whatever follows; <see cref="int.MaxValue"/>
    /// where they depend on all of it.
    /// </summary>
    internal int NeededSamples =>
        _options.TargetLength is var length and > 0 && (_options.TargetSamples > 0 || !_options.NeedsWaveformMean)
            ? (int)Math.Min(length, int.MaxValue)
            : int.MaxValue;

    internal LogMelKernel Kernel { get; }

    internal LogMelOptions Options => _options;

    /// <summary>
    /// The frames of a waveform of the given length, after cutting and padding; 0 if it is too short for one.
    /// </summary>
    /// <param name="samples">The waveform's length, at least 0.</param>
    public int FrameCount(int samples)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        long computed = ComputedFrames(samples);
        return computed > 0 && _options.TargetFrames > 0 ? _options.TargetFrames : (int)computed;
    }

    /// <summary>Computes the features of a waveform.</summary>
    /// <param name="waveform">Finite samples at the options' sample rate, at least enough for one frame.</param>
    /// <returns><see cref="FrameCount"/> times <see cref="Bands"/> values in the options' layout.</returns>
    /// <exception cref="ArgumentException">The waveform is too short, or holds a value that is not finite.</exception>
    public float[] Extract(ReadOnlySpan<float> waveform)
    {
        var features = new float[checked(FrameCount(waveform.Length) * Bands)];
        Extract(waveform, features);
        return features;
    }

    /// <summary>Computes the features of a waveform; allocates nothing once the extractor is warm.</summary>
    /// <param name="waveform">Finite samples at the options' sample rate, at least enough for one frame.</param>
    /// <param name="features">Room for <see cref="FrameCount"/> times <see cref="Bands"/> values.</param>
    /// <exception cref="ArgumentException">
    /// The waveform is too short, or holds a value that is not finite; or the room is too small.
    /// </exception>
    public void Extract(ReadOnlySpan<float> waveform, Span<float> features)
    {
        int frames = FrameCount(waveform.Length);
        CheckLength(waveform.Length, nameof(waveform));
        if (features.Length < frames * Bands)
        {
            throw new ArgumentException(
                $"The features of {waveform.Length} samples are {frames} frames of {Bands} values; there is room for "
                + $"{features.Length}.",
                nameof(features));
        }

        LogMelKernel.Workspace workspace = Kernel.Rent();
        bool finite = Extract(workspace, Prepare(workspace, waveform), features, frames);
        Kernel.Return(workspace);
        if (!finite)
        {
            throw NotFinite(waveform);
        }
    }

    /// <summary>Checks that a waveform has a frame.</summary>
    /// <param name="samples">The waveform's length.</param>
    /// <param name="parameter">The caller's parameter that holds it.</param>
    /// <exception cref="ArgumentException">It has none.</exception>
    internal void CheckLength(int samples, string parameter)
    {
        if (samples == 0)
        {
            throw new ArgumentException("The waveform is empty.", parameter);
        }

        if (ComputedFrames(samples) > 0)
        {
            return;
        }

        long enough = samples;
        while (Kernel.Geometry.Count(enough - Kernel.LostSamples) == 0)
        {
            enough++;
        }

        throw new ArgumentException(
            $"The waveform has {samples} samples; the first frame needs {enough} (window "
            + $"{_options.WindowLength}, hop {_options.HopLength}, {_options.Alignment}).",
            parameter);
    }

    /// <summary>The frames of a waveform before any are added.</summary>
    internal long ComputedFrames(int samples)
    {
        long length = samples > 0 && _options.TargetSamples > 0 ? _options.TargetSamples : samples;
        long frames = Kernel.Geometry.Count(length - Kernel.LostSamples);
        return _options.TargetFrames > 0 ? Math.Min(frames, _options.TargetFrames) : frames;
    }

    private static ArgumentException NotFinite(ReadOnlySpan<float> waveform)
    {
        int wrong = FiniteNumbers.FirstOther(waveform);
        string found = wrong < 0
            ? "The waveform's power is beyond the range of float32; expected samples of full scale at 1."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Sample {wrong} of the waveform is {waveform[wrong]}; expected a finite number.");
        return new ArgumentException(found, nameof(waveform));
    }

    // Cuts the waveform, and copies it only where it must be longer or free of its mean.
    private ReadOnlySpan<float> Prepare(LogMelKernel.Workspace workspace, ReadOnlySpan<float> waveform)
    {
        int target = _options.TargetSamples > 0 ? _options.TargetSamples : waveform.Length;
        waveform = waveform[..Math.Min(target, waveform.Length)];
        if (target == waveform.Length && !_options.NeedsWaveformMean)
        {
            return waveform;
        }

        if (workspace.Waveform.Length < target)
        {
            workspace.Waveform = new float[target];
        }

        Span<float> prepared = workspace.Waveform.AsSpan(0, target);
        waveform.CopyTo(prepared);
        if (_options.NeedsWaveformMean)
        {
            double sum = 0;
            foreach (float sample in waveform)
            {
                sum += sample;
            }

            float mean = (float)(sum / waveform.Length);
            foreach (ref float sample in prepared[..waveform.Length])
            {
                sample -= mean;
            }
        }

        Span<float> rest = prepared[waveform.Length..];
        if (_options.ShortWaveforms == ShortWaveform.Pad)
        {
            rest.Clear();
            return prepared;
        }

        for (int start = waveform.Length; start < target; start += waveform.Length)
        {
            prepared[..Math.Min(waveform.Length, target - start)].CopyTo(prepared[start..]);
        }

        return prepared;
    }

    private bool Extract(
        LogMelKernel.Workspace workspace, ReadOnlySpan<float> waveform, Span<float> features, int frames)
    {
        int computed = (int)Math.Min(frames, Kernel.Geometry.Count(waveform.Length - Kernel.LostSamples));
        var window = new SampleWindow(waveform, 0, waveform.Length);
        bool finite = true;
        for (int frame = 0; frame < computed; frame += Lanes.Count)
        {
            int count = Math.Min(Lanes.Count, computed - frame);
            finite &= Kernel.Run(workspace, window, frame, count);
            if (_options.Layout == FeatureLayout.FramesByBands)
            {
                FeatureWriter.WriteFrames(workspace.Values.Span, count, features.Slice(frame * Bands, count * Bands));
            }
            else
            {
                FeatureWriter.WriteBands(workspace.Values.Span, count, features[frame..], frames);
            }
        }

        features = features[..(frames * Bands)];
        FeatureWriter.Pad(features, _options.Layout, Bands, computed, frames, Kernel.Compressor.PadValue);
        if (Kernel.Compressor.DynamicRange > 0)
        {
            FeatureWriter.CutRange(features, _options.Layout, Bands, computed, frames, Kernel.Compressor.DynamicRange);
        }

        return finite;
    }
}
