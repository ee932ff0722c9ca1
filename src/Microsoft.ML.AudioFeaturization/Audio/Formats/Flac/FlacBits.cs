using System.Numerics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>The bits of a FLAC frame, from the highest of each byte down.</summary>
/// <remarks>
/// Reading beyond the end gives zeros and sets <see cref="IsOverrun"/>, so that a caller asks once for many numbers.
/// </remarks>
internal unsafe ref struct FlacBits
{
    /// <summary>Bytes that must lie behind the end, whatever they hold.</summary>
    public const int Padding = 16;

    private readonly byte* _bytes;
    private readonly int _length;
    private long _bit;

    /// <param name="bytes">The bytes, pinned, with <see cref="Padding"/> more behind them.</param>
    /// <param name="length">How many there are, without the padding.</param>
    /// <param name="start">The first byte to read.</param>
    public FlacBits(byte* bytes, int length, int start)
    {
        _bytes = bytes;
        _length = length;
        _bit = 8L * start;
    }

    /// <summary>Whether more was read than there is.</summary>
    public readonly bool IsOverrun => _bit > 8L * _length;

    /// <summary>The next byte that begins no earlier than the next bit.</summary>
    public readonly int NextByte => (int)((_bit + 7) >> 3);

    /// <summary>Reads a number of 0 to 32 bits.</summary>
    public uint Read(int count)
    {
        if (count == 0)
        {
            return 0;
        }

        uint value = (uint)(Peek() >> (64 - count));
        _bit += count;
        return value;
    }

    /// <summary>Reads a number in two's complement of 1 to 33 bits.</summary>
    public long ReadSigned(int count)
    {
        long value = (long)Peek() >> (64 - count);
        _bit += count;
        return value;
    }

    /// <summary>Counts the zeros before the next one, and passes it.</summary>
    public long ReadUnary()
    {
        long zeros = 0;
        while (!IsOverrun)
        {
            // 57 bits are valid wherever in a byte they begin.
            int leading = BitOperations.LeadingZeroCount(Peek());
            if (leading < 57)
            {
                _bit += leading + 1;
                return zeros + leading;
            }

            zeros += 57;
            _bit += 57;
        }

        return zeros;
    }

    /// <summary>Reads numbers in two's complement of the same width.</summary>
    /// <param name="values">Room for the numbers.</param>
    /// <param name="count">How many.</param>
    /// <param name="bits">1 to 32.</param>
    public void ReadSigned(int* values, int count, int bits)
    {
        for (int i = 0; i < count && !IsOverrun; i++)
        {
            values[i] = (int)ReadSigned(bits);
        }
    }

    /// <summary>Reads residuals in Rice's code with one parameter.</summary>
    /// <param name="values">Room for the residuals.</param>
    /// <param name="count">How many.</param>
    /// <param name="parameter">Bits below the unary part, 0 to 30.</param>
    public void ReadRice(int* values, int count, int parameter)
    {
        for (int i = 0; i < count && !IsOverrun; i++)
        {
            values[i] = ReadRice(parameter);
        }
    }

    /// <summary>Reads residuals in Rice's code with one parameter, and makes samples of them.</summary>
    /// <param name="samples">Room for the samples, behind <see cref="FlacPredictor.MaximumOrder"/> readable ones.</param>
    /// <param name="count">How many.</param>
    /// <param name="parameter">Bits below the unary part, 0 to 30.</param>
    /// <param name="predictor">The predictor, of order <see cref="FlacPredictor.MaximumShort"/> at most.</param>
    public void ReadRice(int* samples, int count, int parameter, ref FlacPredictor predictor)
    {
        int done = 0;
        while (done < count && !IsOverrun)
        {
            // As each number of the fast loop has at most 56 bits, so many cannot leave the bytes.
            int safe = (int)Math.Min(count - done, ((8L * _length) - _bit) / 56);
            if (safe > 1)
            {
                done += FlacRice.Read(_bytes, ref _bit, samples + done, safe, parameter, ref predictor);
            }

            // It has ended before an odd one, or two that are long together.
            for (int end = Math.Min(done + 2, count); done < end; done++)
            {
                samples[done] = ReadRice(parameter);
                predictor.Undo(samples + done, 1);
            }
        }
    }

    private int ReadRice(int parameter)
    {
        ulong quotient = (ulong)ReadUnary();
        uint folded = (uint)(quotient << parameter) | Read(parameter);
        return (int)(folded >> 1) ^ -(int)(folded & 1);
    }

    private readonly ulong Peek()
    {
        long start = _bit >> 3;
        return start > _length ? 0 : FlacRice.ReadBigEndian(_bytes + start) << (int)(_bit & 7);
    }
}
