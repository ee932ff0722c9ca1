using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Bicubic interpolation with the end points of both lengths at the same places (PyTorch's <c>align_corners</c>), as a product
/// with a matrix that is computed in float64, as <see cref="HtsAtImages"/> computes. (ONNX's Resize rounds the places between
/// samples to float32.)
/// </summary>
internal static class BicubicGraph
{
    // PyTorch's coefficient of the cubic convolution (Keys 1981, equation 4).
    private const double A = -0.75;

    /// <summary>Matrix (to, from) that interpolates a length, or (from, to).</summary>
    public static OnnxValue Matrix(OnnxGraph graph, int from, int to, bool isTransposed)
    {
        var matrix = new float[from * to];
        for (int i = 0; i < to; i++)
        {
            double place = to > 1 ? (double)i * (from - 1) / (to - 1) : 0;
            int first = (int)Math.Floor(place) - 1;
            for (int tap = first; tap < first + 4; tap++)
            {
                int source = Math.Clamp(tap, 0, from - 1);
                int index = isTransposed ? (source * to) + i : (i * from) + source;
                matrix[index] += (float)Kernel(Math.Abs(place - tap));
            }
        }

        return isTransposed ? graph.Table("bicubic", matrix, from, to) : graph.Table("bicubic", matrix, to, from);
    }

    /// <summary>Spectrograms (B, T, F) of any number of frames, stretched to a given one.</summary>
    public static OnnxValue ResizeFrames(OnnxValue x, int frames)
    {
        OnnxGraph graph = x.Graph;
        OnnxValue count = x.Size(1).Squeeze(0);
        OnnxValue last = count.Minus(graph.Integer(1)).Cast(TensorProto.Types.DataType.Double);

        // One frame more at each end, a copy, which the taps beyond the ends fall on.
        OnnxValue padded = OnnxValue.Concat(1, x.Slice(1, 0, 1), x, x.Slice(1, -1, long.MaxValue)); // (B, T + 2, F)
        OnnxValue sources = Range(graph, count.Plus(graph.Integer(2))).Minus(graph.Double(1));      // (T + 2)
        OnnxValue places = Range(graph, graph.Integer(frames))                                      // (frames)
            .Times(last.Over(graph.Double(Math.Max(1, frames - 1))));
        OnnxValue distances = places.Unsqueeze(1).Minus(sources.Unsqueeze(0)).Apply("Abs");         // (frames, T + 2)

        OnnxValue near = distances.Times(graph.Double(A + 2)).Minus(graph.Double(A + 3))
            .Times(distances).Times(distances).Plus(graph.Double(1));
        OnnxValue far = distances.Minus(graph.Double(5)).Times(distances).Plus(graph.Double(8))
            .Times(distances).Minus(graph.Double(4)).Times(graph.Double(A));
        OnnxValue weights = graph.Add(
            "Where",
            [
                graph.Add("Less", [distances, graph.Double(1)]), near,
                graph.Add("Where", [graph.Add("Less", [distances, graph.Double(2)]), far, graph.Double(0)]),
            ]);
        return weights.Cast(TensorProto.Types.DataType.Float).MatMul(padded);                      // (B, frames, F)
    }

    private static OnnxValue Range(OnnxGraph graph, OnnxValue count) => graph
        .Add("Range", [graph.Integer(0), count, graph.Integer(1)])
        .Cast(TensorProto.Types.DataType.Double);

    private static double Kernel(double distance) => distance < 1
        ? ((((A + 2) * distance) - (A + 3)) * distance * distance) + 1
        : distance < 2 ? A * ((((distance - 5) * distance) + 8) * distance - 4) : 0;
}
