using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// Tensor arithmetic that replaces TorchSharp's unsafe operators: scalars live until LibTorch has read them, and a matrix
/// product of shapes that do not match throws an exception. Results are in the current dispose scope.
/// </summary>
/// <remarks>
/// TorchSharp's <c>x * 0.5</c> creates a <c>Scalar</c> for the number, and <c>x + y</c> one for a hidden factor of 1. Nothing
/// references it, so that a garbage collection can free it while LibTorch reads it. <c>BannedSymbols.txt</c> forbids both.
/// </remarks>
internal static class TensorArithmetic
{
    private static readonly Scalar One = 1.ToScalar();

    /// <summary>x + y</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    /// <summary>x + factor * y</summary>
    public static Tensor Plus(this Tensor x, Tensor y, double factor)
    {
        using Scalar alpha = factor.ToScalar();
        return x.add(y, alpha);
    }

    /// <summary>x + number. An integer tensor becomes a floating-point one, here and below.</summary>
    public static Tensor Plus(this Tensor x, double number)
    {
        using Scalar scalar = number.ToScalar();
        return x.add(scalar, One);
    }

    /// <summary>Adds y to x in place, and returns x.</summary>
    public static Tensor AddInPlace(this Tensor x, Tensor y) => x.add_(y, One);

    /// <summary>x - number</summary>
    public static Tensor Minus(this Tensor x, double number)
    {
        using Scalar scalar = number.ToScalar();
        return x.sub(scalar);
    }

    /// <summary>x * number</summary>
    public static Tensor Times(this Tensor x, double number)
    {
        using Scalar scalar = number.ToScalar();
        return x.mul(scalar);
    }

    /// <summary>x / number</summary>
    public static Tensor Over(this Tensor x, double number)
    {
        using Scalar scalar = number.ToScalar();
        return x.div(scalar);
    }

    /// <summary>x, clamped to the range from a minimum to a maximum.</summary>
    public static Tensor Clamp(this Tensor x, double minimum, double maximum)
    {
        using Scalar min = minimum.ToScalar();
        using Scalar max = maximum.ToScalar();
        return x.clamp(min, max);
    }

    /// <summary>The greater of x and a minimum, element by element.</summary>
    public static Tensor ClampMin(this Tensor x, double minimum)
    {
        using Scalar min = minimum.ToScalar();
        return x.clamp_min(min);
    }

    /// <summary>x &gt;= number, element by element, as Booleans.</summary>
    public static Tensor AtLeast(this Tensor x, double number)
    {
        using Scalar scalar = number.ToScalar();
        return x.ge(scalar);
    }

    /// <summary>A new tensor filled with a number. Default: float32, on the CPU.</summary>
    public static Tensor Full(long[] shape, double number, ScalarType type = ScalarType.Float32, Device? device = null)
    {
        using Scalar scalar = number.ToScalar();
        return full(shape, scalar, type, device);
    }

    /// <summary>Batched matrix product of (..., n, k) and (..., k, m) to (..., n, m); no broadcasting.</summary>
    /// <remarks>TorchSharp's <c>matmul</c> ends the process on any error, even when memory runs out.</remarks>
    /// <exception cref="ArgumentException">The shapes do not match.</exception>
    public static Tensor MatMul(this Tensor x, Tensor y)
    {
        (long[] left, long[] right) = (x.shape, y.shape);
        int last = left.Length - 1;
        if (last < 2 || right.Length != left.Length || right[last - 1] != left[last]
            || !left.AsSpan(0, last - 1).SequenceEqual(right.AsSpan(0, last - 1)))
        {
            throw new ArgumentException(
                $"Matrices of the shapes ({string.Join(", ", left)}) and ({string.Join(", ", right)}) cannot be "
                + "multiplied; expected (..., n, k) and (..., k, m), all in front the same.",
                nameof(y));
        }

        using Tensor rows = x.flatten(0, last - 2);
        using Tensor columns = y.flatten(0, last - 2);
        using Tensor products = rows.bmm(columns);
        return products.view([.. left[..last], right[last]]);
    }
}
