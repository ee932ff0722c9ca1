using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using NWaves.Windows;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.FrontEnds;

[TestClass]
public class LogMelFrontEndTests
{
    private static readonly Dictionary<string, Action<LogMelOptions>> s_changes = new()
    {
        ["nothing"] = _ => { },
        ["FftSize"] = options => options.FftSize = 1500,
        ["WindowLength"] = options => options.WindowLength = 399,
        ["Window"] = options => options.Window = WindowType.Blackman,
        ["Window of NWaves"] = options => options.Window = WindowType.Gaussian,
        ["WindowExponent"] = options => options.WindowExponent = 0.85,
        ["PeriodicWindow"] = options => options.PeriodicWindow = !options.PeriodicWindow,
        ["HopLength"] = options => options.HopLength = 1201,
        ["Inside"] = options => options.Alignment = FrameAlignment.Inside,
        ["Centered"] = options => options.Alignment = FrameAlignment.Centered,
        ["HopCentered"] = options => options.Alignment = FrameAlignment.HopCentered,
        ["HopCentered, hop above window"] = options =>
            (options.Alignment, options.WindowLength, options.HopLength) = (FrameAlignment.HopCentered, 300, 500),
        ["Symmetric"] = options =>
            (options.Alignment, options.Padding) = (FrameAlignment.Centered, EdgePadding.Symmetric),
        ["Zero"] = options => (options.Alignment, options.Padding) = (FrameAlignment.Centered, EdgePadding.Zero),
        ["Edge"] = options => (options.Alignment, options.Padding) = (FrameAlignment.Centered, EdgePadding.Edge),
        ["SubtractMean"] = options => (options.SubtractMean, options.RemoveDcOffset) = (true, false),
        ["RemoveDcOffset"] = options => options.RemoveDcOffset = !options.RemoveDcOffset,
        ["RemoveDcOffset, single"] = options => (options.RemoveDcOffset, options.DoublePrecision) = (true, false),
        ["PreEmphasis off"] = options => options.PreEmphasis = 0,
        ["PreEmphasis, frame"] = options =>
            (options.PreEmphasis, options.PreEmphasisKind) = (0.9f, PreEmphasisKind.Frame),
        ["PreEmphasis, waveform"] = options =>
            (options.PreEmphasis, options.PreEmphasisKind) = (0.9f, PreEmphasisKind.Waveform),
        ["Magnitude"] = options => options.Spectrum = SpectrumKind.Magnitude,
        ["MelBins"] = options => options.MelBins = 40,
        ["Kaldi"] = options => options.MelScale = MelScale.Kaldi,
        ["Htk"] = options => options.MelScale = MelScale.Htk,
        ["Slaney"] = options => options.MelScale = MelScale.Slaney,
        ["Linear"] = options => options.MelScale = MelScale.Linear,
        ["MelNormalization"] = options => options.MelNormalization = MelNormalization.Slaney,
        ["Edges"] = options => (options.LowFrequency, options.HighFrequency) = (333, 7001),
        ["No logarithm"] = options => options.Log = LogKind.None,
        ["Natural"] = options => (options.Log, options.LogFloor) = (LogKind.Natural, 1e-7),
        ["Decibel"] = options =>
            (options.Log, options.LogFloor, options.DecibelReference) = (LogKind.Decibel, 1e-10, 0.5),
        ["LogOffset"] = options => (options.Log, options.LogFloor, options.LogOffset) = (LogKind.Natural, 0, 0.01),
        ["DynamicRange"] = options =>
            (options.Log, options.LogFloor, options.DynamicRange) = (LogKind.Decibel, 1e-10, 25),
        ["DynamicRange, padded"] = options =>
            (options.Log, options.LogFloor, options.DynamicRange, options.TargetFrames, options.PadValue)
                = (LogKind.Decibel, 1e-10, 25, 400, 30),
        ["Normalization"] = options =>
            (options.NormalizationMean, options.NormalizationStd, options.NormalizationWidth) = (-3.5f, 4.25f, 2),
        ["Longer, padded"] = options => (options.TargetSamples, options.TargetFrames) = (17011, 0),
        ["Longer, repeated"] = options =>
            (options.TargetSamples, options.TargetFrames, options.ShortWaveforms) = (30011, 0, ShortWaveform.Repeat),
        ["Mean, then longer"] = options =>
        {
            (options.TargetSamples, options.TargetFrames) = (17011, 0);
            (options.SubtractMean, options.RemoveDcOffset) = (true, false);
        },
        ["Cut"] = options => (options.TargetSamples, options.TargetFrames) = (3001, 0),
        ["Fewer frames"] = options => (options.TargetSamples, options.TargetFrames) = (0, 5),
        ["More frames"] = options =>
            (options.TargetSamples, options.TargetFrames, options.PadValue) = (0, 99, 1.5f),
        ["BandsByFrames"] = options => options.Layout = FeatureLayout.BandsByFrames,
        ["DoublePrecision"] = options => options.DoublePrecision = !options.DoublePrecision,
    };

