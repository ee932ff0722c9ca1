namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Silk;

/// <summary>
/// The short-term synthesis filter (RFC 6716, section 4.2.7.9.2), of frames that are decoded and of those that are made up.
/// </summary>
internal static class SilkSynthesis
{
    /// <summary>How many samples the filter may look back.</summary>
    public const int MaximumOrder = 16;

    /// <summary>Adds to an excitation what a filter predicts from the samples before.</summary>
    /// <param name="excitation">The excitation in Q14; it may stand where the samples are made.</param>
    /// <param name="filter">The filter's weights in Q12, that of the last sample first.</param>
    /// <param name="gain">What the output is multiplied by, in Q10.</param>
    /// <param name="signal">The last 16 samples in Q14, then room for as many as the excitation has.</param>
    /// <param name="output">Room for the samples with the gain.</param>
    public static void Run(
        ReadOnlySpan<int> excitation, ReadOnlySpan<short> filter, int gain, Span<int> signal, Span<short> output)
    {
        for (int i = 0; i < excitation.Length; i++)
        {
            int predicted = SilkMath.Saturate((long)Predict(signal.Slice(i, MaximumOrder), filter) << 4);
            int sample = SilkMath.Saturate((long)excitation[i] + predicted);
            signal[MaximumOrder + i] = sample;
            output[i] = SilkMath.Saturate(SilkMath.Round(SilkMath.Multiply(sample, gain), 8));
        }
    }

    // With half an error of each product added.
    private static int Predict(ReadOnlySpan<int> last, ReadOnlySpan<short> filter)
    {
        int sum = filter.Length >> 1;
        for (int i = 0; i < filter.Length; i++)
        {
            sum = unchecked(sum + SilkMath.Scale(last[MaximumOrder - 1 - i], filter[i]));
        }

        return sum;
    }
}
