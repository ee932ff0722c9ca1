using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Tests.LogMel;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio;

[TestClass]
public sealed class ResamplerTests
{
    [TestMethod, TestCategory("Golden"), GoldenCases("resample")]
    public void Golden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        var parameters = golden.Json.GetProperty("params");
        float[] output = Resampler.Resample(
            golden["input"].ToSingles(),
            parameters.GetProperty("orig").GetInt32(),
            parameters.GetProperty("new").GetInt32(),
            FrontEndCases.Filter(golden));
        GoldenAssert.Close(golden["output"], output, golden.Atol, golden.Rtol, "resampled");
    }

    [TestMethod]
    [DataRow(44100, 16000)]
    [DataRow(48000, 32000)]
    [DataRow(8000, 32000)]
    [DataRow(192000, 16000)]
    [DataRow(43000, 44101)]
    [DataRow(1, 7)]
    public void Blocks_of_any_size_give_the_same_to_the_bit(int from, int to)
    {
        float[] signal = Noise(30011);
        float[] whole = Resampler.Resample(signal, from, to);
        var random = new Random(5);
        var resampler = new Resampler(from, to);
        for (int round = 0; round < 2; round++)
        {
            var output = new List<float>();
            for (int start = 0; start < signal.Length;)
            {
                int length = Math.Min(random.Next(0, 2500), signal.Length - start);
                var block = new float[(int)resampler.OutputLength(start + length) - output.Count];
                Assert.IsLessThanOrEqualTo(resampler.BlockCapacity(length), block.Length);
                output.AddRange(block.AsSpan(0, resampler.Process(signal.AsSpan(start, length), block)));
                start += length;
            }

            var rest = new float[(int)resampler.OutputLength(signal.Length) - output.Count];
            output.AddRange(rest.AsSpan(0, resampler.Finish(rest)));
            CollectionAssert.AreEqual(whole, output);
            resampler.Reset();
        }
    }

    // Outputs against the sum that defines them, in double. torchaudio rounds the filter's argument to float32, which
    // moves its taps by a few parts in 10^7 of the cut-off rate.
    [TestMethod]
    [DataRow(3, 2, 40)]
    [DataRow(441, 160, 1300)]
    [DataRow(8000, 44101, 700)]
    [DataRow(191999, 192000, 500)]
    [DataRow(1000000, 7, 900000)]
    [DataRow(1, 16000, 3)]
    public void Any_ratio_follows_the_definition(int from, int to, int length)
    {
        float[] signal = Noise(length);
        float[] output = Resampler.Resample(signal, from, to);
        Assert.HasCount((int)Math.Ceiling((double)length * to / from), output);
        double rate = Math.Min(from, to) * 0.99;
        double tolerance = Math.Max(from, to) > 4096 ? 2e-6 : 2e-6 + (2e-7 * rate);
        for (int n = 0; n < output.Length; n += Math.Max(1, output.Length / 50))
        {
            double sum = 0;
            int reach = (int)Math.Ceiling(6 * from / rate) + 1;
            int centre = (int)((long)n * from / to);
            for (int i = Math.Max(0, centre - reach); i <= Math.Min(length - 1, centre + reach); i++)
            {
                double t = ((double)i / from - (double)n / to) * rate;
                if (Math.Abs(t) < 6)
                {
                    double window = Math.Cos(t * Math.PI / 12);
                    sum += signal[i] * window * window * (t == 0 ? 1 : Math.Sin(Math.PI * t) / (Math.PI * t));
                }
            }

            Assert.AreEqual(sum * rate / from, output[n], tolerance, $"output {n}");
        }
    }

    [TestMethod]
    public void One_sample_and_none()
    {
        Assert.HasCount(0, Resampler.Resample([], 44100, 16000));
        Assert.HasCount(1, Resampler.Resample([1f], 44100, 16000));
        Assert.HasCount(4, Resampler.Resample([1f], 8000, 32000));
        CollectionAssert.AreEqual(new[] { 1f, 2f }, Resampler.Resample([1f, 2f], 8000, 8000));
    }

    private static float[] Noise(int length)
    {
        var random = new Random(17);
        var noise = new float[length];
        for (int i = 0; i < length; i++)
        {
            noise[i] = (random.NextSingle() * 2) - 1;
        }

        return noise;
    }
}
