using System.Numerics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>Decodes frames of layers I and II, each of which stands by itself. ISO/IEC 11172-3, 2.4.3.1 to 2.4.3.3.</summary>
internal sealed class LayerOneTwoDecoder : IMpegLayerDecoder
{
    private const int Bands = PolyphaseSynthesis.Bands;
    private const int GroupSlots = 12;

    // Scale factors: 2 to the power of 1 - index / 3.
    private static readonly float[] s_scales = [.. Enumerable.Range(0, 64).Select(i => (float)Math.Pow(2, 1 - (i / 3.0)))];

    private readonly PolyphaseSynthesis[] _polyphases = [new(), new()];
    private readonly int[] _steps = new int[2 * Bands];
    private readonly byte[] _shared = new byte[2 * Bands];
    private readonly float[] _scales = new float[2 * Bands * 3];
    private readonly float[][] _subbands =
        [new float[Bands * PolyphaseSynthesis.Stride], new float[Bands * PolyphaseSynthesis.Stride]];

    /// <inheritdoc/>
    public void Forget()
    {
        _polyphases[0].Reset();
        _polyphases[1].Reset();
    }

    /// <inheritdoc/>
    public void Pass(MpegFrameHeader header, ReadOnlySpan<byte> frame)
    {
    }

    /// <inheritdoc/>
    public string? Decode(MpegFrameHeader header, ReadOnlySpan<byte> frame, Span<float> samples)
    {
        int channels = header.Channels;
        var bits = new BitCursor(frame) { Position = 8 * header.BodyStart };
        string? wrong = header.Layer == 1
            ? ReadLayerOne(ref bits, header, frame)
            : ReadLayerTwo(ref bits, header, frame);
        int groups = header.Samples / (Bands * GroupSlots);
        for (int group = 0; group < groups; group++)
        {
            if (wrong is null)
            {
                ReadSamples(ref bits, header, group);
            }

            for (int channel = 0; channel < channels; channel++)
            {
                if (wrong is not null)
                {
                    Array.Clear(_subbands[channel]);
                }

                Span<float> part = samples[((group * Bands * GroupSlots * channels) + channel)..];
                _polyphases[channel].Process(_subbands[channel], GroupSlots, part, channels);
            }
        }

        return wrong ?? (bits.Position > bits.Length ? $"a frame of {frame.Length} bytes is shorter than its samples" : null);
    }

    private static int Bound(MpegFrameHeader header, int bands) =>
        header.Mode == 1 ? Math.Min(bands, 4 * (header.ModeExtension + 1)) : bands;

    private string? ReadLayerOne(ref BitCursor bits, MpegFrameHeader header, ReadOnlySpan<byte> frame)
    {
        int channels = header.Channels;
        int bound = Bound(header, Bands);
        for (int band = 0; band < Bands; band++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                int place = (band * 2) + channel;
                if (channel == 1 && band >= bound)
                {
                    _steps[place] = _steps[place - 1];
                    continue;
                }

                int allocation = bits.Read(4);
                if (allocation == 15)
                {
                    return "a frame has bit allocation 15, expected at most 14";
                }

                _steps[place] = allocation == 0 ? 0 : (2 << allocation) - 1;
            }
        }

        if (MpegCrc.Check(header, frame, bits.Position - (8 * header.BodyStart)) is { } wrong)
        {
            return wrong;
        }

        for (int place = 0; place < _steps.Length; place++)
        {
            if (place % 2 < channels && _steps[place] > 0)
            {
                _scales[3 * place] = s_scales[bits.Read(6)];
            }
        }

        return null;
    }

    private string? ReadLayerTwo(ref BitCursor bits, MpegFrameHeader header, ReadOnlySpan<byte> frame)
    {
        int channels = header.Channels;
        int bitRate = header.BitRate > 0 ? header.BitRate : (int)((long)frame.Length * header.SampleRate / 144_000);
        int[][] tables = LayerTwoAllocation.Of(header, bitRate).Steps;
        int bound = Bound(header, tables.Length);
        Array.Clear(_steps);
        for (int band = 0; band < tables.Length; band++)
        {
            int[] steps = tables[band];
            for (int channel = 0; channel < channels; channel++)
            {
                int place = (band * 2) + channel;
                _steps[place] = channel == 1 && band >= bound
                    ? _steps[place - 1]
                    : steps[bits.Read(BitOperations.Log2((uint)steps.Length))];
            }
        }

        for (int place = 0; place < _steps.Length; place++)
        {
            if (place % 2 < channels && _steps[place] > 0)
            {
                _shared[place] = (byte)bits.Read(2);
            }
        }

        if (MpegCrc.Check(header, frame, bits.Position - (8 * header.BodyStart)) is { } wrong)
        {
            return wrong;
        }

        for (int place = 0; place < _steps.Length; place++)
        {
            if (place % 2 >= channels || _steps[place] == 0)
            {
                continue;
            }

            // Three scale factors, of which two or all can be one.
            Span<float> scales = _scales.AsSpan(3 * place, 3);
            int shared = _shared[place];
            scales[0] = s_scales[bits.Read(6)];
            scales[1] = shared is 0 or 3 ? s_scales[bits.Read(6)] : scales[0];
            scales[2] = shared is 0 or 1 ? s_scales[bits.Read(6)] : scales[1];
        }

        return null;
    }

    // Twelve slots of all subbands.
    private void ReadSamples(ref BitCursor bits, MpegFrameHeader header, int group)
    {
        int channels = header.Channels;
        int bound = Bound(header, Bands);
        int scaleIndex = header.Layer == 1 ? 0 : group;
        for (int slot = 0; slot < GroupSlots; slot += header.Layer == 1 ? 1 : 3)
        {
            for (int band = 0; band < Bands; band++)
            {
                ReadBand(ref bits, header.Layer, channels, band, slot, scaleIndex, isShared: band >= bound);
            }
        }
    }

    private void ReadBand(ref BitCursor bits, int layer, int channels, int band, int slot, int scaleIndex, bool isShared)
    {
        Span<float> values = stackalloc float[3];
        int count = layer == 1 ? 1 : 3;
        for (int channel = 0; channel < channels; channel++)
        {
            int place = (band * 2) + channel;
            int steps = _steps[place];
            Span<float> target = _subbands[channel].AsSpan((band * PolyphaseSynthesis.Stride) + slot, count);
            if (steps == 0)
            {
                target.Clear();
                continue;
            }

            if (channel == 0 || !isShared)
            {
                ReadValues(ref bits, layer, steps, values[..count]);
            }

            float scale = _scales[(3 * place) + scaleIndex] / steps;
            for (int i = 0; i < count; i++)
            {
                target[i] = values[i] * scale;
            }
        }
    }

    private static void ReadValues(ref BitCursor bits, int layer, int steps, scoped Span<float> values)
    {
        if (layer == 2 && (steps is 3 or 5 or 9))
        {
            int code = bits.Read(steps == 3 ? 5 : steps == 5 ? 7 : 10);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (2 * (code % steps)) - (steps - 1);
                code /= steps;
            }

            return;
        }

        int width = BitOperations.Log2((uint)steps + 1);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (2 * bits.Read(width)) - (steps - 1);
        }
    }
}
