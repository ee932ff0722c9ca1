namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>One channel of a frame (RFC 9639, section 9.2).</summary>
internal static unsafe class FlacSubframe
{
    private const int Constant = 0;
    private const int Verbatim = 1;
    private const int Fixed = 8;
    private const int Linear = 32;

    /// <summary>Decodes a channel whose samples have at most 32 bits.</summary>
    /// <param name="bits">At the subframe.</param>
    /// <param name="samples">Room for the block, behind <see cref="FlacPredictor.MaximumOrder"/> readable samples.</param>
    /// <param name="count">Samples of the block.</param>
    /// <param name="sampleBits">Bits of a sample, 4 to 32.</param>
    /// <returns>What is wrong, for a message, or null.</returns>
    public static string? Read(ref FlacBits bits, int* samples, int count, int sampleBits)
    {
        string? wrong = ReadHeader(ref bits, ref sampleBits, count, out int type, out int order, out int wasted);
        if (wrong is not null)
        {
            return wrong;
        }

        switch (type)
        {
            case Constant:
                new Span<int>(samples, count).Fill((int)bits.ReadSigned(sampleBits));
                break;
            case Verbatim:
                bits.ReadSigned(samples, count, sampleBits);
                break;
            default:
                bits.ReadSigned(samples, order, sampleBits);
                wrong = ReadPredictor(ref bits, type, order, sampleBits, out FlacPredictor predictor)
                    ?? ReadResiduals(ref bits, samples, count, ref predictor, asSamples: true);
                break;
        }

        if (wasted > 0)
        {
            for (int i = 0; i < count; i++)
            {
                samples[i] <<= wasted;
            }
        }

        return wrong;
    }

    /// <summary>Decodes the side channel of 32-bit audio, whose samples have 33 bits.</summary>
    /// <param name="bits">At the subframe.</param>
    /// <param name="samples">Room for the block, behind <see cref="FlacPredictor.MaximumOrder"/> readable samples.</param>
    /// <param name="residuals">Room for the block.</param>
    /// <param name="count">Samples of the block.</param>
    /// <param name="sampleBits">33.</param>
    /// <returns>What is wrong, for a message, or null.</returns>
    public static string? ReadWide(ref FlacBits bits, long* samples, int* residuals, int count, int sampleBits)
    {
        string? wrong = ReadHeader(ref bits, ref sampleBits, count, out int type, out int order, out int wasted);
        if (wrong is not null)
        {
            return wrong;
        }

        if (type == Constant)
        {
            new Span<long>(samples, count).Fill(bits.ReadSigned(sampleBits));
        }
        else
        {
            int plain = type == Verbatim ? count : order;
            for (int i = 0; i < plain; i++)
            {
                samples[i] = bits.ReadSigned(sampleBits);
            }

            if (type != Verbatim)
            {
                wrong = ReadPredictor(ref bits, type, order, sampleBits, out FlacPredictor predictor)
                    ?? ReadResiduals(ref bits, residuals, count, ref predictor, asSamples: false);
                for (int i = order; i < count; i++)
                {
                    samples[i] = residuals[i];
                }

                predictor.Undo(samples + order, count - order);
            }
        }

        for (int i = 0; i < count && wasted > 0; i++)
        {
            samples[i] <<= wasted;
        }

        return wrong;
    }

    // The type, the predictor's order, and how many low bits all samples have as zeros, which are then not coded.
    private static string? ReadHeader(
        ref FlacBits bits, ref int sampleBits, int count, out int type, out int order, out int wasted)
    {
        uint header = bits.Read(8);
        int code = (int)(header >> 1) & 0x3F;
        (type, order) = code switch
        {
            Constant or Verbatim => (code, 0),
            >= Fixed and <= Fixed + 4 => (Fixed, code - Fixed),
            >= Linear => (Linear, code - Linear + 1),
            _ => (-1, 0),
        };
        wasted = 0;
        if ((header & 0x80) != 0 || type < 0)
        {
            return $"a subframe's header is {header:X2}, which is reserved";
        }

        if (order > count)
        {
            return $"a predictor of order {order} is longer than its block of {count} samples";
        }

        if ((header & 1) != 0)
        {
            wasted = (int)Math.Min(bits.ReadUnary() + 1, sampleBits);
            sampleBits -= wasted;
        }

        return sampleBits > 0 ? null : "a subframe wastes all bits of its samples";
    }

    private static string? ReadPredictor(
        ref FlacBits bits, int type, int order, int sampleBits, out FlacPredictor predictor)
    {
        if (type == Fixed)
        {
            predictor = FlacPredictor.Fixed(order);
            return null;
        }

        int precision = (int)bits.Read(4) + 1;
        int shift = (int)bits.ReadSigned(5);
        predictor = new FlacPredictor { Order = order, Shift = shift };
        if (precision == 16 || shift < 0)
        {
            return $"a linear predictor has coefficients of {precision} bits and a shift of {shift}; expected 1 to 15 and "
                + "0 to 15";
        }

        long sum = 0;
        for (int i = 0; i < order; i++)
        {
            long coefficient = bits.ReadSigned(precision);
            predictor.Wide[i] = coefficient;
            predictor.Narrow[i] = (int)coefficient;
            sum += Math.Abs(coefficient);
        }

        // The largest sum of products of such samples.
        predictor.IsWide = sum << (sampleBits - 1) > int.MaxValue;
        return null;
    }

    // Section 9.2.7: partitions of equal length, each with its own parameter; the first lacks the predictor's first samples.
    private static string? ReadResiduals(
        ref FlacBits bits, int* values, int count, ref FlacPredictor predictor, bool asSamples)
    {
        int order = predictor.Order;
        uint method = bits.Read(2);
        if (method > 1)
        {
            return $"residuals are coded by method {method}; expected 0 or 1";
        }

        int parameterBits = method == 0 ? 4 : 5;
        int escape = (1 << parameterBits) - 1;
        int partitionOrder = (int)bits.Read(4);
        int length = count >> partitionOrder;
        if (length << partitionOrder != count || length < order)
        {
            return $"a block of {count} samples is cut into {1 << partitionOrder} partitions for a predictor of order "
                + $"{order}";
        }

        int start = order;
        for (int end = length; end <= count && !bits.IsOverrun; end += length)
        {
            int parameter = (int)bits.Read(parameterBits);
            bool isFused = asSamples && parameter < escape && order <= FlacPredictor.MaximumShort;
            if (isFused)
            {
                bits.ReadRice(values + start, end - start, parameter, ref predictor);
            }
            else if (parameter < escape)
            {
                bits.ReadRice(values + start, end - start, parameter);
            }
            else if (bits.Read(5) is > 0 and uint width)
            {
                bits.ReadSigned(values + start, end - start, (int)width);
            }
            else
            {
                new Span<int>(values + start, end - start).Clear();
            }

            if (asSamples && !isFused)
            {
                predictor.Undo(values + start, end - start);
            }

            start = end;
            if (length == 0)
            {
                break;
            }
        }

        return null;
    }
}
