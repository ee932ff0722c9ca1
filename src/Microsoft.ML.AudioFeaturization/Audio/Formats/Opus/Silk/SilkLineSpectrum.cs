using System.Numerics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Silk;

/// <summary>Line spectral frequencies, from which filters are made (RFC 6716, section 4.2.7.5).</summary>
/// <param name="isWide">Whether filters have the order 16 in place of 10.</param>
internal sealed class SilkLineSpectrum(bool isWide)
{
    private const int MaximumOrder = 16;
    private const int MaximumRounds = 20;

    // In which order the roots are multiplied, which keeps the products small.
    private static ReadOnlySpan<byte> WideOrder => [0, 15, 8, 7, 4, 11, 12, 3, 2, 13, 10, 5, 6, 9, 14, 1];

    private static ReadOnlySpan<byte> NarrowOrder => [0, 9, 6, 3, 4, 5, 8, 1, 2, 7];

    /// <summary>How many frequencies there are.</summary>
    public int Order => isWide ? 16 : 10;

    private ReadOnlySpan<byte> Predictors => isWide ? SilkWideCodebook.Predictors : SilkNarrowCodebook.Predictors;

    private ReadOnlySpan<byte> Selectors => isWide ? SilkWideCodebook.Selectors : SilkNarrowCodebook.Selectors;

    private ReadOnlySpan<short> Distances => isWide ? SilkWideCodebook.Distances : SilkNarrowCodebook.Distances;

    /// <summary>Reads which vector it is, and the residuals (sections 4.2.7.5.1 and 4.2.7.5.2).</summary>
    /// <param name="range">Where from.</param>
    /// <param name="isVoiced">Whether the frame is.</param>
    /// <param name="indices">Room for the vector's number and as many residuals as the order.</param>
    public void Read(RangeDecoder range, bool isVoiced, Span<sbyte> indices)
    {
        ReadOnlySpan<byte> symbols = isWide ? SilkWideCodebook.VectorSymbols : SilkNarrowCodebook.VectorSymbols;
        ReadOnlySpan<byte> residuals = isWide ? SilkWideCodebook.ResidualSymbols : SilkNarrowCodebook.ResidualSymbols;
        int vector = range.ReadSymbol(symbols[(isVoiced ? 32 : 0)..]);
        indices[0] = (sbyte)vector;
        for (int i = 0; i < Order; i++)
        {
            int set = SelectorOf(vector, i) >> 1 & 7;
            int residual = range.ReadSymbol(residuals[(set * 9)..]);
            if (residual == 0)
            {
                residual -= range.ReadSymbol(SilkTables.ExtensionSymbols);
            }
            else if (residual == 8)
            {
                residual += range.ReadSymbol(SilkTables.ExtensionSymbols);
            }

            indices[i + 1] = (sbyte)(residual - 4);
        }
    }

    /// <summary>Makes frequencies of what was read (sections 4.2.7.5.3 and 4.2.7.5.4).</summary>
    /// <param name="indices">As <see cref="Read"/> gave them.</param>
    /// <param name="frequencies">Room for the frequencies, in 1/32768 of half the sampling rate.</param>
    public void Decode(ReadOnlySpan<sbyte> indices, Span<short> frequencies)
    {
        int vector = indices[0];
        int step = isWide ? 9830 : 11796;
        ReadOnlySpan<byte> places = (isWide ? SilkWideCodebook.Vectors : SilkNarrowCodebook.Vectors)
            .Slice(vector * Order, Order);
        ReadOnlySpan<short> weights = (isWide ? SilkWideCodebook.Weights : SilkNarrowCodebook.Weights)
            .Slice(vector * Order, Order);
        int residual = 0;
        for (int i = Order - 1; i >= 0; i--)
        {
            int predictor = i == Order - 1 ? 0
                : Predictors[i + ((SelectorOf(vector, i) & 1) * (Order - 1))];
            int predicted = residual * predictor >> 8;
            int index = indices[i + 1];
            int level = (index << 10) - (Math.Sign(index) * 102);
            residual = predicted + SilkMath.Scale(level, step);
            frequencies[i] = (short)Math.Clamp(((residual << 14) / weights[i]) + (places[i] << 7), 0, 32767);
        }

        Stabilize(frequencies);
    }

