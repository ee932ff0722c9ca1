using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>MLP of a transformer block: one hidden layer, with the exact (erf) GELU.</summary>
internal sealed class Mlp : nn.Module<Tensor, Tensor>
{
    /// <summary>First layer: weight (hidden, D).</summary>
    internal readonly Linear fc1;

    /// <summary>Second layer: weight (D, hidden).</summary>
    internal readonly Linear fc2;

    public Mlp(int dim, int hidden, Generator generator)
        : base(nameof(Mlp))
    {
        fc1 = Initialization.Linear(dim, hidden);
        fc2 = Initialization.Linear(hidden, dim);
        Initialization.Normal(fc1, generator);
        Initialization.Normal(fc2, generator);
        RegisterComponents();
    }

    /// <summary>(..., D) to (..., D)</summary>
    public override Tensor forward(Tensor input)
    {
        using Tensor hidden = MixedPrecision.Linear(fc1, input);                // (..., hidden)
        using Tensor activated = nn.functional.gelu(hidden);
        return MixedPrecision.Linear(fc2, activated);
    }
}
