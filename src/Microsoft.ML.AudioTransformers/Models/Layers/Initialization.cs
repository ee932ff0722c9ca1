using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>
/// The first values of weights, drawn from a given generator so that a seed fixes a model (TorchSharp's own
/// <c>nn.init</c> does not pass the generator on).
/// </summary>
internal static class Initialization
{
    /// <summary>
    /// Vision transformers' normal distribution of deviation 0.02. The papers cut it at two, a hundred deviations out,
    /// so it is drawn uncut: PyTorch's way to cut it puts -2 among the weights of a large model.
    /// </summary>
    public static void Normal(Tensor weight, Generator generator)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        weight.normal_(0, 0.02, generator);
    }

    /// <summary>A linear layer of a vision transformer: weights as above, zero bias.</summary>
    public static void Normal(Linear linear, Generator generator)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        Normal(linear.weight!, generator);
        linear.bias!.zero_();
    }

    /// <summary>PyTorch's own start of a linear layer: uniform within 1 / sqrt(inputs).</summary>
    public static void Uniform(Linear linear, Generator generator)
    {
        using DisposeScope scope = NewDisposeScope();
        Uniform(linear.weight!, linear.bias, generator);
    }

    /// <summary>PyTorch's own start of a convolution: uniform within 1 / sqrt(inputs of one output).</summary>
    /// <param name="convolution">Whose weights are drawn.</param>
    /// <param name="generator">Draws them; null for the process's own.</param>
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
