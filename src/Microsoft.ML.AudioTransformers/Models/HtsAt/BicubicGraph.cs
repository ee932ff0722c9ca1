using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Bicubic interpolation with the end points of both lengths at the same places (PyTorch's <c>align_corners</c>), as a product
/// with a matrix that is computed in float64, as <see cref="HtsAtImages"/> computes. (ONNX's Resize rounds the places between
/// samples to float32.) Of a length that the graph knows, a session computes the matrix once, when it is loaded.
/// </summary>
internal static class BicubicGraph
{
    // PyTorch's coefficient of the cubic convolution (Keys 1981, equation 4).
    private const double A = -0.75;

    /// <summary>Rows (B, T, F), stretched to a given number of them, (B, rows, F).</summary>
    /// <param name="x">Rows.</param>
    /// <param name="count">T; null for any number.</param>
    /// <param name="rows">Number of rows to give.</param>
    public static OnnxValue Resize(OnnxValue x, int? count, int rows)
    {
        // One row more at each end, a copy, which the taps beyond the ends fall on.
        OnnxValue padded = OnnxValue.Concat(1, x.Slice(1, 0, 1), x, x.Slice(1, -1, long.MaxValue)); // (B, T + 2, F)
        OnnxValue there = count is { } known ? x.Graph.Integer(known) : x.Size(1).Squeeze(0);
        return Weights(x.Graph, there, rows).MatMul(padded);
    }

    /// <summary>Weight of each row, and of the copies before and behind them, in each row that is given: (rows, T + 2).</summary>
    private static OnnxValue Weights(OnnxGraph graph, OnnxValue count, int rows)
    {
        OnnxValue last = count.Minus(graph.Integer(1)).Cast(TensorProto.Types.DataType.Double);
        OnnxValue sources = Range(graph, count.Plus(graph.Integer(2))).Minus(graph.Double(1));      // (T + 2)
        OnnxValue places = Range(graph, graph.Integer(rows))                                        // (rows)
            .Times(last.Over(graph.Double(Math.Max(1, rows - 1))));
        OnnxValue distances = places.Unsqueeze(1).Minus(sources.Unsqueeze(0)).Apply("Abs");         // (rows, T + 2)
        OnnxValue near = distances.Times(graph.Double(A + 2)).Minus(graph.Double(A + 3))
            .Times(distances).Times(distances).Plus(graph.Double(1));
        OnnxValue far = distances.Minus(graph.Double(5)).Times(distances).Plus(graph.Double(8))
            .Times(distances).Minus(graph.Double(4)).Times(graph.Double(A));
        OnnxValue beyond = graph.Add("Where", [graph.Add("Less", [distances, graph.Double(2)]), far, graph.Double(0)]);
        return graph.Add("Where", [graph.Add("Less", [distances, graph.Double(1)]), near, beyond])
            .Cast(TensorProto.Types.DataType.Float);
    }

    private static OnnxValue Range(OnnxGraph graph, OnnxValue count) => graph
        .Add("Range", [graph.Integer(0), count, graph.Integer(1)])
        .Cast(TensorProto.Types.DataType.Double);
}