    /// <summary>Makes the filter of frequencies (sections 4.2.7.5.6 to 4.2.7.5.8).</summary>
    /// <param name="frequencies">The frequencies.</param>
    /// <param name="filter">Room for as many weights, in Q12.</param>
    public void MakeFilter(ReadOnlySpan<short> frequencies, Span<short> filter)
    {
        int order = Order;
        int half = order / 2;
        ReadOnlySpan<byte> places = isWide ? WideOrder : NarrowOrder;
        Span<int> cosines = stackalloc int[MaximumOrder];
        for (int i = 0; i < order; i++)
        {
            int whole = frequencies[i] >> 8;
            int cosine = SilkTables.Cosines[whole];
            int slope = SilkTables.Cosines[whole + 1] - cosine;
            cosines[places[i]] = SilkMath.Round((cosine << 8) + (slope * (frequencies[i] & 255)), 4);
        }

        Span<int> even = stackalloc int[(MaximumOrder / 2) + 1];
        Span<int> odd = stackalloc int[(MaximumOrder / 2) + 1];
        Expand(cosines, half, even);
        Expand(cosines[1..], half, odd);
        Span<int> weights = stackalloc int[MaximumOrder];
        weights = weights[..order];
        for (int i = 0; i < half; i++)
        {
            int sum = even[i + 1] + even[i];
            int difference = odd[i + 1] - odd[i];
            weights[i] = -difference - sum;
            weights[order - 1 - i] = difference - sum;
        }

        Fit(weights, filter);
        for (int i = 0; i < 16 && InverseGain(filter[..order]) == 0; i++)
        {
            SilkMath.Widen(weights, 65536 - (2 << i));
            for (int j = 0; j < order; j++)
            {
                filter[j] = (short)SilkMath.Round(weights[j], 5);
            }
        }
    }

    /// <summary>Tells the inverse of a filter's gain in Q30, or 0 where it is not stable (section 4.2.7.5.8).</summary>
    public static int InverseGain(ReadOnlySpan<short> filter)
    {
        const int Limit = 16773022;
        const int Least = 107374;
        Span<int> weights = stackalloc int[MaximumOrder];
        int sum = 0;
        for (int i = 0; i < filter.Length; i++)
        {
            sum += filter[i];
            weights[i] = filter[i] << 12;
        }

        if (sum >= 4096)
        {
            return 0;
        }

        int inverse = 1 << 30;
        for (int k = filter.Length - 1; ; k--)
        {
            if (weights[k] is > Limit or < -Limit)
            {
                return 0;
            }

            int reflection = -(weights[k] << 7);
            int rest = (1 << 30) - SilkMath.High(reflection, reflection);
            inverse = SilkMath.High(inverse, rest) << 2;
            if (inverse < Least)
            {
                return 0;
            }

            if (k == 0)
            {
                return inverse;
            }

            int bits = 32 - BitOperations.LeadingZeroCount((uint)rest);
            int scale = SilkMath.Invert(rest, bits + 30);
            for (int i = 0; i < (k + 1) >> 1; i++)
            {
                int one = weights[i];
                int other = weights[k - 1 - i];
                long first = StepDown(one, other, reflection, scale, bits);
                long second = StepDown(other, one, reflection, scale, bits);
                // RFC 8251, section 6: past 32 bits a filter is not stable.
                if (first != (int)first || second != (int)second)
                {
                    return 0;
                }

                weights[i] = (int)first;
                weights[k - 1 - i] = (int)second;
            }
        }
    }

    // RFC 8251, section 6: the difference is limited to 32 bits.
    private static long StepDown(int one, int other, int reflection, int scale, int bits) => SilkMath.Round(
        SilkMath.Saturate(one - SilkMath.Round((long)other * reflection, 31)) * (long)scale, bits);

