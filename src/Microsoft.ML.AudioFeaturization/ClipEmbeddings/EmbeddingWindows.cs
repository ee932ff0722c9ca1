using Microsoft.ML.AudioFeaturization;

namespace Microsoft.ML.AudioFeaturization.ClipEmbeddings;

/// <summary>
/// Overlapping windows of a waveform, the first centred on its start. Beyond its ends, the waveform is mirrored.
/// </summary>
/// <param name="Length">Samples of a window.</param>
/// <param name="Hop">Samples from one window to the next.</param>
/// <param name="SampleRate">Sample rate in Hz.</param>
/// <remarks>Source: the HEAR 2021 API as PaSST's authors implement it.</remarks>
internal sealed record EmbeddingWindows(int Length, int Hop, int SampleRate)
{
    /// <summary>Samples of a front end's target length; 0 if it has none.</summary>
    public static int LongestOf(LogMelOptions frontEnd) =>
        frontEnd.TargetSamples > 0 ? frontEnd.TargetSamples : checked(frontEnd.TargetFrames * frontEnd.HopLength);

    /// <summary>Number of windows of a waveform.</summary>
    /// <param name="samples">Length of the waveform in samples, 1 or more.</param>
    public int Count(int samples) => (int)((samples + (2L * (Length / 2)) - Length) / Hop) + 1;

    /// <summary>Time of a window's centre in milliseconds.</summary>
    public float Center(int window) => (float)((double)window * Hop * 1000 / SampleRate);

    /// <summary>Copies the samples of a window.</summary>
    /// <param name="waveform">The whole waveform.</param>
    /// <param name="window">Index of the window, counted from 0.</param>
    /// <param name="destination"><see cref="Length"/> samples; filled.</param>
    public void Fill(ReadOnlySpan<float> waveform, int window, Span<float> destination)
    {
        long start = ((long)window * Hop) - (Length / 2);
        if (start >= 0 && start + Length <= waveform.Length)
        {
            waveform.Slice((int)start, Length).CopyTo(destination);
            return;
        }

        for (int i = 0; i < Length; i++)
        {
            destination[i] = waveform[(int)Mirrored(start + i, waveform.Length)];
        }
    }

    /// <summary>Index of the mirror image of a sample beyond the ends; the first and last samples are not repeated.</summary>
    public static long Mirrored(long index, long count)
    {
        if (count == 1)
        {
            return 0;
        }

        long period = 2 * (count - 1);
        long place = ((index % period) + period) % period;
        return Math.Min(place, period - place);
    }
}
