using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Native;

/// <summary>
/// LibTorch's operators over lists of tensors, which do in one call what would take several calls for each tensor. TorchSharp
/// wraps none of them, so that they are called from TorchScript.
/// </summary>
/// <remarks>
/// A script that does not compile ends the process: all of it is constant, and tests call every function. All tensors of a list
/// have the same type and device.
/// </remarks>
internal static class TensorListOperators
{
    // The fused operator only reads the step counts, so that all items of that list may be one tensor. A script that does not end
    // with a line break does not compile.
    private const string Script = """
        def adamw(parameters: List[Tensor], gradients: List[Tensor], means: List[Tensor], squares: List[Tensor],
                  steps: List[Tensor], rate: float, decay: float, beta1: float, beta2: float, epsilon: float) -> None:
            maxima: List[Tensor] = []
            torch._fused_adamw_(parameters, gradients, means, squares, maxima, steps, lr=rate, beta1=beta1, beta2=beta2,
                                weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)

        def clip_norm(gradients: List[Tensor], maximum: float) -> Tensor:
            norm = torch.linalg_vector_norm(torch.stack(torch._foreach_norm(gradients, 2.0)), 2.0)
            factor = torch.clamp(maximum / (norm + 1e-6), max=1.0)
            torch._foreach_mul_(gradients, factor)
            return norm

        def lerp(means: List[Tensor], values: List[Tensor], rate: float) -> None:
            torch._foreach_lerp_(means, values, rate)

        def zero(tensors: List[Tensor]) -> None:
            torch._foreach_zero_(tensors)

        """;

    private static readonly Lazy<jit.CompilationUnit> s_script = new(() => jit.compile(Script));

    /// <summary>
    /// AdamW step, with bias correction and decoupled weight decay: updates parameters, means and squares in place.
    /// </summary>
    /// <param name="parameters">Parameters; contiguous, as all lists of this call.</param>
    /// <param name="gradients">Gradients, as many.</param>
    /// <param name="means">First moments of the gradients (exp_avg in PyTorch), as many.</param>
    /// <param name="squares">Second moments of the gradients (exp_avg_sq in PyTorch), as many.</param>
    /// <param name="step">Steps taken with this one, 1 or more.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="decay">Weight decay.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="epsilon">Term of the denominator.</param>
    public static void AdamW(
        Tensor[] parameters, Tensor[] gradients, Tensor[] means, Tensor[] squares, long step, double rate, double decay,
        double beta1, double beta2, double epsilon)
    {
        CheckCount(parameters, gradients);
        CheckCount(parameters, means);
        CheckCount(parameters, squares);
        if (parameters.Length == 0)
        {
            return;
        }

        using Tensor count = tensor((float)step, device: parameters[0].device);
        using Scalar rateScalar = rate.ToScalar();
        using Scalar decayScalar = decay.ToScalar();
        using Scalar beta1Scalar = beta1.ToScalar();
        using Scalar beta2Scalar = beta2.ToScalar();
        using Scalar epsilonScalar = epsilon.ToScalar();
        s_script.Value.invoke(
            "adamw", parameters, gradients, means, squares, Enumerable.Repeat(count, parameters.Length).ToArray(),
            rateScalar, decayScalar, beta1Scalar, beta2Scalar, epsilonScalar);
    }

    /// <summary>
    /// Clips the norm of all gradients together: multiplies each by maximum / (norm + 1e-6) where that is below 1, as
    /// torch.nn.utils.clip_grad_norm_ does.
    /// </summary>
    /// <param name="gradients">Gradients, 1 or more; scaled in place.</param>
    /// <param name="maximum">Largest norm, above 0.</param>
    /// <returns>The norm before, a scalar tensor on the gradients' device.</returns>
    public static Tensor ClipNorm(Tensor[] gradients, double maximum)
    {
        using Scalar maximumScalar = maximum.ToScalar();
        return (Tensor)s_script.Value.invoke("clip_norm", gradients, maximumScalar);
    }

    /// <summary>Linear interpolation in place: mean + rate (value - mean) for each pair of tensors of one shape.</summary>
    /// <param name="means">Tensors to change.</param>
    /// <param name="values">Tensors of the same shapes.</param>
    /// <param name="rate">Weight of the values, 0 to 1; at 1 the means become equal to the values.</param>
    public static void Lerp(Tensor[] means, Tensor[] values, double rate)
    {
        CheckCount(means, values);
        using Scalar rateScalar = rate.ToScalar();
        s_script.Value.invoke("lerp", means, values, rateScalar);
    }

    /// <summary>Fills tensors with 0.</summary>
    public static void Zero(Tensor[] tensors)
    {
        if (tensors.Length > 0)
        {
            s_script.Value.invoke("zero", (object)tensors);
        }
    }

    private static void CheckCount(Tensor[] first, Tensor[] second)
    {
        if (first.Length != second.Length)
        {
            throw new ArgumentException($"There are {first.Length} and {second.Length} tensors; expected as many of both.");
        }
    }
}
