using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.AudioFeaturization.Simd;

/// <summary>A batch of frames as a vector of float32, one lane a frame.</summary>
internal static class Lanes
{
    /// <summary>The frames of a batch: the lanes of float32.</summary>
    public const int Count = 16;

    /// <summary>The natural logarithm of normal numbers above zero, within two units in the last place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log(Vector512<float> x)
    {
        // x = m 2^e with m between sqrt(1/2) and sqrt(2), and log(1 + f) = f - f^2 / 2 + f^3 P(f) for f = m - 1.
        Vector512<int> bits = x.AsInt32();
        Vector512<int> exponent = (bits - Vector512.Create(0x3F3504F3)) >> 23;
        Vector512<float> e = Vector512.ConvertToSingle(exponent);
        Vector512<float> f = (bits - (exponent << 23)).AsSingle() - Vector512<float>.One;
        Vector512<float> square = f * f;

        // P interpolates at Chebyshev's nodes; its relative error is 2.4e-8.
        Vector512<float> p = Vector512.Create(-0.0810155869f);
        p = Vector512.MultiplyAddEstimate(p, f, Vector512.Create(0.127123073f));
        p = Vector512.MultiplyAddEstimate(p, f, Vector512.Create(-0.129722387f));
        p = Vector512.MultiplyAddEstimate(p, f, Vector512.Create(0.142021745f));
        p = Vector512.MultiplyAddEstimate(p, f, Vector512.Create(-0.166422471f));
        p = Vector512.MultiplyAddEstimate(p, f, Vector512.Create(0.200014681f));
        p = Vector512.MultiplyAddEstimate(p, f, Vector512.Create(-0.25000298f));
        p = Vector512.MultiplyAddEstimate(p, f, Vector512.Create(0.333333284f));

        // ln 2 in two parts, the first with few digits, so that its products are exact.
        p = Vector512.MultiplyAddEstimate(e, Vector512.Create(-2.12194440e-4f), p * (f * square));
        p = Vector512.MultiplyAddEstimate(square, Vector512.Create(-0.5f), p);
        return Vector512.MultiplyAddEstimate(e, Vector512.Create(0.693359375f), f + p);
    }
}
