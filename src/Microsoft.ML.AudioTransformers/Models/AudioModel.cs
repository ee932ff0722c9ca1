using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>What training and scoring ask of every model beside its forward pass.</summary>
internal abstract class AudioModel : nn.Module<Tensor, Tensor>
{
    private volatile bool _isDisposed;

    // Before the first large tensors, and late enough for an app to decide otherwise in its first lines.
    static AudioModel() => FreedMemory.Keep();

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

    /// <summary>Whether the model's layers can multiply in bfloat16, see <see cref="Layers.MixedPrecision"/>.</summary>
    public virtual bool HasMixedPrecision => false;

    /// <summary>The features of clips, (B, frames, mels), as this model's forward pass takes them.</summary>
    public abstract Tensor FromFeatures(Tensor features);

    /// <summary>The length of an embedding.</summary>
    public virtual int EmbeddingLength => throw NoEmbedding();

    /// <summary>
    /// The fewest frames of an input, where the model takes clips shorter than the longest; null where all have one length.
    /// </summary>
    public virtual int? ShortestInput => null;

    /// <summary>The embeddings of clips (B, <see cref="EmbeddingLength"/>): what the classifier sees.</summary>
    /// <param name="input">As the forward pass takes it.</param>
    public virtual Tensor Embed(Tensor input) => throw NoEmbedding();

    /// <summary>
    /// What the classifier takes, of every clip of the batch, outside training: all that a frozen backbone computes.
    /// </summary>
    /// <param name="input">As the forward pass takes it.</param>
    public virtual Tensor Backbone(Tensor input) => Embed(input);

    /// <summary>What <see cref="Backbone"/> gives to logits (B, classes), as the forward pass has them.</summary>
    public abstract Tensor Classify(Tensor backbone);

    /// <summary>Checks that the model still has its weights; asked before features enter it.</summary>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    private NotSupportedException NoEmbedding() => new($"{GetName()} gives no embeddings.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _isDisposed = true;
            Generator.Dispose();
        }

        base.Dispose(disposing);
    }
}
