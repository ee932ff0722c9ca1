namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac.Encoding;

/// <summary>Codes blocks of all channels as FLAC frames of the streamable subset (RFC 9639, section 7).</summary>
/// <param name="sampleRate">In Hz.</param>
/// <param name="channels">1 to 8.</param>
/// <param name="bits">Bits of a sample, 16 or 24.</param>
internal sealed class FlacBlockEncoder(int sampleRate, int channels, int bits)
{
    private readonly FlacBitWriter _writer = new();
    private readonly FlacSubframeEncoder[] _subframes = MakeSubframes(Math.Max(channels, 4));
    private readonly int[][] _middleAndSide = [[], []];

    /// <summary>Codes a block.</summary>
    /// <param name="number">The number of the block.</param>
    /// <param name="samples">The samples of each channel.</param>
    /// <param name="length">How many of each; 1 to 65535.</param>
    /// <returns>The frame; it stays until the next call.</returns>
    public ReadOnlySpan<byte> Encode(long number, int[][] samples, int length)
    {
        for (int channel = 0; channel < channels; channel++)
        {
            _subframes[channel].Choose(samples[channel], length, bits);
        }

        (int assignment, int first, int second) = channels == 2 ? ChooseStereo(samples, length) : (channels - 1, 0, 1);
        WriteHeader(number, length, assignment);
        if (channels == 2)
        {
            _subframes[first].Write(_writer);
            _subframes[second].Write(_writer);
        }
        else
        {
            foreach (FlacSubframeEncoder subframe in _subframes.AsSpan(0, channels))
            {
                subframe.Write(_writer);
            }
        }

        _writer.Align();
        _writer.Write(FlacChecksums.Crc16(_writer.Bytes), 16);
        return _writer.Bytes;
    }

    private static FlacSubframeEncoder[] MakeSubframes(int count)
    {
        var subframes = new FlacSubframeEncoder[count];
        for (int i = 0; i < count; i++)
        {
            subframes[i] = new FlacSubframeEncoder();
        }

        return subframes;
    }

    // Left, right, middle and side are coded as 0 to 3; which two are the shortest?
    private (int Assignment, int First, int Second) ChooseStereo(int[][] samples, int length)
    {
        for (int i = 0; i < 2; i++)
        {
            if (_middleAndSide[i].Length < length)
            {
                _middleAndSide[i] = new int[length];
            }
        }

        for (int i = 0; i < length; i++)
        {
            int left = samples[0][i];
            int right = samples[1][i];
            _middleAndSide[0][i] = (left + right) >> 1;
            _middleAndSide[1][i] = left - right;
        }

        _subframes[2].Choose(_middleAndSide[0], length, bits);
        _subframes[3].Choose(_middleAndSide[1], length, bits + 1);
        long left2 = _subframes[0].Bits, right2 = _subframes[1].Bits, middle = _subframes[2].Bits, side = _subframes[3].Bits;
        long best = Math.Min(Math.Min(left2 + right2, left2 + side), Math.Min(side + right2, middle + side));
        return best == left2 + right2 ? (1, 0, 1)
            : best == left2 + side ? (FlacFrameHeader.LeftSide, 0, 3)
            : best == side + right2 ? (FlacFrameHeader.SideRight, 3, 1)
            : (FlacFrameHeader.MidSide, 2, 3);
    }

    private void WriteHeader(long number, int length, int assignment)
    {
        // A length or rate without a code of its own follows the number; one that fits neither form is in STREAMINFO alone.
        int rateCode = sampleRate switch
        {
            88200 => 1,
            176400 => 2,
            192000 => 3,
            8000 => 4,
            16000 => 5,
            22050 => 6,
            24000 => 7,
            32000 => 8,
            44100 => 9,
            48000 => 10,
            96000 => 11,
            <= ushort.MaxValue => 13,
            _ => sampleRate % 10 == 0 && sampleRate / 10 <= ushort.MaxValue ? 14 : 0,
        };
        _writer.Clear();
        _writer.Write(0xFFF8, 16);
        _writer.Write(7, 4);
        _writer.Write(rateCode, 4);
        _writer.Write(assignment, 4);
        _writer.Write(bits == 16 ? 4 : 6, 3);
        _writer.Write(0, 1);
        WriteNumber(number);
        _writer.Write(length - 1, 16);
        if (rateCode >= 13)
        {
            _writer.Write(rateCode == 13 ? sampleRate : sampleRate / 10, 16);
        }

        _writer.Write(FlacChecksums.Crc8(_writer.Bytes), 8);
    }

    // As UTF-8 codes characters, for up to 31 bits.
    private void WriteNumber(long number)
    {
        if (number < 0x80)
        {
            _writer.Write(number, 8);
            return;
        }

        int following = 1;
        while (number >> ((6 * following) + 6 - following) > 0)
        {
            following++;
        }

        _writer.Write((1 << (following + 2)) - 2, following + 2);
        _writer.Write(number >> (6 * following), 6 - following);
        for (int i = following - 1; i >= 0; i--)
        {
            _writer.Write(0b10, 2);
            _writer.Write(number >> (6 * i), 6);
        }
    }
}
