using Microsoft.ML.AudioFeaturization;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.WrongInput;

/// <summary>Tensors that the modules before a model must refuse.</summary>
internal static class WrongFrontEndInput
{
    public static IEnumerable<WrongCall> Calls() =>
    [
        .. Tensors("LogMelFrontEnd", () => new LogMelFrontEnd(Options()), shortest: 100, "100 samples"),
        .. Tensors("WaveformResampler", () => new WaveformResampler(16_000, 8000), shortest: 0, "empty"),
        new WrongCall(
            "LogMelFrontEnd: a disposed module",
            () =>
            {
                var module = new LogMelFrontEnd(Options());
                module.Dispose();
                module.call(zeros(2, 4000)).Dispose();
            },
            "disposed"),
        new WrongCall(
            "LogMelFrontEnd: no options", () => new LogMelFrontEnd(null!), "options"),
        new WrongCall(
            "LogMelFrontEnd: more edges than the spectrum has",
            () => new LogMelFrontEnd(Options(), highFrequencyRange: 20_000), "highFrequencyRange is 20000", "4000 Hz"),
        new WrongCall(
            "LogMelFrontEnd: no hop", () => new LogMelFrontEnd(Options(options => options.HopLength = 0)), "HopLength",
            "0"),
        new WrongCall(
            "LogMelFrontEnd: an FFT shorter than the window",
            () => new LogMelFrontEnd(Options(options => options.FftSize = 8)), "FftSize", "8"),
        new WrongCall(
            "LogMelFrontEnd: more bands than bins", () => new LogMelFrontEnd(Options(options => options.MelBins = -1)),
            "MelBins", "-1"),
        new WrongCall(
            "WaveformResampler: a rate of 0", () => new WaveformResampler(0, 8000), "sourceRate", "0"),
        new WrongCall(
            "WaveformResampler: rates without a common divisor", () => new WaveformResampler(100_003, 99_991),
            "100003 to 99991 Hz", "larger common divisor"),
    ];

    private static IEnumerable<WrongCall> Tensors(
        string name, Func<nn.Module<Tensor, Tensor>> create, int shortest, string tooShort)
    {
        yield return Wrong("null", () => null!, "waveforms");
        yield return Wrong("a waveform without a batch", () => zeros(4000), "(4000)", "(batch, samples)");
        yield return Wrong("channels", () => zeros(2, 1, 4000), "(2, 1, 4000)", "(batch, samples)");
        yield return Wrong("a batch of none", () => zeros(0, 4000), "(0, 4000)", "(batch, samples)");
        yield return Wrong("a scalar", () => tensor(1f), "()", "(batch, samples)");
        yield return Wrong("whole numbers", () => zeros(2, 4000, dtype: ScalarType.Int64), "Int64", "Float32 or Float64");
        yield return Wrong("float16", () => zeros(2, 4000, dtype: ScalarType.Float16), "Float16", "Float32 or Float64");
        yield return Wrong(
            "complex numbers", () => zeros(2, 4000, dtype: ScalarType.ComplexFloat32), "Complex", "Float32 or Float64");
        yield return Wrong("too few samples", () => zeros(2, shortest), tooShort);
        yield return Wrong("a disposed tensor", Disposed, "Tensor invalid");
        yield return Wrong("a sparse tensor", () => zeros(2, 4000).to_sparse(), "sparse", "(batch, samples)");
        yield return Wrong("a tensor without memory", () => zeros(2, 4000, device: META), "meta", "(batch, samples)");

        WrongCall Wrong(string what, Func<Tensor> input, params string[] parts) => new(
            $"{name}: {what}",
            () =>
            {
                using DisposeScope scope = NewDisposeScope();
                using nn.Module<Tensor, Tensor> module = create();
                module.call(input());
            },
            parts);
    }

    private static Tensor Disposed()
    {
        Tensor waveforms = zeros(2, 4000);
        waveforms.Dispose();
        return waveforms;
    }

    private static LogMelOptions Options(Action<LogMelOptions>? change = null)
    {
        LogMelOptions options = LogMelOptions.CreatePasst(8000);
        (options.MelBins, options.Alignment, options.TargetSamples, options.TargetFrames) = (16, FrameAlignment.Inside, 0, 0);
        change?.Invoke(options);
        return options;
    }
}
