using Microsoft.ML.AudioFeaturization.ClipEmbeddings;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.AudioTransformers.Scoring.Embeddings;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring.Embeddings;

/// <summary>Windows of a clip that comes as a stream, which are those of the whole clip.</summary>
[TestClass]
public sealed class CenteredWindowsTests
{
    /// <summary>Each sample is its own number. By hand: 5 samples in windows of 4, 2 apart, centred on 0, 2 and 4.</summary>
    [TestMethod]
    public void Windows_are_centred_and_mirrored()
    {
        var windows = new CenteredWindows(new EmbeddingWindows(4, 2, 1), WaveformWindows.ReaderOf(new float[] { 0, 1, 2, 3, 4 }));
        var samples = new float[4];
        foreach (float[] expected in new float[][] { [2, 1, 0, 1], [0, 1, 2, 3], [2, 3, 4, 3] })
        {
            Assert.IsTrue(windows.Next(samples));
            CollectionAssert.AreEqual(expected, samples);
        }

        Assert.IsFalse(windows.Next(samples));
    }

    [TestMethod]
    public void A_stream_s_windows_are_those_of_the_whole_clip()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 300; trial++)
        {
            int length = random.Next(1, 20);
            var grid = new EmbeddingWindows(length, random.Next(1, 30), 1);
            float[] clip = [.. Enumerable.Range(0, length + random.Next(1, 100)).Select(i => (float)i)];
            var windows = new CenteredWindows(grid, WaveformWindows.ReaderOf(clip));
            var expected = new float[length];
            var samples = new float[length];
            for (int window = 0; window < grid.Count(clip.Length); window++)
            {
                Assert.IsTrue(windows.Next(samples), $"{grid}, {clip.Length}");
                grid.Fill(clip, window, expected);
                CollectionAssert.AreEqual(expected, samples, $"{grid}, {clip.Length}, {window}");
            }

            Assert.IsFalse(windows.Next(samples), $"{grid}, {clip.Length}");
        }
    }
}
