namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>
/// The four bytes that a frame of MPEG audio starts with. ISO/IEC 11172-3, 2.4.2.3; ISO/IEC 13818-3 for the lower sample rates
/// of MPEG-2; MPEG-2.5, which no standard has, halves them once more.
/// </summary>
internal readonly record struct MpegFrameHeader
{
    /// <summary>Bytes of a header.</summary>
    public const int Bytes = 4;

    /// <summary>The largest frame in bytes: the largest bit rate of layer II at the lowest sample rate, and free formats.</summary>
    public const int MaximumFrameBytes = 8192;

    private static readonly short[][] s_bitRates =
    [
        [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];

    private static readonly int[] s_sampleRates = [44100, 48000, 32000];

    /// <summary>0 for MPEG-1, 1 for MPEG-2, 2 for MPEG-2.5: by how many powers of two the sample rate is lower.</summary>
    public int Version { get; private init; }

    /// <summary>1, 2 or 3.</summary>
    public int Layer { get; private init; }

    /// <summary>Whether a CRC-16 follows the header.</summary>
    public bool HasCrc { get; private init; }

    /// <summary>In kbit/s; 0 for the free format.</summary>
    public int BitRate { get; private init; }

    /// <summary>Place of the sample rate among the three of its version.</summary>
    public int SampleRateIndex { get; private init; }

    /// <summary>1 where a slot is added to the frame, else 0.</summary>
    public int Padding { get; private init; }

    /// <summary>0 for stereo, 1 for joint stereo, 2 for two channels, 3 for one.</summary>
    public int Mode { get; private init; }

    /// <summary>What is joint in joint stereo; 0 to 3.</summary>
    public int ModeExtension { get; private init; }

    /// <summary>In Hz.</summary>
    public int SampleRate => s_sampleRates[SampleRateIndex] >> Version;

    /// <summary>1 or 2.</summary>
    public int Channels => Mode == 3 ? 1 : 2;

    /// <summary>Frames (samples of each channel) that are coded.</summary>
    public int Samples => Layer == 1 ? 384 : Layer == 3 && Version > 0 ? 576 : 1152;

    /// <summary>Bytes of what <see cref="Padding"/> counts.</summary>
    public int SlotBytes => Layer == 1 ? 4 : 1;

    /// <summary>Bytes of the side information of layer III.</summary>
    public int SideInfoBytes => Version == 0 ? (Channels == 1 ? 17 : 32) : (Channels == 1 ? 9 : 17);

    /// <summary>Bytes before the side information or the bit allocation.</summary>
    public int BodyStart => HasCrc ? Bytes + 2 : Bytes;

    /// <summary>Bytes of the frame by its bit rate; 0 for the free format.</summary>
    public int FrameBytes => BitRate == 0 ? 0 : SlotBytes * ((Samples / 8 / SlotBytes * 1000 * BitRate / SampleRate) + Padding);

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">At least four bytes.</param>
    /// <param name="header">The header.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out MpegFrameHeader header)
    {
        header = default;
        int version = (bytes[1] >> 3) & 3;
        int layer = 4 - ((bytes[1] >> 1) & 3);
        int bitRate = bytes[2] >> 4;
        int sampleRate = (bytes[2] >> 2) & 3;
        if (bytes[0] != 0xFF || (bytes[1] & 0xE0) != 0xE0 || version == 1 || layer == 4 || bitRate == 15 || sampleRate == 3
            || (bytes[3] & 3) == 2)
        {
            return false;
        }

        int row = version == 3 ? layer - 1 : layer == 1 ? 3 : 4;
        header = new MpegFrameHeader
        {
            Version = version == 3 ? 0 : version == 2 ? 1 : 2,
            Layer = layer,
            HasCrc = (bytes[1] & 1) == 0,
            BitRate = s_bitRates[row][bitRate],
            SampleRateIndex = sampleRate,
            Padding = (bytes[2] >> 1) & 1,
            Mode = bytes[3] >> 6,
            ModeExtension = (bytes[3] >> 4) & 3,
        };
        return true;
    }

    /// <summary>Whether another frame can follow in the same recording.</summary>
    public bool IsLike(MpegFrameHeader other) =>
        Version == other.Version && Layer == other.Layer && SampleRateIndex == other.SampleRateIndex
        && (BitRate == 0) == (other.BitRate == 0);
}
