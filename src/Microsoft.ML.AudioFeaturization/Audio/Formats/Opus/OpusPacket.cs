namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus;

/// <summary>The frames of a packet of one stream (RFC 6716, section 3).</summary>
internal sealed class OpusPacket
{
    /// <summary>Sampling rate of all that is decoded, in Hz.</summary>
    public const int Rate = 48000;

    /// <summary>The longest packet: 120 ms (section 3.2.5).</summary>
    public const int MaximumSamples = Rate * 120 / 1000;

    private const int MaximumFrames = 48;
    private const int MaximumFrameBytes = 1275;

    private readonly int[] _lengths = new int[MaximumFrames];

    /// <summary>What codes the frames.</summary>
    public OpusMode Mode { get; private set; }

    /// <summary>Audio bandwidth: 0 narrow (4 kHz), 1 medium (6), 2 wide (8), 3 super-wide (12), 4 full (20).</summary>
    public int Bandwidth { get; private set; }

    /// <summary>Samples of each frame.</summary>
    public int FrameSamples { get; private set; }

    /// <summary>Whether the frames have two channels.</summary>
    public bool IsStereo { get; private set; }

    /// <summary>How many frames there are.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of each frame.</summary>
    public ReadOnlySpan<int> Lengths => _lengths.AsSpan(0, Count);

    /// <summary>Where the first frame begins in the packet.</summary>
    public int Start { get; private set; }

    /// <summary>Where the packet ends: behind its padding.</summary>
    public int End { get; private set; }

    /// <summary>Tells how many samples a packet gives, by its first two bytes.</summary>
    /// <returns>The samples, or 0 where its head makes no sense.</returns>
    public static int SamplesOf(ReadOnlySpan<byte> packet)
    {
        if (packet.Length == 0)
        {
            return 0;
        }

        int count = (packet[0] & 3) switch
        {
            0 => 1,
            1 or 2 => 2,
            _ => packet.Length > 1 ? packet[1] & 63 : 0,
        };
        int samples = count * SamplesOfFrame(packet[0]);
        return samples <= MaximumSamples ? samples : 0;
    }

    /// <summary>Reads the head of a packet.</summary>
    /// <param name="packet">The packet, or several, of which all but the last tell their lengths.</param>
    /// <param name="start">Where the packet begins.</param>
    /// <param name="isDelimited">Whether the packet tells its length (appendix B).</param>
    /// <returns>Whether it makes sense.</returns>
    public bool Read(ReadOnlySpan<byte> packet, int start, bool isDelimited)
    {
        if (start >= packet.Length)
        {
            return false;
        }

        int head = packet[start];
        int place = start + 1;
        int configuration = head >> 3;
        Mode = configuration < 12 ? OpusMode.Silk : configuration < 16 ? OpusMode.Hybrid : OpusMode.Celt;
        Bandwidth = configuration < 12 ? configuration >> 2
            : configuration < 16 ? 3 + ((configuration - 12) >> 1)
            : configuration < 20 ? 0 : (configuration - 12) >> 2;
        FrameSamples = SamplesOfFrame((byte)head);
        IsStereo = (head & 4) != 0;
        int padding = 0;
        bool isEven = (head & 3) is 0 or 1;
        Count = (head & 3) == 0 ? 1 : 2;
        if ((head & 3) == 3)
        {
            if (place >= packet.Length)
            {
                return false;
            }

            int counts = packet[place++];
            Count = counts & 63;
            isEven = (counts & 0x80) == 0;
            if (Count == 0 || Count * FrameSamples > MaximumSamples
                || ((counts & 0x40) != 0 && !ReadPadding(packet, ref place, out padding)))
            {
                return false;
            }
        }

        return ReadLengths(packet, place, padding, isEven, isDelimited);
    }

    private static int SamplesOfFrame(byte head)
    {
        int configuration = head >> 3;
        return configuration switch
        {
            < 12 => (configuration & 3) == 3 ? Rate * 60 / 1000 : Rate / 100 << (configuration & 3),
            < 16 => Rate / 100 << (configuration & 1),
            _ => Rate / 400 << (configuration & 3),
        };
    }

    // Section 3.2.5. RFC 8251, section 4: the sum stays below the packet's length, and so cannot wrap.
    private static bool ReadPadding(ReadOnlySpan<byte> packet, ref int place, out int padding)
    {
        padding = 0;
        while (place < packet.Length)
        {
            int part = packet[place++];
            padding += Math.Min(part, 254);
            if (padding > packet.Length - place)
            {
                return false;
            }

            if (part < 255)
            {
                return true;
            }
        }

        return false;
    }

    // Section 3.2.1: one or two bytes.
    private static int ReadLength(ReadOnlySpan<byte> packet, ref int place)
    {
        if (place >= packet.Length)
        {
            return -1;
        }

        int length = packet[place++];
        if (length < 252)
        {
            return length;
        }

        return place >= packet.Length ? -1 : length + (4 * packet[place++]);
    }

    private bool ReadLengths(ReadOnlySpan<byte> packet, int place, int padding, bool isEven, bool isDelimited)
    {
        int told = 0;
        for (int i = 0; !isEven && i < Count - 1; i++)
        {
            int length = ReadLength(packet, ref place);
            if (length < 0)
            {
                return false;
            }

            _lengths[i] = length;
            told += length;
        }

        int last;
        if (isDelimited)
        {
            last = ReadLength(packet, ref place);
        }
        else
        {
            int left = packet.Length - place - padding - told;
            last = isEven ? left / Count : left;
            if (isEven && last * Count != left)
            {
                return false;
            }
        }

        if (isEven)
        {
            _lengths.AsSpan(0, Count).Fill(last);
            told = last * (Count - 1);
        }

        _lengths[Count - 1] = last;
        Start = place;
        End = place + told + last + padding;
        return last is >= 0 and <= MaximumFrameBytes && End <= packet.Length;
    }
}