    private static IEnumerable<object[]> Changes => s_changes.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Changes))]
    public void It_is_the_plain_extractor_whatever_the_options(string change)
    {
        foreach (LogMelOptions options in Presets())
        {
            s_changes[change](options);
            AssertEqualsPlain(options, 2, 8007);
        }
    }

    [TestMethod]
    public void Waveforms_shorter_than_the_padding_are_mirrored_again_and_again()
    {
        foreach (int length in new[] { 2, 3, 100, 513 })
        {
            foreach (EdgePadding padding in Enum.GetValues<EdgePadding>())
            {
                LogMelOptions options = LogMelOptions.HtsAt;
                (options.TargetSamples, options.Padding, options.DoublePrecision) = (0, padding, true);
                AssertEqualsPlain(options, 3, length);
            }
        }
    }

    [TestMethod]
    public void Clips_of_ten_seconds_have_the_frames_of_the_papers()
    {
        foreach ((LogMelOptions options, int samples, int frames) in new[]
        {
            (LogMelOptions.Ast, 160_000, 1024),
            (LogMelOptions.HtsAt, 320_000, 1001),
            (LogMelOptions.Passt, 320_000, 1000),
        })
        {
            using DisposeScope scope = NewDisposeScope();
            using var frontEnd = new LogMelFrontEnd(options);
            Assert.AreEqual(frames, frontEnd.FrameCount(samples));
            CollectionAssert.AreEqual(
                new long[] { 1, frames, frontEnd.Bands }, frontEnd.call(Waveforms(1, samples)).shape);
            AssertEqualsPlain(options, 1, samples);
        }
    }

    [TestMethod]
    public void A_batch_is_its_clips_side_by_side()
    {
        foreach (LogMelOptions options in Presets())
        {
            using DisposeScope scope = NewDisposeScope();
            using var frontEnd = new LogMelFrontEnd(options);
            Tensor waveforms = Waveforms(3, 8007);
            float[] batch = ToArray(frontEnd.call(waveforms));
            float[][] single = [.. Enumerable.Range(0, 3).Select(i => ToArray(frontEnd.call(waveforms.narrow(0, i, 1))))];
            AssertClose(batch, [.. single.SelectMany(values => values)], 1e-5, "batch");
        }
    }

    [TestMethod]
    public void Silence_has_finite_features_and_gradients()
    {
        foreach (LogMelOptions options in Presets())
        {
            foreach (SpectrumKind spectrum in Enum.GetValues<SpectrumKind>())
            {
                using DisposeScope scope = NewDisposeScope();
                options.Spectrum = spectrum;
                using var frontEnd = new LogMelFrontEnd(options);
                Tensor waveforms = zeros(1, 4000).requires_grad_(true);
                Tensor features = frontEnd.call(waveforms);
                features.sum().backward();
                Assert.IsTrue(ToArray(features).All(float.IsFinite));
                Assert.IsTrue(ToArray(waveforms.grad!).All(float.IsFinite));
            }
        }
    }

    [TestMethod]
    [DataRow(2, 0, 8, "(2, 0, 8)")]
    [DataRow(0, 8000, 0, "(0, 8000)")]
    public void What_is_no_batch_of_waveforms_is_refused(int batch, int samples, int more, string shape)
    {
        using DisposeScope scope = NewDisposeScope();
        using var frontEnd = new LogMelFrontEnd(LogMelOptions.Passt);
        Tensor waveforms = more > 0 ? zeros(batch, samples, more) : zeros(batch, samples);
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => frontEnd.call(waveforms));
        StringAssert.Contains(error.Message, shape, StringComparison.Ordinal);
        Assert.ThrowsExactly<ArgumentException>(() => frontEnd.call(zeros(1, 8000, ScalarType.Int64)));
    }

    [TestMethod]
    public void Too_short_waveforms_are_refused_as_the_plain_extractor_refuses_them()
    {
        using DisposeScope scope = NewDisposeScope();
        using var frontEnd = new LogMelFrontEnd(LogMelOptions.Ast);
        ArgumentException error = Assert.ThrowsExactly<ArgumentException>(() => frontEnd.call(zeros(2, 399)));
        StringAssert.Contains(error.Message, "has 399 samples; the first frame needs 400", StringComparison.Ordinal);
        error = Assert.ThrowsExactly<ArgumentException>(() => frontEnd.call(zeros(2, 0)));
        StringAssert.Contains(error.Message, "is empty", StringComparison.Ordinal);
    }

    [TestMethod]
    public void No_tensor_is_left_behind()
    {
        LeakCheck.NoGrowth(
            () => LiveTensors.Count,
            () =>
            {
                foreach (LogMelOptions options in Presets())
                {
                    using var frontEnd = new LogMelFrontEnd(options, 10, options.HighFrequency < 0 ? 1000 : 0);
                    using Tensor waveforms = Waveforms(2, 4000);
                    using Tensor drawn = frontEnd.call(waveforms);
                    frontEnd.eval();
                    using Tensor exact = frontEnd.call(waveforms);
                }
            },
            steps: 5);
    }

    internal static IEnumerable<LogMelOptions> Presets()
    {
        foreach (LogMelOptions options in new[] { LogMelOptions.Ast, LogMelOptions.HtsAt, LogMelOptions.Passt })
        {
            options.TargetSamples = options.TargetSamples > 0 ? 9001 : 0;
            options.TargetFrames = options.TargetFrames > 0 ? 60 : 0;
            yield return options;
        }
    }

    /// <summary>Noise, a tone and an offset, another for each clip.</summary>
    internal static Tensor Waveforms(int count, int samples)
    {
        var random = new Random(7);
        var values = new float[count * samples];
        for (int i = 0; i < values.Length; i++)
        {
            int clip = i / samples;
            double tone = Math.Sin(0.05 * (clip + 1) * (i % samples));
            values[i] = (float)((0.2 * tone) + (0.05 * random.NextDouble()) + (0.02 * clip));
        }

        return tensor(values, [count, samples]);
    }

    internal static float[] ToArray(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        return values.detach().contiguous().data<float>().ToArray();
    }

    // Within 1e-4 of the features' own deviation.
    private static void AssertEqualsPlain(LogMelOptions options, int count, int samples)
    {
        using DisposeScope scope = NewDisposeScope();
        using var frontEnd = new LogMelFrontEnd(options);
        var plain = new LogMelExtractor(options);
        Tensor waveforms = Waveforms(count, samples);
        float[] flat = ToArray(waveforms);
        float[] expected = [.. Enumerable.Range(0, count).SelectMany(i => plain.Extract(flat.AsSpan(i * samples, samples)))];
        double mean = expected.Average();
        double deviation = Math.Sqrt(expected.Average(value => (value - mean) * (value - mean)));
        Tensor features = frontEnd.call(waveforms);
        Assert.AreEqual(plain.Bands, frontEnd.Bands);
        Assert.AreEqual(plain.FrameCount(samples), frontEnd.FrameCount(samples));
        AssertClose(expected, ToArray(features), 1e-4 * deviation, $"{count} x {samples} samples");
        bool isBandsFirst = options.Layout == FeatureLayout.BandsByFrames;
        long[] shape = [count, frontEnd.FrameCount(samples), frontEnd.Bands];
        CollectionAssert.AreEqual(isBandsFirst ? [shape[0], shape[2], shape[1]] : shape, features.shape);
    }

    private static void AssertClose(float[] expected, float[] actual, double tolerance, string what) => GoldenAssert.Close(
        Array.ConvertAll(expected, value => (double)value), Array.ConvertAll(actual, value => (double)value),
        tolerance, 0, what);
}
