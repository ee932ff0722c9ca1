using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models.Layers;

[TestClass]
public class Convolution2dTests
{
    private static readonly int[] s_channels = [1, 2, 3, 6, 17, 24, 31, 33, 96];

    /// <summary>The models' kernels, strides and paddings, on maps that they do not divide.</summary>
    [TestMethod]
    [DataRow(1, 1, 0, 9, 11)]
    [DataRow(1, 2, 0, 9, 11)]
    [DataRow(2, 2, 0, 9, 11)]
    [DataRow(4, 4, 0, 9, 11)]
    [DataRow(3, 1, 1, 7, 9)]
    [DataRow(3, 2, 1, 7, 9)]
    [DataRow(7, 4, 3, 9, 11)]
    [DataRow(16, 10, 0, 27, 16)]
    public void DenseIsTheSumOfItsTerms(int kernel, int stride, int padding, int height, int width)
    {
        int compared = 0;
        foreach (int batch in new[] { 1, 3, 16 })
        {
            for (int i = 0; i < s_channels.Length; i++)
            {
                // Few channels to many and many to few.
                (int inputs, int outputs) = (s_channels[i], s_channels[^(i + 1)]);
                Convolution2d layer = new(inputs, outputs, kernel, stride, padding);
                compared += AssertClose(layer, new Sizes(batch, inputs, height, width, outputs, kernel, stride, padding, 1));
            }
        }

        Assert.AreEqual(3 * s_channels.Length * 2, compared);
    }

    /// <summary>Inputs that are large enough for oneDNN.</summary>
    [TestMethod]
    [DataRow(1, 33, 31, 3, 1, 1)]
    [DataRow(2, 24, 17, 3, 2, 1)]
    [DataRow(16, 17, 24, 3, 2, 1)]
    [DataRow(5, 48, 96, 3, 2, 1)]
    public void LargeMapsAreTheSumsOfTheirTerms(int batch, int inputs, int outputs, int kernel, int stride, int padding)
    {
        const int width = 34;
        int height = (32768 / batch / inputs / width) + 1;
        Convolution2d layer = new(inputs, outputs, kernel, stride, padding);

        Assert.AreEqual(
            2, AssertClose(layer, new Sizes(batch, inputs, height, width, outputs, kernel, stride, padding, 1)));
    }

    /// <summary>Offset generators, hidden layers, windows, and slide attention's nine outputs a channel.</summary>
    [TestMethod]
    [DataRow(1, 1, 0, 1)]
    [DataRow(1, 2, 0, 1)]
    [DataRow(2, 2, 0, 1)]
    [DataRow(3, 1, 1, 1)]
    [DataRow(3, 1, 1, 9)]
    [DataRow(3, 2, 1, 1)]
    [DataRow(5, 2, 2, 1)]
    [DataRow(5, 4, 2, 1)]
    [DataRow(7, 4, 3, 1)]
    [DataRow(7, 1, 3, 1)]
    [DataRow(9, 8, 4, 1)]
    public void DepthwiseIsTheSumOfItsTerms(int kernel, int stride, int padding, int multiplier)
    {
        int compared = 0;
        foreach (int batch in new[] { 1, 2, 16 })
        {
            foreach (int channels in s_channels)
            {
                int outputs = channels * multiplier;
                Convolution2d layer = new(channels, outputs, kernel, stride, padding, groups: channels);
                compared += AssertClose(layer, new Sizes(batch, channels, 7, 9, outputs, kernel, stride, padding, channels));
            }
        }

        Assert.AreEqual(3 * s_channels.Length * 2, compared);
    }

    [TestMethod]
    public void TokenSemanticKernelIsNotSquare()
    {
        using DisposeScope scope = NewDisposeScope();
        using Convolution2d layer = new(5, 7, (2, 3), (1, 1), (0, 1));
        layer.to(ScalarType.Float64);
        Tensor map = randn([3, 5, 2, 6], ScalarType.Float64);

        Tensor expected = nn.functional.conv2d(map, layer.weight, layer.bias, [1, 1], [0, 1]);

        CollectionAssert.AreEqual(new long[] { 3, 7, 1, 6 }, expected.shape);
        Assert.IsTrue(layer.call(map).allclose(expected, 1e-12, 1e-12));
    }

