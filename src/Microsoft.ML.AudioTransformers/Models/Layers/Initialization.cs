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
    [ThreadStatic]
    private static bool s_isOff;

    /// <summary>
    /// Begins a section of this thread that leaves weights as memory holds them, until the result is disposed: for a network all
    /// of whose weights are read from a file before it is used.
    /// </summary>
    public static Section LeaveOut()
    {
        var section = new Section(s_isOff);
        s_isOff = true;
        return section;
    }

    /// <summary>
    /// A linear layer whose weights hold what memory held. (TorchSharp's own draws them from a generator that no seed of a model
    /// reaches.) Each must be given its initial weights.
    /// </summary>
    /// <param name="inputs">Width of the input.</param>
    /// <param name="outputs">Width of the output.</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    public static Linear Linear(int inputs, int outputs, bool hasBias = true)
    {
        // On the device that has shapes but no memory nothing is drawn.
        Linear layer = nn.Linear(inputs, outputs, hasBias, META);
        layer.weight = new Parameter(empty(outputs, inputs));
        if (hasBias)
        {
            layer.bias = new Parameter(empty(outputs));
        }

        return layer;
    }

    /// <summary>
    /// The same with PyTorch's default weights, drawn from LibTorch's default generator as a convolution's are.
    /// </summary>
    /// <inheritdoc cref="Linear"/>
    public static Linear UniformLinear(int inputs, int outputs, bool hasBias = true)
    {
        Linear layer = Linear(inputs, outputs, hasBias);
        Uniform(layer, null);
        return layer;
    }

    /// <summary>
    /// Normal distribution of standard deviation 0.02, as in vision transformers. The official codes truncate it at -2 and 2, a
    /// hundred deviations out, so it is drawn untruncated: PyTorch's truncation puts -2 among the weights of a large model.
    /// </summary>
    public static void Normal(Tensor weight, Generator generator)
    {
        if (s_isOff)
        {
            return;
        }

        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        weight.normal_(0, 0.02, generator);
    }

    /// <summary>Initial weights of a linear layer of a vision transformer: normal as above, with a bias of zero.</summary>
    public static void Normal(Linear linear, Generator generator)
    {
        if (s_isOff)
        {
            return;
        }

        using DisposeScope scope = NewDisposeScope();
        using IDisposable guard = no_grad();
        Normal(linear.weight!, generator);
        linear.bias?.zero_();
    }

    /// <summary>PyTorch's default for a linear layer: uniform within 1 / sqrt(inputs).</summary>
    /// <param name="linear">Layer.</param>
    /// <param name="generator">Random generator; null for LibTorch's default one.</param>
    public static void Uniform(Linear linear, Generator? generator)
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
        if (s_isOff)
        {
            return;
        }

        using IDisposable guard = no_grad();
        double bound = 1 / Math.Sqrt((double)weight.NumberOfElements / weight.shape[0]);
        weight.uniform_(-bound, bound, generator!);
        bias?.uniform_(-bound, bound, generator!);
    }

    /// <summary>Section without initial weights; its disposal restores the setting before it.</summary>
    internal readonly struct Section(bool before) : IDisposable
    {
        public void Dispose() => s_isOff = before;
    }
}
