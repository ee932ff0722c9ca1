using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.FrontEnds;

[TestClass]
public class WaveformResamplerTests
{
    [TestMethod]
    [DataRow(44100, 16000, 5003)]
    [DataRow(16000, 44100, 5003)]
    [DataRow(48000, 32000, 3)]
    [DataRow(8000, 32000, 1)]
    [DataRow(192000, 16000, 4001)]
    [DataRow(43000, 44100, 4001)]
    [DataRow(1, 7, 30)]
    [DataRow(16000, 16000, 100)]
    public void It_is_the_plain_resampler(int from, int to, int samples)
    {
        using DisposeScope scope = NewDisposeScope();
        using var resampler = new WaveformResampler(from, to);
        Tensor waveforms = LogMelFrontEndTests.Waveforms(3, samples);
        Tensor output = resampler.call(waveforms);
        float[] flat = LogMelFrontEndTests.ToArray(waveforms);
        float[] expected =
            [.. Enumerable.Range(0, 3).SelectMany(i => Resampler.Resample(flat.AsSpan(i * samples, samples), from, to))];
        CollectionAssert.AreEqual(new long[] { 3, expected.Length / 3 }, output.shape);
        GoldenAssert.Close(
            Array.ConvertAll(expected, value => (double)value),
            Array.ConvertAll(LogMelFrontEndTests.ToArray(output), value => (double)value),
            1e-6, 1e-6, $"{from} to {to} Hz");
    }

    [TestMethod]
    public void Rates_and_waveforms_out_of_range_are_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new WaveformResampler(0, 16000));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new WaveformResampler(16000, 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new WaveformResampler(44101, 16000));
        using var resampler = new WaveformResampler(48000, 16000);
        Assert.ThrowsExactly<ArgumentException>(() => resampler.call(zeros(100)));
        Assert.ThrowsExactly<ArgumentException>(() => resampler.call(zeros(1, 0)));
    }

    [TestMethod]
    public void No_tensor_is_left_behind() => LeakCheck.NoGrowth(
        () => LiveTensors.Count,
        () =>
        {
            using var resampler = new WaveformResampler(44100, 16000);
            using Tensor waveforms = LogMelFrontEndTests.Waveforms(2, 4000);
            using Tensor output = resampler.call(waveforms);
            using Tensor inDouble = waveforms.to(ScalarType.Float64);
            using Tensor outputInDouble = resampler.call(inDouble);
        },
        steps: 5);
}
