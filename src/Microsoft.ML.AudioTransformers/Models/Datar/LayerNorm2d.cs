using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Normalises the channels of each point of a map.</summary>
internal sealed class LayerNorm2d : nn.Module<Tensor, Tensor>
{
    private const double Epsilon = 1e-5;

    private readonly LayerNorm norm;

    public LayerNorm2d(int dim)
        : base(nameof(LayerNorm2d))
    {
        norm = nn.LayerNorm(dim, Epsilon);
        RegisterComponents();
    }

    /// <summary>(B, C, H, W) to (B, C, H, W)</summary>
    public override Tensor forward(Tensor input)
    {
        using Tensor channelsLast = input.permute(0, 2, 3, 1);      // (B, H, W, C)
        using Tensor normalised = norm.call(channelsLast);
        return normalised.permute(0, 3, 1, 2);
    }
}
