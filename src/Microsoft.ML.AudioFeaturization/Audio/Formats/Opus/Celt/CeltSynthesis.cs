using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Celt;

/// <summary>Makes the signal of one channel from its spectra (RFC 6716, section 4.3.7), and keeps what was made.</summary>
internal sealed class CeltSynthesis
{
    /// <summary>Samples that follow a frame's and are not complete.</summary>
    public const int Overlap = 120;

    /// <summary>Samples that are kept, of which the last frame's are the last.</summary>
    public const int History = 2048;

    /// <summary>The least period of the post-filter.</summary>
    public const int LeastPeriod = 15;

    private const int ShortFrame = 120;
    private const float Emphasis = 0.8500061035f;

    private static readonly float[] s_window = MakeWindow();

    private readonly InverseMdct[] _transforms =
        [new(2 * ShortFrame), new(4 * ShortFrame), new(8 * ShortFrame), new(16 * ShortFrame)];

    private float _emphasis;

    /// <summary>The rising half of the window, whose squares add to 1 with those of the falling half.</summary>
    public static ReadOnlySpan<float> Window => s_window;

    /// <summary>
    /// What was made, before the emphasis is taken off, in 1/32768 of full scale: <see cref="History"/> samples and the
    /// <see cref="Overlap"/> after them.
    /// </summary>
    public float[] Signal { get; } = new float[History + Overlap];

    /// <summary>Forgets the past.</summary>
    public void Reset()
    {
        Array.Clear(Signal);
        _emphasis = 0;
    }

    /// <summary>Makes room for a frame at the end.</summary>
    public void Shift(int samples) => Array.Copy(Signal, samples, Signal, 0, Signal.Length - samples);

    /// <summary>Makes a frame, for which there is room.</summary>
    /// <param name="spectrum">Its lines, those of blocks alternating.</param>
    /// <param name="level">As in <see cref="CeltFrame.Level"/>.</param>
    /// <param name="isTransient">Whether it is blocks of 2.5 ms.</param>
    public void Add(ReadOnlySpan<float> spectrum, int level, bool isTransient)
    {
        int samples = ShortFrame << level;
        int blocks = isTransient ? 1 << level : 1;
        InverseMdct transform = _transforms[isTransient ? 0 : level];
        for (int block = 0; block < blocks; block++)
        {
            Span<float> signal = Signal.AsSpan(History - samples + (block * ShortFrame));
            transform.Run(spectrum[block..], blocks, signal[(Overlap / 2)..]);
            for (int i = 0, j = Overlap - 1; i < Overlap / 2; i++, j--)
            {
                float old = signal[i];
                float young = signal[j];
                signal[i] = (old * s_window[j]) - (young * s_window[i]);
                signal[j] = (old * s_window[i]) + (young * s_window[j]);
            }
        }
    }

    /// <summary>
    /// Filters samples in place by those a period before them (section 4.3.7.1), first crossing from one filter to another.
    /// </summary>
    /// <param name="start">The first of them in <see cref="Signal"/>.</param>
    /// <param name="count">How many, at least <see cref="Overlap"/>.</param>
    /// <param name="before">The filter of the samples before them.</param>
    /// <param name="after">Their filter.</param>
    public void Filter(int start, int count, CeltPostFilter before, CeltPostFilter after)
    {
        if (before.Gain == 0 && after.Gain == 0)
        {
            return;
        }

        int crossing = before == after ? 0 : Overlap;
        (float Middle, float Near, float Far) taps = after.Taps;
        int period = Math.Max(after.Period, LeastPeriod);
        if (crossing > 0)
        {
            (float Middle, float Near, float Far) oldTaps = before.Taps;
            int oldPeriod = Math.Max(before.Period, LeastPeriod);
            for (int i = 0; i < Overlap; i++)
            {
                float weight = s_window[i] * s_window[i];
                float oldPart = CeltPostFilter.Comb(Signal, start + i - oldPeriod, oldTaps);
                float part = CeltPostFilter.Comb(Signal, start + i - period, taps);
                Signal[start + i] += ((1 - weight) * oldPart) + (weight * part);
            }
        }

        if (after.Gain != 0)
        {
            FilterSteadily(start + crossing, count - crossing, period, taps);
        }
    }

    /// <summary>Gives the last samples, the emphasis taken off (section 4.3.7.2).</summary>
    /// <param name="output">Room for them, at full scale 1.</param>
    /// <param name="adds">Whether they are added to what is there.</param>
    public void Give(Span<float> output, bool adds)
    {
        ReadOnlySpan<float> signal = Signal.AsSpan(History - output.Length, output.Length);
        float memory = _emphasis;
        for (int i = 0; i < output.Length; i++)
        {
            float sample = signal[i] + 1e-30f + memory;
            memory = Emphasis * sample;
            float scaled = sample * (1f / 32768);
            output[i] = adds ? output[i] + scaled : scaled;
        }

        _emphasis = memory;
    }

    private static float[] MakeWindow()
    {
        var window = new float[Overlap];
        for (int i = 0; i < Overlap; i++)
        {
            double sine = Math.Sin(Math.PI / 2 * (i + 0.5) / Overlap);
            window[i] = (float)Math.Sin(Math.PI / 2 * sine * sine);
        }

        return window;
    }

    // The period is longer than a vector and the far tap: all samples of a vector depend on earlier vectors only.
    private void FilterSteadily(int start, int count, int period, (float Middle, float Near, float Far) taps)
    {
        Span<float> signal = Signal;
        int i = 0;
        ref float first = ref MemoryMarshal.GetReference(signal);
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            nuint place = (nuint)(start + i);
            nuint past = place - (nuint)period;
            Vector256<float> part = Vector256.LoadUnsafe(ref first, past) * taps.Middle;
            part += (Vector256.LoadUnsafe(ref first, past + 1) + Vector256.LoadUnsafe(ref first, past - 1)) * taps.Near;
            part += (Vector256.LoadUnsafe(ref first, past + 2) + Vector256.LoadUnsafe(ref first, past - 2)) * taps.Far;
            (Vector256.LoadUnsafe(ref first, place) + part).StoreUnsafe(ref first, place);
        }

        for (; i < count; i++)
        {
            signal[start + i] += CeltPostFilter.Comb(signal, start + i - period, taps);
        }
    }
}
