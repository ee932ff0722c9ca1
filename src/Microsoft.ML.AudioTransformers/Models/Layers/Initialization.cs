using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// Initial weights, drawn from a given generator so that they follow from a seed (TorchSharp's own <c>nn.init</c> does not
/// pass the generator on).
/// </summary>
internal static class Initialization
{
    /// <summary>
    /// Normal distribution of standard deviation 0.02, as in vision transformers. The official codes truncate it at -2 and 2, a
    /// hundred deviations out, so it is drawn untruncated: PyTorch's truncation puts -2 among the weights of a large model.
    /// </summary>
    public static void Normal(Tensor weight, Generator generator)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        weight.normal_(0, 0.02, generator);
    }

    /// <summary>Initial weights of a linear layer of a vision transformer: normal as above, with a bias of zero.</summary>
    public static void Normal(Linear linear, Generator generator)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        Normal(linear.weight!, generator);
        linear.bias?.zero_();
    }

    /// <summary>PyTorch's default for a linear layer: uniform within 1 / sqrt(inputs).</summary>
    public static void Uniform(Linear linear, Generator generator)
    {
        using DisposeScope scope = NewDisposeScope();
        Uniform(linear.weight!, linear.bias, generator);
    }

    /// <summary>PyTorch's default for a convolution: uniform within 1 / sqrt(inputs of an output).</summary>
    /// <param name="convolution">Layer.</param>
    /// <param name="generator">Random generator; null for LibTorch's default one.</param>
    public static void Uniform(Convolution2d convolution, Generator? generator)
    {
        using DisposeScope scope = NewDisposeScope();
        Uniform(convolution.weight, convolution.bias, generator);
    }

    private static void Uniform(Tensor weight, Tensor? bias, Generator? generator)
    {
        using IDisposable guard = no_grad();
        double bound = 1 / Math.Sqrt((double)weight.NumberOfElements / weight.shape[0]);
        weight.uniform_(-bound, bound, generator!);
        bias?.uniform_(-bound, bound, generator!);
    }
}
