using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>The first values of weights, drawn from a given generator so that a seed fixes a model.</summary>
internal static class Initialization
{
    /// <summary>
    /// Vision transformers' normal distribution of deviation 0.02. The papers cut it at two, a hundred deviations out, so
    /// it is drawn uncut: PyTorch's way to cut it puts -2 among the weights of a large model.
    /// </summary>
    public static void Normal(Tensor weight, Generator generator)
    {
        using IDisposable guard = no_grad();
        nn.init.normal_(weight, 0, 0.02, generator);
    }

    /// <summary>A linear layer of a vision transformer: <see cref="Normal(Tensor, Generator)"/> weights, zero bias.</summary>
    public static void Normal(Linear linear, Generator generator)
    {
        Normal(linear.weight!, generator);
        using IDisposable guard = no_grad();
        nn.init.zeros_(linear.bias!);
    }

    /// <summary>PyTorch's own start of a linear or convolution layer: uniform within 1 / sqrt(inputs an output has).</summary>
    public static void Uniform(Tensor weight, Tensor bias, Generator generator)
    {
        using IDisposable guard = no_grad();
        double bound = 1 / Math.Sqrt((double)weight.NumberOfElements / weight.shape[0]);
        nn.init.uniform_(weight, -bound, bound, generator);
        nn.init.uniform_(bias, -bound, bound, generator);
    }
}