    // The coefficients of a polynomial of which the cosines of every other root are given.
    private static void Expand(ReadOnlySpan<int> cosines, int half, Span<int> polynomial)
    {
        polynomial[0] = 1 << 16;
        polynomial[1] = -cosines[0];
        for (int k = 1; k < half; k++)
        {
            int cosine = cosines[2 * k];
            polynomial[k + 1] = (polynomial[k - 1] << 1) - (int)SilkMath.Round((long)cosine * polynomial[k], 16);
            for (int n = k; n > 1; n--)
            {
                polynomial[n] += polynomial[n - 2] - (int)SilkMath.Round((long)cosine * polynomial[n - 1], 16);
            }

            polynomial[1] -= cosine;
        }
    }

    // From Q17 to Q12, as narrow as 16 bits ask for.
    private static void Fit(Span<int> weights, Span<short> filter)
    {
        int round = 0;
        for (; round < 10; round++)
        {
            int largest = 0;
            int place = 0;
            for (int i = 0; i < weights.Length; i++)
            {
                if (Math.Abs(weights[i]) > largest)
                {
                    largest = Math.Abs(weights[i]);
                    place = i;
                }
            }

            largest = SilkMath.Round(largest, 5);
            if (largest <= short.MaxValue)
            {
                break;
            }

            largest = Math.Min(largest, 163838);
            SilkMath.Widen(
                weights, 65470 - (((largest - short.MaxValue) << 14) / (largest * (place + 1) >> 2)));
        }

        for (int i = 0; i < weights.Length; i++)
        {
            int weight = SilkMath.Round(weights[i], 5);
            filter[i] = SilkMath.Saturate(weight);
            weights[i] = round == 10 ? filter[i] << 5 : weights[i];
        }
    }

    // Four bits for each residual: which symbols, and which predictors.
    private int SelectorOf(int vector, int place)
    {
        int pair = Selectors[(vector * Order / 2) + (place / 2)];
        return (place & 1) == 0 ? pair : pair >> 4;
    }

    // Section 4.2.7.5.4: moves frequencies apart that are too close.
    private void Stabilize(Span<short> frequencies)
    {
        int order = Order;
        ReadOnlySpan<short> distances = Distances;
        for (int round = 0; round < MaximumRounds; round++)
        {
            int least = int.MaxValue;
            int place = 0;
            for (int i = 0; i <= order; i++)
            {
                int low = i == 0 ? 0 : frequencies[i - 1];
                int high = i == order ? 32768 : frequencies[i];
                if (high - low - distances[i] < least)
                {
                    least = high - low - distances[i];
                    place = i;
                }
            }

            if (least >= 0)
            {
                return;
            }

            if (place == 0)
            {
                frequencies[0] = distances[0];
            }
            else if (place == order)
            {
                frequencies[order - 1] = (short)(32768 - distances[order]);
            }
            else
            {
                int lowest = distances[place] >> 1;
                for (int i = 0; i < place; i++)
                {
                    lowest += distances[i];
                }

                int highest = 32768 - (distances[place] >> 1);
                for (int i = order; i > place; i--)
                {
                    highest -= distances[i];
                }

                int center = Limit(SilkMath.Round(frequencies[place - 1] + frequencies[place], 1), lowest, highest);
                frequencies[place - 1] = (short)(center - (distances[place] >> 1));
                frequencies[place] = (short)(frequencies[place - 1] + distances[place]);
            }
        }

        frequencies[..order].Sort();
        frequencies[0] = Math.Max(frequencies[0], distances[0]);
        for (int i = 1; i < order; i++)
        {
            // RFC 8251, section 7: the sum is limited to 16 bits.
            frequencies[i] = Math.Max(frequencies[i], SilkMath.Saturate(frequencies[i - 1] + distances[i]));
        }

        frequencies[order - 1] = (short)Math.Min(frequencies[order - 1], 32768 - distances[order]);
        for (int i = order - 2; i >= 0; i--)
        {
            frequencies[i] = (short)Math.Min(frequencies[i], frequencies[i + 1] - distances[i + 1]);
        }
    }

    private static int Limit(int value, int one, int other) =>
        Math.Clamp(value, Math.Min(one, other), Math.Max(one, other));
}
