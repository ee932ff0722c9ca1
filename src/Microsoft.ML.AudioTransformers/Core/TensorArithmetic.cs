using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// Arithmetic of tensors that TorchSharp's own operators cannot be trusted with: every number lives until LibTorch has
/// read it, and shapes that cannot be multiplied give an exception. Results are in the current dispose scope.
/// </summary>
/// <remarks>
/// The <c>Scalar</c> that <c>x * 0.5</c> makes of its number, and <c>x + y</c> of a hidden factor of 1, is held by
/// nothing: a garbage collection can free it while LibTorch reads it. <c>BannedSymbols.txt</c> refuses both.
/// </remarks>
internal static class TensorArithmetic
{
    private static readonly Scalar One = 1.ToScalar();

    /// <summary>x + y</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    /// <summary>x + factor y</summary>
    public static Tensor Plus(this Tensor x, Tensor y, double factor)
    {
        using Scalar alpha = factor.ToScalar();
        return x.add(y, alpha);
    }

    /// <summary>x + number; integers become floating-point, here and below.</summary>
    public static Tensor Plus(this Tensor x, double number)
    {
        using Scalar scalar = number.ToScalar();
        return x.add(scalar, One);
    }

    /// <summary>Adds y to x itself, and returns x.</summary>
    public static Tensor AddInPlace(this Tensor x, Tensor y) => x.add_(y, One);

    /// <summary>x - number</summary>
    public static Tensor Minus(this Tensor x, double number)
    {
        using Scalar scalar = number.ToScalar();
        return x.sub(scalar);
    }

    /// <summary>x number</summary>
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

    /// <summary>x, where it is from <paramref name="least"/> to <paramref name="most"/>; else the nearer one.</summary>
    public static Tensor Clamp(this Tensor x, double least, double most)
    {
        using Scalar min = least.ToScalar();
        using Scalar max = most.ToScalar();
        return x.clamp(min, max);
    }

    /// <summary>x, but <paramref name="least"/> where it is less.</summary>
    public static Tensor ClampMin(this Tensor x, double least)
    {
        using Scalar min = least.ToScalar();
        return x.clamp_min(min);
    }

    /// <summary>Whether x is the number or more, as Booleans.</summary>
    public static Tensor AtLeast(this Tensor x, double number)
    {
        using Scalar scalar = number.ToScalar();
        return x.ge(scalar);
    }

    /// <summary>A new tensor of a shape, with the number everywhere; on the CPU unless told.</summary>
    public static Tensor Full(long[] shape, double number, ScalarType type = ScalarType.Float32, Device? device = null)
    {
        using Scalar scalar = number.ToScalar();
        return full(shape, scalar, type, device);
    }

    /// <summary>The products of matrices (..., n, k) and as many (..., k, m): (..., n, m).</summary>
    /// <remarks>TorchSharp's own <c>matmul</c> ends the process where anything is wrong, memory included.</remarks>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
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
