using System.Reflection;
using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Tests.LogMel;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using NWaves.Windows;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.FrontEnds;

/// <summary>
/// The front ends' torch form against the reference cases and tolerances of the plain one; a case's own result is that of
/// the plain form.
/// </summary>
[TestClass]
public class FrontEndGoldenTests
{
    [TestMethod]
    [DynamicData(nameof(Cases), new object[] { "features_ast" }, DynamicDataDisplayName = nameof(Name))]
    public void Ast(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        LogMelOptions options = FrontEndCases.Ast(golden);
        double scale = options.NormalizationStd * (double)options.NormalizationWidth;
        AssertClose(golden, "output", options, golden.Atol / scale);
    }

    [TestMethod]
    [DynamicData(nameof(Cases), new object[] { "features_htsat" }, DynamicDataDisplayName = nameof(Name))]
    public void HtsAt(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        AssertClose(golden, "output_exact_f32", FrontEndCases.HtsAt(golden), golden.Atol);
    }

    [TestMethod]
    [DynamicData(nameof(Cases), new object[] { "features_passt" }, DynamicDataDisplayName = nameof(Name))]
    public void Passt(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        AssertClose(golden, "output", FrontEndCases.Passt(golden), golden.Atol);
    }

    [TestMethod]
    [DynamicData(nameof(Cases), new object[] { "filterbanks" }, DynamicDataDisplayName = nameof(Name))]
    public void Bands_and_windows(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        foreach ((string name, GoldenTensor expected) in golden.Tensors)
        {
            float[] actual = golden.Json.TryGetProperty("params", out JsonElement parameters)
                ? Bands(name, parameters, columns: (int)expected.Shape[1])
                : Window(name);
            GoldenAssert.Close(expected, actual, golden.Atol, golden.Rtol, name);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Cases), new object[] { "resample" }, DynamicDataDisplayName = nameof(Name))]
    public void Resampling(string id)
    {
        using DisposeScope scope = NewDisposeScope();
        GoldenCase golden = Goldens.Load(id);
        JsonElement parameters = golden.Json.GetProperty("params");
        using var resampler = new WaveformResampler(
            parameters.GetProperty("orig").GetInt32(),
            parameters.GetProperty("new").GetInt32(),
            FrontEndCases.Filter(golden));
        Tensor output = resampler.call(tensor(golden["input"].ToSingles()).unsqueeze(0));
        GoldenAssert.Close(golden["output"], ToArray(output), golden.Atol, golden.Rtol, "resampled");
    }

    internal static IEnumerable<object[]> Cases(string category) => Goldens.Cases(category);

    public static string Name(MethodInfo method, object[] data) => $"torch form of {data[0]}";

    private static void AssertClose(GoldenCase golden, string name, LogMelOptions options, double atol)
    {
        using DisposeScope scope = NewDisposeScope();
        using var frontEnd = new LogMelFrontEnd(options);
        Tensor features = frontEnd.call(tensor(golden["waveform"].ToSingles()).unsqueeze(0));
        GoldenAssert.Close(golden[name], ToArray(features), atol, golden.Rtol, "log-mel");
    }

    // The answer to one tone a bin: a tone's power lies in its own bin alone under a rectangular window.
    private static float[] Bands(string name, JsonElement parameters, int columns)
    {
        using DisposeScope scope = NewDisposeScope();
        int size = parameters.GetProperty("n_fft").GetInt32();
        (MelScale scale, MelNormalization normalization) = FrontEndCases.Bands(name);
        LogMelOptions options = Raw(size);
        options.SampleRate = parameters.GetProperty("sr").GetInt32();
        options.MelScale = scale;
        options.MelNormalization = normalization;
        options.MelBins = parameters.GetProperty("n_mels").GetInt32();
        options.LowFrequency = parameters.GetProperty("fmin").GetDouble();
        options.HighFrequency = parameters.GetProperty("fmax").GetDouble();
        Tensor bins = arange((size / 2) + 1).to(ScalarType.Float64).unsqueeze(1);
        Tensor tones = cos(bins * arange(size).to(ScalarType.Float64) * (2 * Math.PI / size)); // (bins, size)
        using var linear = new LogMelFrontEnd(Raw(size));
        using var frontEnd = new LogMelFrontEnd(options);
        Tensor power = linear.call(tones).amax([2], true);
        Tensor weights = (frontEnd.call(tones) / power).squeeze(1); // (bins, mels)
        return ToArray(weights.transpose(0, 1).narrow(1, 0, columns));
    }

    // The magnitude of the spectrum of one impulse at each place.
    private static float[] Window(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        (WindowType type, int length, bool isPeriodic, double exponent) = FrontEndCases.Window(name);
        LogMelOptions options = Raw(length);
        (options.Window, options.PeriodicWindow, options.WindowExponent) = (type, isPeriodic, exponent);
        options.Spectrum = SpectrumKind.Magnitude;
        using var frontEnd = new LogMelFrontEnd(options);
        return ToArray(frontEnd.call(eye(length, dtype: ScalarType.Float64)).amax(1, 2));
    }

    // A linear spectrogram of single frames.
    private static LogMelOptions Raw(int size) => new()
    {
        FftSize = size,
        WindowLength = size,
        HopLength = size,
        Window = WindowType.Rectangular,
        Alignment = FrameAlignment.Inside,
        MelScale = MelScale.Linear,
        Log = LogKind.None,
    };

    private static float[] ToArray(Tensor values) =>
        values.detach().to(ScalarType.Float32).contiguous().data<float>().ToArray();
}
