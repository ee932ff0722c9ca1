namespace Microsoft.ML.AudioTransformers.Drawing;

/// <summary>Greyscale image of a log-mel spectrogram: time to the right, low frequencies at the bottom, loud is light.</summary>
internal static class SpectrogramImage
{
    /// <summary>Checks that a spectrogram has whole frames, one or more.</summary>
    /// <exception cref="ArgumentException">It has not.</exception>
    public static void Check(ReadOnlySpan<float> logMel, int melBins, string name)
    {
        if (melBins < 1 || logMel.Length == 0 || logMel.Length % melBins != 0)
        {
            throw new ArgumentException(
                $"The log-mel has {logMel.Length} values; expected whole frames of {melBins} bins.", name);
        }
    }

    /// <summary>Encodes it as PNG.</summary>
    /// <param name="logMel">Log-mel spectrogram, (frames, mel bins).</param>
    /// <param name="melBins">Mel bins of a frame.</param>
    /// <param name="maximumColumns">Width of the image at most; of more frames, some share a column.</param>
    public static byte[] Encode(ReadOnlySpan<float> logMel, int melBins, int maximumColumns)
    {
        int frames = logMel.Length / melBins;
        int columns = Math.Min(frames, maximumColumns);
        (float low, float range) = Range(logMel);
        var pixels = new byte[columns * melBins];
        for (int column = 0; column < columns; column++)
        {
            // Of the frames that share a column, the loudest: a click must not vanish.
            int first = (int)((long)column * frames / columns);
            int end = (int)((column + 1L) * frames / columns);
            for (int bin = 0; bin < melBins; bin++)
            {
                float loudest = low;
                for (int frame = first; frame < end; frame++)
                {
                    float value = logMel[frame * melBins + bin];
                    loudest = float.IsFinite(value) ? Math.Max(loudest, value) : loudest;
                }

                pixels[(melBins - 1 - bin) * columns + column] = (byte)Math.Round(255 * ((loudest - low) / range));
            }
        }

        return PngImage.Encode(pixels, columns);
    }

    private static (float Low, float Range) Range(ReadOnlySpan<float> logMel)
    {
        (float low, float high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (float value in logMel)
        {
            if (float.IsFinite(value))
            {
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            }
        }

        return low > high ? (0, 1) : (low, Math.Max(high - low, float.Epsilon));
    }
}
