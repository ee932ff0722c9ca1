using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Precision that a network computes in on a device, and why. See <see cref="AudioPrecision.Auto"/>.</summary>
/// <param name="IsBFloat16">Whether its layers multiply in bfloat16.</param>
/// <param name="Reason">Why, as the end of a sentence.</param>
internal sealed record PrecisionChoice(bool IsBFloat16, string Reason)
{
    /// <summary>
    /// Fewest parameters of a network for which bfloat16 is chosen, between the small presets and the papers' sizes. A layer of
    /// few inputs multiplies little for each number that is rounded.
    /// </summary>
    public const long LeastParameters = 5_000_000;

    /// <summary>The choice for a network.</summary>
    /// <param name="asked">What the options say.</param>
    /// <param name="network">Network.</param>
    /// <param name="device">Device.</param>
    public static PrecisionChoice Of(AudioPrecision asked, AudioModel network, Device device)
    {
        if (asked != AudioPrecision.Auto)
        {
            return new PrecisionChoice(asked == AudioPrecision.BFloat16, "as the options ask");
        }

        if (!network.HasMixedPrecision)
        {
            return new PrecisionChoice(false, $"in which alone {network.GetName()} computes");
        }

        if (IsSmall(network))
        {
            return new PrecisionChoice(false, $"since models of fewer than {LeastParameters} parameters stay in it");
        }

        bool isCpu = device.type == DeviceType.CPU;
        if (!(isCpu ? MixedPrecision.IsFastOnCpu : CudaCapability.Major(Math.Max(device.index, 0)) >= CudaCapability.Ampere))
        {
            return new PrecisionChoice(false, "since nothing is known here that multiplies bfloat16 faster");
        }

        return NativeSelfTest.Default.Problem(device, ScalarType.BFloat16) is { } problem
            ? new PrecisionChoice(false, $"since the self-test found bfloat16 wrong: {problem}")
            : new PrecisionChoice(true, isCpu ? "which this processor has" : "which this GPU has");
    }

    /// <summary>Whether a network has fewer than <see cref="LeastParameters"/>.</summary>
    public static bool IsSmall(AudioModel network) =>
        network.parameters().Sum(parameter => parameter.numel()) < LeastParameters;

    /// <summary>Sentence for the log.</summary>
    /// <param name="what">What computes, "Training" for example.</param>
    public string Describe(string what) => $"{what} in {(IsBFloat16 ? "bfloat16" : "float32")}, {Reason}.";
}
