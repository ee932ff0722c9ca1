using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>
/// How well a network's gradients are determined by an input and weights in float32: how far they move, computed in float64,
/// when each number moves by at most half a unit of float32's last place. No float32 implementation can be expected nearer to
/// another than that.
/// </summary>
internal static class GradientCondition
{
    private const int Draws = 8;
    private static readonly double s_halfUnit = Math.Pow(2, -24);

    /// <param name="create">Makes the network anew, in float32; the caller's dispose scope ends it.</param>
    /// <param name="input">In float32.</param>
    /// <param name="loss">Of the network and the input.</param>
    /// <returns>For each parameter its gradient and how far each element of that moved at most.</returns>
    public static Dictionary<string, (double[] Gradient, double[] Moved)> Measure(
        Func<nn.Module> create, Tensor input, Func<nn.Module, Tensor, Tensor> loss)
    {
        Dictionary<string, (double[] Gradient, double[] Moved)> result = [];
        for (int draw = 0; draw <= Draws; draw++)
        {
            using DisposeScope scope = NewDisposeScope();
            nn.Module network = create();
            network.to(ScalarType.Float64);
            Tensor values = input.to(ScalarType.Float64);
            if (draw > 0)
            {
                using IDisposable guard = no_grad();
                Generator generator = new((ulong)draw);
                values.mul_(Rounding(values, generator));
                foreach (Parameter parameter in network.parameters())
                {
                    parameter.mul_(Rounding(parameter, generator));
                }
            }

            loss(network, values).backward();
            foreach ((string name, Parameter parameter) in network.named_parameters())
            {
                double[] gradient = parameter.grad!.contiguous().data<double>().ToArray();
                if (draw == 0)
                {
                    result[name] = (gradient, new double[gradient.Length]);
                    continue;
                }

                (double[] exact, double[] moved) = result[name];
                for (int i = 0; i < moved.Length; i++)
                {
                    moved[i] = Math.Max(moved[i], Math.Abs(gradient[i] - exact[i]));
                }
            }
        }

        return result;
    }

    private static Tensor Rounding(Tensor like, Generator generator) =>
        rand(like.shape, ScalarType.Float64, generator: generator).mul(2).sub(1).mul(s_halfUnit).add(1);
}
