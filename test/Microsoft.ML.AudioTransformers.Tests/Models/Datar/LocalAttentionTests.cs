using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public class LocalAttentionTests
{
    /// <summary>
    /// Each point attends to the points of its window, which begin at 0 or, shifted, at half a window and leave what is
    /// before it to itself; whatever the map's size, as written out and in scoring, there also in bfloat16.
    /// </summary>
    [TestMethod]
    [DataRow(8, 12, 4, false)]
    [DataRow(8, 12, 4, true)]
    [DataRow(5, 7, 4, false)]
    [DataRow(5, 7, 4, true)]
    [DataRow(9, 10, 3, true)]
    [DataRow(10, 11, 3, true)]
    [DataRow(2, 9, 4, true)]
    [DataRow(2, 3, 5, false)]
    [DataRow(1, 1, 2, true)]
    public void AttendsWithinWindows(int height, int width, int window, bool isShifted)
    {
        const int dim = 6;
        const int heads = 2;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        using LocalAttention attention = new(dim, heads, window, new MapSize(height, width), isShifted);
        Dictionary<string, Tensor> weights = attention.state_dict();
        Generator generator = new(1);
        weights["relative_position_bias_table"].normal_(0, 1, generator);
        Tensor input = randn([2, dim, height, width], generator: generator);

        Tensor written = attention.call(input);
        attention.eval();
        Tensor scored = attention.call(input);
        using MixedPrecision.Section precision = MixedPrecision.Begin(true);
        Tensor rounded = attention.call(input).to(ScalarType.Float32);

        int points = height * width;
        Tensor[] parts = input.flatten(2).transpose(1, 2)
            .matmul(weights["proj_qkv.weight"].t()).add(weights["proj_qkv.bias"])
            .view(2, points, 3, heads, dim / heads).permute(2, 0, 3, 1, 4).unbind(0);
        Tensor bias = Bias(height, width, window, isShifted, heads, weights["relative_position_bias_table"]);
        Tensor products = parts[0].matmul(parts[1].transpose(-2, -1)).mul(1 / Math.Sqrt(dim / heads)) + bias;
        Tensor expected = products.softmax(-1).matmul(parts[2]).transpose(1, 2).reshape(2, points, dim)
            .matmul(weights["proj_out.weight"].t()).add(weights["proj_out.bias"])
            .transpose(1, 2).reshape(2, dim, height, width);
        AssertClose(expected, written, 1e-5, "written out");
        AssertClose(expected, scored, 1e-5, "scoring");
        AssertClose(expected, rounded, 0.02, "scoring in bfloat16");
    }

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance, string what)
    {
        double difference = (actual - expected).abs().max().item<float>();
        Assert.IsLessThan(tolerance * (1 + expected.abs().max().item<float>()), difference, what);
    }

    private static Tensor Bias(int height, int width, int window, bool isShifted, int heads, Tensor table)
    {
        int points = height * width;
        int side = (2 * window) - 1;
        float[] entries = table.contiguous().data<float>().ToArray();
        var bias = new float[heads * points * points];
        for (int query = 0; query < points; query++)
        {
            for (int key = 0; key < points; key++)
            {
                (int y, int x) = (query / width, query % width);
                (int keyY, int keyX) = (key / width, key % width);
                bool isTogether = Window(y, height, window, isShifted) == Window(keyY, height, window, isShifted)
                    && Window(x, width, window, isShifted) == Window(keyX, width, window, isShifted);
                for (int head = 0; head < heads; head++)
                {
                    bias[(((head * points) + query) * points) + key] = isTogether
                        ? entries[((((y - keyY + window - 1) * side) + x - keyX + window - 1) * heads) + head]
                        : float.NegativeInfinity;
                }
            }
        }

        return tensor(bias, heads, points, points);
    }

    private static int Window(int position, int length, int window, bool isShifted)
    {
        int start = isShifted && length >= window ? (window + 1) / 2 : 0;
        return position < start ? -1 : (position - start) / window;
    }
}
