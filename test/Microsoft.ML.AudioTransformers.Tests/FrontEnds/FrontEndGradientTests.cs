using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.FrontEnds;

/// <summary>Gradients to the waveforms against central differences in double precision.</summary>
[TestClass]
public class FrontEndGradientTests
{
    [TestMethod]
    [DataRow("ast")]
    [DataRow("htsat")]
    [DataRow("passt")]
    [DataRow("magnitude")]
    [DataRow("mean")]
    public void LogMel(string kind)
    {
        LogMelOptions options = Options(kind);
        using var frontEnd = new LogMelFrontEnd(options);
        AssertGradients(frontEnd, samples: 700);
    }

    [TestMethod]
    [DataRow(44100, 16000)]
    [DataRow(8000, 32000)]
    public void Resampling(int from, int to)
    {
        using var resampler = new WaveformResampler(from, to);
        AssertGradients(resampler, samples: 500);
    }

    // Small sizes: what is tested has none of its own.
    private static LogMelOptions Options(string kind)
    {
        LogMelOptions options = kind switch
        {
            "ast" => LogMelOptions.CreateAst(4000),
            "htsat" => LogMelOptions.CreateHtsAt(4000),
            _ => LogMelOptions.CreatePasst(4000),
        };
        options.MelBins = 12;
        (options.TargetSamples, options.TargetFrames) = options.TargetSamples > 0 ? (900, 0) : (0, 20);
        if (kind == "htsat")
        {
            (options.WindowLength, options.HopLength) = (128, 40);
        }
        else if (kind == "magnitude")
        {
            (options.Spectrum, options.Padding, options.ShortWaveforms)
                = (SpectrumKind.Magnitude, EdgePadding.Edge, ShortWaveform.Repeat);
        }
        else if (kind == "mean")
        {
            (options.SubtractMean, options.Alignment, options.Padding)
                = (true, FrameAlignment.HopCentered, EdgePadding.Symmetric);
        }

        return options;
    }

    private static void AssertGradients(nn.Module<Tensor, Tensor> module, int samples)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(3);
        Tensor waveforms = randn([2, samples], ScalarType.Float64, generator: generator).mul(0.1).requires_grad_(true);
        Tensor weights;
        using (no_grad())
        {
            weights = randn(module.call(waveforms).shape, ScalarType.Float64, generator: generator);
        }

        Tensor Loss(Tensor input) => (module.call(input) * weights).sum();
        Loss(waveforms).backward();
        Tensor gradient = waveforms.grad!;
        using IDisposable guard = no_grad();
        var expected = new double[12];
        var actual = new double[12];
        for (int i = 0; i < expected.Length; i++)
        {
            // All samples at once in some directions, one alone in others: first, last and between.
            Tensor direction = i < 4
                ? randn([2, samples], ScalarType.Float64, generator: generator)
                : zeros([2, samples], ScalarType.Float64);
            if (i >= 4)
            {
                direction[i % 2, (i - 4) * (samples - 1) / (expected.Length - 5)] = tensor(1.0);
            }

            const double Step = 1e-6;
            Tensor above = Loss(waveforms + (direction * Step));
            Tensor below = Loss(waveforms - (direction * Step));
            expected[i] = (above - below).item<double>() / (2 * Step);
            actual[i] = (gradient * direction).sum().item<double>();
        }

        double scale = expected.Max(Math.Abs);
        Assert.IsGreaterThan(0, scale);
        GoldenAssert.Close(expected, actual, 1e-6 * scale, 1e-5, "derivatives");
    }
}
