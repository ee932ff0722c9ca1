using System.Runtime.Intrinsics.X86;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Mixed precision: linear layers multiply in bfloat16, and round their weights and inputs, which stay in float32, just
/// before. Each product is summed up in float32 and rounded once. Softmax of attention, means over tokens, normalizations
/// and losses are computed in float32; attention's weights, and in training the gradients of weights and scores, are rounded
/// to bfloat16, since they are factors of the next product.
/// </summary>
/// <remarks>
/// Source: Micikevicius et al., "Mixed Precision Training" (2018), section 3.1; bfloat16 has float32's range, so that
/// losses need no scaling (Kalamkar et al. 2019).
/// </remarks>
internal static class MixedPrecision
{
    [ThreadStatic]
    private static bool s_isOn;

    [ThreadStatic]
    private static ScoringWeights? s_weights;

    /// <summary>Whether this thread's layers multiply in bfloat16.</summary>
    public static bool IsOn => s_isOn;

    /// <summary>
    /// Whether this processor multiplies bfloat16 faster than float32: AVX-512 BF16 or AMX on x86; elsewhere unknown, so
    /// false.
    /// </summary>
    public static bool IsFastOnCpu
    {
        get
        {
            if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
            {
                return false;
            }

            const int avx512BFloat16 = 1 << 5;
            const int amxBFloat16 = 1 << 22;
            return (X86Base.CpuId(7, 1).Eax & avx512BFloat16) != 0 || (X86Base.CpuId(7, 0).Edx & amxBFloat16) != 0;
        }
    }

    /// <summary>Begins a section of this thread whose layers multiply in bfloat16, until the result is disposed.</summary>
    /// <param name="isOn">False for one in float32.</param>
    /// <param name="weights">
    /// Weights that do not change and are kept as they are multiplied, rounded where <paramref name="isOn"/> is true and
    /// transposed where it is false; null for other weights.
    /// </param>
    public static Section Begin(bool isOn, ScoringWeights? weights = null)
    {
        var section = new Section(s_isOn, s_weights);
        (s_isOn, s_weights) = (isOn, weights);
        return section;
    }

    /// <summary>Linear layer, (..., in) to (..., out): in bfloat16 where that is on.</summary>
    public static Tensor Linear(Linear layer, Tensor input)
    {
        if (!s_isOn)
        {
            return layer.call(input);
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor? bias = layer.bias is { } offsets ? Weight(offsets) : null;
        return Linear(Weight(layer.weight!), bias, input).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// A parameter as this thread's layers multiply it: itself, or rounded to bfloat16 where that is on. The caller does not
    /// dispose it.
    /// </summary>
    public static Tensor Weight(Parameter parameter) =>
        !s_isOn ? parameter : s_weights?.Of(parameter) ?? parameter.to(ScalarType.BFloat16);

    /// <summary>
    /// The matrix (out, in) of a linear layer as (in, out), where this thread's layers multiply in float32: what is kept, or a
    /// view, which the caller's dispose scope disposes. The caller does not.
    /// </summary>
    public static Tensor Transposed(Parameter matrix) => s_isOn
        ? throw new InvalidOperationException("Layers multiply in bfloat16; expected float32.")
        : s_weights?.Of(matrix) ?? matrix.t();

    /// <summary>Linear layer of these weights (out, in), in bfloat16 where that is on.</summary>
    public static Tensor Linear(Tensor weight, Tensor? bias, Tensor input)
    {
        if (!s_isOn)
        {
            return nn.functional.linear(input, weight, bias!);
        }

        using DisposeScope scope = NewDisposeScope();
        return nn.functional.linear(
            input.to(ScalarType.BFloat16), weight.to(ScalarType.BFloat16),
            bias?.to(ScalarType.BFloat16)!).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Convolution of 1 x 1, (B, in, H, W) to (B, out, H, W): in bfloat16 where that is on.
    /// </summary>
    public static Tensor Pointwise(Convolution2d layer, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? bias = layer.bias is null ? null : Weight(layer.bias);
        return Linear(Weight(layer.weight).flatten(1), bias, input.permute(0, 2, 3, 1)) // (B, H, W, out)
            .permute(0, 3, 1, 2)
            .MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The input of linear layers as they multiply it: rounded to bfloat16 where that is on. What is reordered before such a
    /// layer is half as large then.
    /// </summary>
    public static Tensor Rounded(Tensor input) => s_isOn ? input.to(ScalarType.BFloat16) : input;

    /// <summary>
    /// Conversion of bfloat16 to float32, for long sums and for positions on a map; a tensor of another type is returned as
    /// it is.
    /// </summary>
    public static Tensor Widened(Tensor input) =>
        input.dtype == ScalarType.BFloat16 ? input.to(ScalarType.Float32) : input;

    /// <summary>Section that multiplies in bfloat16 or float32; its disposal restores the setting before it.</summary>
    internal readonly struct Section(bool before, ScoringWeights? weightsBefore) : IDisposable
    {
        public void Dispose() => (s_isOn, s_weights) = (before, weightsBefore);
    }
}
