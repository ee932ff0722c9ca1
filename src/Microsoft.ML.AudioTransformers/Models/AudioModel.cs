using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>What training and scoring ask of every model beside its forward pass.</summary>
internal abstract class AudioModel : nn.Module<Tensor, Tensor>
{
    /// <param name="name">The module's name.</param>
    /// <param name="generator">See <see cref="Generator"/>; disposed with the model.</param>
    protected AudioModel(string name, Generator generator)
        : base(name) => Generator = generator;

    /// <summary>
    /// Draws the initial weights, then what is random in a training step (patchout, for example); on the CPU. Whoever
    /// trains seeds it before each step, so that the choices follow from the seed and the step alone.
    /// </summary>
    public Generator Generator { get; }

    /// <summary>Called with a sentence when the model has to do something that a user should know of.</summary>
    public Action<string>? Warning { get; set; }

    /// <summary>The features of clips, (B, frames, mels), as this model's forward pass takes them.</summary>
    public abstract Tensor FromFeatures(Tensor features);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Generator.Dispose();
        }

        base.Dispose(disposing);
    }
}