    [TestMethod]
    public void GroupsAreOneOrOneForEachChannel()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Convolution2d(6, 6, 3, groups: 2));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Convolution2d(6, 9, 3, groups: 6));
    }

    /// <summary>The output and the three gradients, in both types; returns how many were compared.</summary>
    private static int AssertClose(Convolution2d layer, Sizes sizes)
    {
        using DisposeScope scope = NewDisposeScope();
        using Convolution2d owned = layer;
        using Generator generator = new(7);
        (int outputHeight, int outputWidth) = (sizes.Along(sizes.Height), sizes.Along(sizes.Width));

        // Numbers that bfloat16 holds, so that one reference serves both types.
        Tensor Draw(params long[] shape) => randn(shape, generator: generator).to(ScalarType.BFloat16);
        Tensor input = Draw(sizes.Batch, sizes.Inputs, sizes.Height, sizes.Width);
        Tensor weight = Draw(layer.weight.shape);
        Tensor bias = Draw(sizes.Outputs);
        Tensor ahead = Draw(sizes.Batch, sizes.Outputs, outputHeight, outputWidth);
        DirectConvolution reference = new(sizes, Doubles(input), Doubles(weight), Doubles(bias), Doubles(ahead));
        foreach (ScalarType type in new[] { ScalarType.Float32, ScalarType.BFloat16 })
        {
            Tensor x = input.to(type).detach().clone().requires_grad_();
            Tensor w = weight.to(type).detach().clone().requires_grad_();
            Tensor b = bias.to(type).detach().clone().requires_grad_();
            Tensor output = layer.Apply(x, w, b);
            Assert.AreEqual(type, output.dtype);
            output.backward([ahead.to(type)]);
            reference.Output.AssertHolds(Doubles(output.detach()), type, $"{type}, {sizes}: output");
            reference.InputGradient.AssertHolds(Doubles(x.grad!), type, $"{type}, {sizes}: gradient of the input");
            reference.WeightGradient.AssertHolds(Doubles(w.grad!), type, $"{type}, {sizes}: gradient of the weight");
            reference.BiasGradient.AssertHolds(Doubles(b.grad!), type, $"{type}, {sizes}: gradient of the bias");
        }

        return 2;
    }

    private static double[] Doubles(Tensor tensor) => tensor.to(ScalarType.Float64).contiguous().data<double>().ToArray();

    private sealed record Sizes(
        int Batch, int Inputs, int Height, int Width, int Outputs, int Kernel, int Stride, int Padding, int Groups)
    {
        public int Along(int length) => ((length + (2 * Padding) - Kernel) / Stride) + 1;
    }

    /// <summary>Sums of products, each with how many terms it has and the sum of their absolute values.</summary>
    private sealed class Sums(int length)
    {
        private readonly double[] _sums = new double[length];
        private readonly double[] _absolutes = new double[length];
        private readonly int[] _terms = new int[length];

        public void Add(int element, double term)
        {
            _sums[element] += term;
            _absolutes[element] += Math.Abs(term);
            _terms[element]++;
        }

        /// <summary>
        /// Within what rounding does: in float32 each term once, in bfloat16, whose products are summed in float32, twice,
        /// a product and what is added to it.
        /// </summary>
        public void AssertHolds(double[] actual, ScalarType type, string what)
        {
            Assert.HasCount(_sums.Length, actual, what);
            for (int i = 0; i < actual.Length; i++)
            {
                double unit = type == ScalarType.Float32 ? Math.ScaleB(_terms[i] + 1, -24) : Math.ScaleB(1, -7);
                Assert.AreEqual(_sums[i], actual[i], unit * _absolutes[i], $"{what}, element {i}");
            }
        }
    }

    /// <summary>A convolution and its gradients, written out in double precision.</summary>
    private sealed class DirectConvolution
    {
        public DirectConvolution(Sizes s, double[] input, double[] weight, double[] bias, double[] ahead)
        {
            (Output, InputGradient) = (new Sums(ahead.Length), new Sums(input.Length));
            (WeightGradient, BiasGradient) = (new Sums(weight.Length), new Sums(bias.Length));
            (int groupInputs, int groupOutputs) = (s.Inputs / s.Groups, s.Outputs / s.Groups);
            int at = 0;
            for (int clip = 0; clip < s.Batch; clip++)
            {
                for (int output = 0; output < s.Outputs; output++)
                {
                    for (int row = 0; row < s.Along(s.Height); row++)
                    {
                        for (int column = 0; column < s.Along(s.Width); column++, at++)
                        {
                            Output.Add(at, bias[output]);
                            BiasGradient.Add(output, ahead[at]);
                            for (int channel = 0; channel < groupInputs; channel++)
                            {
                                int map = (clip * s.Inputs) + (output / groupOutputs * groupInputs) + channel;
                                int kernel = ((output * groupInputs) + channel) * s.Kernel * s.Kernel;
                                AddPlaces(s, map, kernel, row, column, at, input, weight, ahead[at]);
                            }
                        }
                    }
                }
            }
        }

        public Sums Output { get; }

        public Sums InputGradient { get; }

        public Sums WeightGradient { get; }

        public Sums BiasGradient { get; }

        private void AddPlaces(
            Sizes s, int map, int kernel, int row, int column, int at, double[] input, double[] weight, double ahead)
        {
            for (int place = 0; place < s.Kernel * s.Kernel; place++)
            {
                int y = (row * s.Stride) - s.Padding + (place / s.Kernel);
                int x = (column * s.Stride) - s.Padding + (place % s.Kernel);
                if (y >= 0 && y < s.Height && x >= 0 && x < s.Width)
                {
                    int point = (((map * s.Height) + y) * s.Width) + x;
                    Output.Add(at, input[point] * weight[kernel + place]);
                    InputGradient.Add(point, ahead * weight[kernel + place]);
                    WeightGradient.Add(kernel + place, ahead * input[point]);
                }
            }
        }
    }
}
