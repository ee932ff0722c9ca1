using System.Buffers.Binary;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

/// <summary>
/// Microsoft ADPCM, 4 bits a sample: blocks with a header of 7 bytes a channel, which has its first two samples. Microsoft,
/// "Multimedia Data Standards Update" (1994).
/// </summary>
internal sealed class MicrosoftAdpcmCoding : BlockCoding
{
    private const int HeaderBytes = 7;
    private const int MinimumDelta = 16;

    private readonly int _channels;
    private readonly (short First, short Second)[] _coefficients;

    /// <param name="channels">At least 1.</param>
    /// <param name="blockBytes">Bytes of a block; at least 7 a channel.</param>
    /// <param name="coefficients">Pairs of prediction coefficients in 1/256, or none for the standard's seven.</param>
    public MicrosoftAdpcmCoding(int channels, int blockBytes, (short First, short Second)[] coefficients)
    {
        _channels = channels;
        _coefficients = coefficients.Length > 0
            ? coefficients
            : [(256, 0), (512, -256), (0, 0), (192, 64), (240, 0), (460, -208), (392, -232)];
        BlockBytes = blockBytes;
        BlockFrames = FramesOfPart(blockBytes);
    }

    /// <inheritdoc/>
    public override string Name => "Microsoft ADPCM";

    /// <inheritdoc/>
    public override int BlockBytes { get; }

    /// <inheritdoc/>
    public override int BlockFrames { get; }

    private static ReadOnlySpan<short> Adaptation =>
        [230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230];

    /// <inheritdoc/>
    public override int FramesOfPart(int bytes) =>
        bytes < HeaderBytes * _channels ? 0 : 2 + ((bytes - (HeaderBytes * _channels)) * 2 / _channels);

    /// <inheritdoc/>
    public override string? Decode(Span<byte> bytes, Span<float> samples)
    {
        int frames = FramesOfPart(bytes.Length);
        for (int channel = 0; channel < _channels; channel++)
        {
            if (bytes[channel] >= _coefficients.Length)
            {
                return
                    $"a block of Microsoft ADPCM uses predictor {bytes[channel]}, expected less than {_coefficients.Length}";
            }

            (short first, short second) = _coefficients[bytes[channel]];
            int delta = Header(bytes, channel, 0);
            int last = Header(bytes, channel, 1);
            int beforeLast = Header(bytes, channel, 2);
            samples[channel] = beforeLast * (1f / (1 << 15));
            samples[_channels + channel] = last * (1f / (1 << 15));
            for (int frame = 2; frame < frames; frame++)
            {
                int nibble = ((frame - 2) * _channels) + channel;
                int code = (bytes[(HeaderBytes * _channels) + (nibble / 2)] >> ((nibble & 1) == 0 ? 4 : 0)) & 15;
                int prediction = ((last * first) + (beforeLast * second)) >> 8;
                int step = (code >= 8 ? code - 16 : code) * delta;
                beforeLast = last;
                last = Math.Clamp(prediction + step, short.MinValue, short.MaxValue);
                delta = Math.Clamp((Adaptation[code] * delta) >> 8, MinimumDelta, int.MaxValue / 768);
                samples[(frame * _channels) + channel] = last * (1f / (1 << 15));
            }
        }

        return null;
    }

    // The fields behind the predictors, 16 bits a channel each: delta, last sample, the one before.
    private int Header(ReadOnlySpan<byte> bytes, int channel, int field) =>
        BinaryPrimitives.ReadInt16LittleEndian(bytes[(_channels + (2 * ((field * _channels) + channel)))..]);
}
