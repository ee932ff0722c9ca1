namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>The triangles that sum a spectrum's bins into bands.</summary>
internal sealed class MelFilterBank
{
    // Slaney: 200 / 3 Hz a mel up to 1000 Hz, above that 27 mels for a factor of 6.4.
    private const double SlaneyLinear = 200.0 / 3;
    private const double SlaneyCorner = 1000;
    private static readonly double s_slaneyLog = Math.Log(6.4) / 27;

    private MelFilterBank(int bins, Band[] bands)
    {
        Bins = bins;
        Bands = bands;
    }

    /// <summary>The number of FFT bins, from 0 Hz to the Nyquist frequency.</summary>
    public int Bins { get; }

    /// <summary>The bands from low to high.</summary>
    public Band[] Bands { get; }

    /// <summary>The filter bank that the options describe.</summary>
    public static MelFilterBank Create(LogMelOptions options) => options.MelScale == MelScale.Linear
        ? new MelFilterBank(options.Bands, [.. Enumerable.Range(0, options.Bands).Select(bin => new Band(bin, [1]))])
        : Create(
            options.MelScale,
            options.MelNormalization,
            options.SampleRate,
            options.EffectiveFftSize,
            options.MelBins,
            options.LowFrequency,
            options.EffectiveHighFrequency);

    /// <summary>A filter bank.</summary>
    /// <param name="scale">The scale of the bands, not linear.</param>
    /// <param name="normalization">Their weighting.</param>
    /// <param name="sampleRate">In Hz.</param>
    /// <param name="fftSize">In samples.</param>
    /// <param name="bands">The number of bands.</param>
    /// <param name="low">The lower edge of the lowest in Hz.</param>
    /// <param name="high">The upper edge of the highest in Hz.</param>
    public static MelFilterBank Create(
        MelScale scale, MelNormalization normalization, int sampleRate, int fftSize, int bands, double low, double high)
    {
        // Kaldi's triangles are straight over mel and leave out the Nyquist bin; the others are straight over Hz.
        bool overMel = scale == MelScale.Kaldi;
        int bins = (fftSize / 2) + 1;
        int usedBins = overMel ? fftSize / 2 : bins;
        double melLow = ToMel(scale, low);
        double melStep = (ToMel(scale, high) - melLow) / (bands + 1);
        var triangles = new Band[bands];
        var weights = new List<float>();
        for (int band = 0; band < bands; band++)
        {
            double melLeft = melLow + (band * melStep);
            double melCentre = melLow + ((band + 1) * melStep);
            double melRight = melLow + ((band + 2) * melStep);
            double hertzLeft = ToHertz(scale, melLeft);
            double hertzRight = ToHertz(scale, melRight);
            (double left, double centre, double right) =
                overMel ? (melLeft, melCentre, melRight) : (hertzLeft, ToHertz(scale, melCentre), hertzRight);
            double height = normalization == MelNormalization.Slaney ? 2 / (hertzRight - hertzLeft) : 1;

            weights.Clear();
            int first = 0;

            // Compared before they are whole numbers: edges may lie far above the bins.
            int end = (int)Math.Min(usedBins, (hertzRight * fftSize / sampleRate) + 2);
            int start = (int)Math.Clamp((hertzLeft * fftSize / sampleRate) - 1, 0, usedBins);
            for (int bin = start; bin < end; bin++)
            {
                double frequency = (double)bin * sampleRate / fftSize;
                double x = overMel ? ToMel(scale, frequency) : frequency;
                double weight = Math.Min((x - left) / (centre - left), (right - x) / (right - centre));
                if (weight > 0)
                {
                    first = weights.Count == 0 ? bin : first;
                    weights.Add((float)(weight * height));
                }
            }

            triangles[band] = new Band(first, [.. weights]);
        }

        return new MelFilterBank(bins, triangles);
    }

    /// <summary>The weights of all bands over all bins: (bands, bins), most of it zero.</summary>
    public float[] ToDense()
    {
        var dense = new float[Bands.Length * Bins];
        for (int band = 0; band < Bands.Length; band++)
        {
            Bands[band].Weights.CopyTo(dense, (band * Bins) + Bands[band].FirstBin);
        }

        return dense;
    }

    private static double ToMel(MelScale scale, double hertz) => scale switch
    {
        MelScale.Kaldi => 1127 * Math.Log(1 + (hertz / 700)),
        MelScale.Htk => 2595 * Math.Log10(1 + (hertz / 700)),
        _ => hertz < SlaneyCorner
            ? hertz / SlaneyLinear
            : (SlaneyCorner / SlaneyLinear) + (Math.Log(hertz / SlaneyCorner) / s_slaneyLog),
    };

    private static double ToHertz(MelScale scale, double mel) => scale switch
    {
        MelScale.Kaldi => 700 * (Math.Exp(mel / 1127) - 1),
        MelScale.Htk => 700 * (Math.Pow(10, mel / 2595) - 1),
        _ => mel < SlaneyCorner / SlaneyLinear
            ? mel * SlaneyLinear
            : SlaneyCorner * Math.Exp((mel - (SlaneyCorner / SlaneyLinear)) * s_slaneyLog),
    };

    /// <summary>One band.</summary>
    /// <param name="FirstBin">The first bin of weight above zero.</param>
    /// <param name="Weights">The weights from there on; empty for a band narrower than the bins are apart.</param>
    internal sealed record Band(int FirstBin, float[] Weights);
}
