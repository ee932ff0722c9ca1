namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Rolls a waveform by a random number of samples, what leaves at one end coming in at the other.</summary>
/// <remarks>Source: PaSST section 3.3.</remarks>
internal sealed record WaveformRoll(int MaximumSamples) : IWaveformAugmentation
{
    public float[] Apply(float[] waveform, Random random)
    {
        int limit = Math.Min(MaximumSamples, waveform.Length - 1);
        int shift = random.Next(-limit, limit + 1);
        int split = (shift + waveform.Length) % waveform.Length;
        var rolled = new float[waveform.Length];
        waveform.AsSpan(0, waveform.Length - split).CopyTo(rolled.AsSpan(split));
        waveform.AsSpan(waveform.Length - split).CopyTo(rolled);
        return rolled;
    }
}
