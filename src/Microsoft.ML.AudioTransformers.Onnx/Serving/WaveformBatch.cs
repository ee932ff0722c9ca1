using Microsoft.ML.AudioFeaturization.ClipScoring;

namespace Microsoft.ML.AudioTransformers.Onnx.Serving;

/// <summary>Scores waveforms of one length.</summary>
/// <param name="waveforms">Waveforms, (count, samples).</param>
/// <param name="count">Number of clips.</param>
/// <param name="probabilities">Probabilities of the classes, (count, classes); filled.</param>
internal delegate void WaveformScorer(float[] waveforms, int count, Span<float> probabilities);

/// <summary>
/// Batch of clips for a model with the front end inside. A graph takes waveforms of one length, so that clips of each length are
/// scored together.
/// </summary>
/// <param name="capacity">Most clips of the batch.</param>
/// <param name="longest">Samples after which the front end cuts a clip; 0 for none.</param>
/// <param name="score">Scores waveforms of one length.</param>
internal sealed class WaveformBatch(int capacity, int longest, WaveformScorer score) : ScoringBatch
{
    private readonly float[][] _waveforms = new float[capacity][];

    public override void Score(Span<float> probabilities)
    {
        int classes = probabilities.Length / Count;
        foreach (IGrouping<int, int> clips in Enumerable.Range(0, Count).GroupBy(clip => _waveforms[clip].Length))
        {
            int[] same = [.. clips];
            var values = new float[checked(same.Length * clips.Key)];
            for (int i = 0; i < same.Length; i++)
            {
                _waveforms[same[i]].CopyTo(values, i * clips.Key);
            }

            var scores = new float[same.Length * classes];
            score(values, same.Length, scores);
            for (int i = 0; i < same.Length; i++)
            {
                scores.AsSpan(i * classes, classes).CopyTo(probabilities[(same[i] * classes)..]);
            }
        }
    }

    protected override void Put(int place, ReadOnlySpan<float> values) =>
        _waveforms[place] = values[..(longest > 0 ? Math.Min(longest, values.Length) : values.Length)].ToArray();
}
