using System.Diagnostics.CodeAnalysis;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Precision of a network's layers, in training or in scoring.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "Number formats, by PyTorch's names.")]
public enum AudioPrecision
{
    /// <summary>
    /// <see cref="BFloat16"/> where it is faster and right: the processor has AVX-512 BF16 or AMX, or the GPU is of NVIDIA's
    /// Ampere generation or later; LibTorch's operators pass their self-test in it; and the model has 5 million parameters or
    /// more. Elsewhere <see cref="Float32"/>. A message on ML.NET's channel says which, and why.
    /// </summary>
    Auto,

    /// <summary>Everything in float32: the numbers of the papers' code up to rounding.</summary>
    Float32,

    /// <summary>
    /// Linear layers and attention in bfloat16; weights, residual sums, normalizations and losses in float32.
    /// </summary>
    BFloat16,
}
