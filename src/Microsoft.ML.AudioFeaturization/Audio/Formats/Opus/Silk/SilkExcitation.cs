namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Silk;

/// <summary>Reads the pulses of a frame (RFC 6716, section 4.2.7.8).</summary>
/// <param name="range">Where from.</param>
internal sealed class SilkExcitation(RangeDecoder range)
{
    private const int Block = 16;
    private const int MaximumBlocks = 20;
    private const int MaximumPulses = 16;
    private const int MaximumShifts = 10;

    private readonly int[] _counts = new int[MaximumBlocks];
    private readonly int[] _shifts = new int[MaximumBlocks];

    /// <summary>Room that is enough for the pulses of a frame, which are read in blocks of 16.</summary>
    public const int MaximumSamples = MaximumBlocks * Block;

    /// <summary>Reads pulses.</summary>
    /// <param name="pulses">Room for them.</param>
    /// <param name="samples">Samples of the frame.</param>
    /// <param name="signalType">As in <see cref="SilkIndices.SignalType"/>.</param>
    /// <param name="quantizationType">As in <see cref="SilkIndices.QuantizationType"/>.</param>
    public void Read(short[] pulses, int samples, int signalType, int quantizationType)
    {
        int rate = range.ReadSymbol(SilkPulseTables.RateSymbols[((signalType >> 1) * 9)..]);
        int blocks = (samples + Block - 1) / Block;
        for (int block = 0; block < blocks; block++)
        {
            int shifts = 0;
            int count = range.ReadSymbol(SilkPulseTables.CountSymbols[(rate * 18)..]);
            while (count == MaximumPulses + 1)
            {
                // At last the symbol that asks for one more is left out.
                shifts++;
                count = range.ReadSymbol(SilkPulseTables.CountSymbols[((9 * 18) + (shifts == MaximumShifts ? 1 : 0))..]);
            }

            _counts[block] = count;
            _shifts[block] = shifts;
        }

        for (int block = 0; block < blocks; block++)
        {
            Split(pulses.AsSpan(block * Block, Block), _counts[block]);
        }

        for (int block = 0; block < blocks; block++)
        {
            for (int i = 0; _shifts[block] > 0 && i < Block; i++)
            {
                int pulse = pulses[(block * Block) + i];
                for (int bit = 0; bit < _shifts[block]; bit++)
                {
                    pulse = (pulse << 1) + range.ReadSymbol([120, 0]);
                }

                pulses[(block * Block) + i] = (short)pulse;
            }
        }

        ReadSigns(pulses, blocks, (7 * ((signalType << 1) + quantizationType)));
    }

    // Section 4.2.7.8.3: how many pulses are in the first half, down to one sample.
    private void Split(Span<short> pulses, int count)
    {
        if (count == 0)
        {
            pulses.Clear();
            return;
        }

        if (pulses.Length == 1)
        {
            pulses[0] = (short)count;
            return;
        }

        ReadOnlySpan<byte> symbols = pulses.Length switch
        {
            16 => SilkPulseTables.Splits16,
            8 => SilkPulseTables.Splits8,
            4 => SilkPulseTables.Splits4,
            _ => SilkPulseTables.Splits2,
        };
        int first = range.ReadSymbol(symbols[SilkPulseTables.SplitPlaces[count]..]);
        int half = pulses.Length / 2;
        Split(pulses[..half], first);
        Split(pulses[half..], count - first);
    }

    private void ReadSigns(short[] pulses, int blocks, int row)
    {
        Span<byte> symbols = [0, 0];
        for (int block = 0; block < blocks; block++)
        {
            if (_counts[block] == 0 && _shifts[block] == 0)
            {
                continue;
            }

            symbols[0] = SilkPulseTables.SignProbabilities[row + Math.Min(_counts[block], 6)];
            foreach (ref short pulse in pulses.AsSpan(block * Block, Block))
            {
                if (pulse > 0 && range.ReadSymbol(symbols) == 0)
                {
                    pulse = (short)-pulse;
                }
            }
        }
    }
}
