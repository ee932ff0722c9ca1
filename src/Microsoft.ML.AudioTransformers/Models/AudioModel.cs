using System.Globalization;
using Microsoft.ML.AudioTransformers.Checkpoints;
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

    /// <summary>Sizes of the presence map that <see cref="Detect"/> gives; null where the model has none.</summary>
    public virtual PresenceMapGeometry? PresenceMap => null;

    /// <summary>
    /// Whether the forward pass in training gives the logits of each step of the presence map, (B, steps * classes), step
    /// after step, for labels with times; false by default.
    /// </summary>
    /// <exception cref="NotSupportedException">It is set, and the model has no presence map.</exception>
    public virtual bool LearnsSteps
    {
        get => false;
        set
        {
            if (value)
            {
                throw NoPresenceMap();
            }
        }
    }

    /// <summary>Scores, presence map and embedding of clips, outside of training.</summary>
    /// <param name="input">As the forward pass takes it.</param>
    /// <exception cref="NotSupportedException">The model has no presence map.</exception>
    public virtual PresenceDetection Detect(Tensor input) => throw NoPresenceMap();

    /// <summary>
    /// Names of weights that models saved by earlier versions hold, and that this network no longer has: no output followed
    /// from them.
    /// </summary>
    public virtual IReadOnlyList<string> RetiredWeights => [];

    /// <summary>Writes the weights of a saved model.</summary>
    /// <exception cref="ObjectDisposedException">The model is disposed, and has no weights.</exception>
    public void WriteWeights(Stream stream)
    {
        ThrowIfDisposed();
        ModuleWeights.Write(this, stream);
    }

    /// <summary>Reads the weights of a saved model, of this version or an earlier one.</summary>
    /// <param name="stream">At the place where they were written.</param>
    /// <param name="source">Name of the stream in error messages.</param>
    /// <exception cref="InvalidDataException">The stream is damaged, or holds another model's weights.</exception>
    public void ReadWeights(Stream stream, string source) => ModuleWeights.Read(this, stream, source, RetiredWeights);

    /// <summary>
    /// Whether no output follows from a parameter, which is there because official files hold it; a checkpoint may lack it.
    /// </summary>
    /// <param name="parameterName">A name of <c>named_parameters()</c>.</param>
    public virtual bool IsUnused(string parameterName) => false;

    /// <summary>
    /// Stage and block of a parameter, for layer-wise learning-rate decay: blocks in order of stage and then block are in
    /// order from input to output. Null outside of all blocks.
    /// </summary>
    /// <param name="parameterName">A name of <c>named_parameters()</c>.</param>
    public abstract (int Stage, int Block)? BlockOf(string parameterName);

    /// <summary>Whether a parameter is of the classifier: what is trained while the backbone is frozen.</summary>
    /// <param name="parameterName">A name of <c>named_parameters()</c>.</param>
    public abstract bool IsHead(string parameterName);

    /// <summary>
    /// Whether a parameter outside of all blocks comes after them, as the head and the last normalization do, not before.
    /// </summary>
    /// <param name="parameterName">A name of <c>named_parameters()</c>.</param>
    public abstract bool IsAfterBlocks(string parameterName);

    /// <summary>
    /// Kind of a parameter, of those that weight decay can leave out. Here normalizations and biases, which are alike in all
    /// models; a model adds its position encodings and tokens.
    /// </summary>
    /// <param name="parameterName">A name of <c>named_parameters()</c>.</param>
    /// <param name="dimensions">Dimensions of the parameter's shape.</param>
    public virtual WeightDecayExclusions KindOf(string parameterName, int dimensions)
    {
        string[] segments = parameterName.Split('.');
        string last = segments[^1];
        string module = segments.Length > 1 ? segments[^2] : "";

        // What has one dimension and is a weight scales channels: a normalization's, whatever its module is called.
        bool isNormalization = dimensions == 1 && (last == "weight"
            || module.Contains("norm", StringComparison.Ordinal) || module.StartsWith("bn", StringComparison.Ordinal));
        return isNormalization ? WeightDecayExclusions.Normalizations
            : last == "bias" ? WeightDecayExclusions.Biases
            : WeightDecayExclusions.None;
    }

    /// <summary>The number after a prefix in a parameter's name: 3 of "blocks.3.norm1.weight" after "blocks."; else null.</summary>
    protected static int? NumberAfter(string prefix, string parameterName)
    {
        if (!parameterName.StartsWith(prefix, StringComparison.Ordinal))
        {
            return null;
        }

        ReadOnlySpan<char> rest = parameterName.AsSpan(prefix.Length);
        int end = rest.IndexOf('.');
        return end > 0 && int.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : null;
    }

    /// <summary>Whether a name is of one of these modules or their parts.</summary>
    protected static bool IsOf(string parameterName, params ReadOnlySpan<string> modules)
    {
        foreach (string module in modules)
        {
            if (parameterName.StartsWith(module, StringComparison.Ordinal)
                && parameterName.AsSpan(module.Length) is ['.', ..])
            {
                return true;
            }
        }

        return false;
    }

    private NotSupportedException NoPresenceMap() => new($"{GetName()} gives no presence map.");

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
