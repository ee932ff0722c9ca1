namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>
/// The logarithm's unit and reference and the normalization, which are one multiplication and one addition behind the
/// natural logarithm.
/// </summary>
/// <param name="Scale">Factor of the natural logarithm.</param>
/// <param name="Shift">Summand after the multiplication.</param>
/// <param name="PadValue">The normalized value of an added frame.</param>
/// <param name="DynamicRange">
/// The range below the maximum beyond which values are cut, in normalized units; 0 for none.
/// </param>
internal readonly record struct LogMelScaling(double Scale, double Shift, double PadValue, double DynamicRange)
{
    /// <summary>The scaling that options describe.</summary>
    public static LogMelScaling Create(LogMelOptions options)
    {
        double divisor = (double)options.NormalizationStd * options.NormalizationWidth;
        bool decibel = options.Log == LogKind.Decibel;
        double reference = decibel ? 10 * Math.Log10(Math.Max(options.DecibelReference, options.LogFloor)) : 0;
        return new LogMelScaling(
            (decibel ? 10 / Math.Log(10) : 1) / divisor,
            (-options.NormalizationMean - reference) / divisor,
            (options.PadValue - options.NormalizationMean) / divisor,
            options.DynamicRange / divisor);
    }
}
