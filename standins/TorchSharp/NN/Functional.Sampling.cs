using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public enum UpsampleMode
    {
        Nearest = 0,
        Linear = 1,
        Bilinear = 2,
        Bicubic = 3,
    }

    public enum InterpolationMode
    {
        Nearest = 0,
        Linear = 1,
        Bilinear = 2,
        Bicubic = 3,
        Area = 5,
    }

    public enum GridSampleMode
    {
        Nearest = 0,
        Bilinear = 2,
    }

    public enum GridSamplePaddingMode
    {
        Zeros = 0,
        Reflection = 1,
        Border = 2,
    }

    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>Pads from the last dimension on, two numbers a dimension.</summary>
            public static Tensor pad(
                Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => mode switch
                {
                    PaddingModes.Reflect => Call.One(NeuralOperators.pad, input, pad, "reflect"),
                    PaddingModes.Replicate => Call.One(NeuralOperators.pad, input, pad, "replicate"),
                    PaddingModes.Circular => Call.One(NeuralOperators.pad, input, pad, "circular"),
                    _ => Call.One(NeuralOperators.pad, input, pad, "constant", value),
                };

            public static Tensor pad(
                Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, pad.ToArray(), mode, value);

            public static Tensor pad(
                Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, Pair(pad), mode, value);

            public static Tensor pad(
                Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant,
                double value = 0) =>
                functional.pad(input, new[] { pad.Item1, pad.Item2, pad.Item3, pad.Item4 }, mode, value);

            public static Tensor pad(
                Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, [.. Enumerable.Repeat(pad, 2 * (int)input.ndim)], mode, value);

            public static Tensor affine_grid(Tensor theta, long[] size = null, bool align_corners = false) =>
                Call.One(NeuralOperators.affine_grid_generator, theta, size ?? [], align_corners);

            public static Tensor grid_sample(
                Tensor input, Tensor grid, GridSampleMode mode = GridSampleMode.Bilinear,
                GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros, bool? align_corners = null)
            {
                long interpolation = mode == GridSampleMode.Bilinear ? 0 : 1;
                long outside = padding_mode switch
                {
                    GridSamplePaddingMode.Border => 1,
                    GridSamplePaddingMode.Reflection => 2,
                    _ => 0,
                };
                return Call.One(
                    NeuralOperators.grid_sampler, input, grid, interpolation, outside, align_corners ?? false);
            }

            public static Tensor interpolate(
                Tensor x, long[] size = null, double[] scale_factor = null,
                InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null,
                bool recompute_scale_factor = false)
            {
                long spatial = x.ndim - 2;
                CheckResize(spatial, size, scale_factor, mode, align_corners);
                if (scale_factor is not null && (recompute_scale_factor || mode == InterpolationMode.Area))
                {
                    size = [.. scale_factor.Select((factor, i) => (long)Math.Floor(x.shape[i + 2] * factor))];
                    scale_factor = null;
                }
                bool corners = align_corners ?? false;
                return (mode, spatial) switch
                {
                    (InterpolationMode.Nearest, 1) =>
                        Call.One(NeuralOperators.upsample_nearest1d, x, size, scale_factor),
                    (InterpolationMode.Nearest, 2) =>
                        Call.One(NeuralOperators.upsample_nearest2d, x, size, scale_factor),
                    (InterpolationMode.Area, 1) => adaptive_avg_pool1d(x, size[0]),
                    (InterpolationMode.Area, 2) => adaptive_avg_pool2d(x, size),
                    (InterpolationMode.Linear, 1) =>
                        Call.One(NeuralOperators.upsample_linear1d, x, size, corners, scale_factor),
                    (InterpolationMode.Bilinear, 2) =>
                        Call.One(NeuralOperators.upsample_bilinear2d, x, size, corners, scale_factor),
                    (InterpolationMode.Bicubic, 2) =>
                        Call.One(NeuralOperators.upsample_bicubic2d, x, size, corners, scale_factor),
                    _ => throw new ExternalException($"Got {x.ndim}D input, which {mode} interpolation does not take."),
                };
            }

            private static void CheckResize(
                long spatial, long[] size, double[] scale, InterpolationMode mode, bool? align_corners)
            {
                if (mode is InterpolationMode.Nearest or InterpolationMode.Area && align_corners is not null)
                {
                    throw new ExternalException(
                        "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic");
                }
                if (size is null == scale is null)
                {
                    throw new ExternalException("either size or scale_factor should be defined, and only one of them");
                }
                if ((size?.Length ?? scale.Length) != spatial)
                {
                    throw new ExternalException(
                        $"size or scale_factor must match the input's {spatial} spatial dimensions");
                }
            }
        }
    }
}
