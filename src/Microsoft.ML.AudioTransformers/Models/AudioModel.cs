using System.Globalization;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Network of a model: its forward pass, and what training and scoring use beside it.</summary>
internal abstract class AudioModel : nn.Module<Tensor, Tensor>
{
    private volatile bool _isDisposed;
    private ScoringWeights? _weights;

    // Before the first large tensors, and late enough for an app to decide otherwise in its first lines.
    static AudioModel() => FreedMemory.Keep();

    /// <param name="name">Name of the module.</param>
    /// <param name="generator">See <see cref="Generator"/>; disposed with the network.</param>
    protected AudioModel(string name, Generator generator)
        : base(name) => Generator = generator;

    /// <summary>
    /// Random generator of the initial weights, then of what is random in a training step (patchout, for example); on the CPU.
    /// Training seeds it before each step, so that its draws follow from the seed and the step alone.
    /// </summary>
    public Generator Generator { get; }

    /// <summary>Configuration that the network was built with.</summary>
    public abstract AudioModelConfig Config { get; }

    /// <summary>Callback for warnings, each a sentence for the user; null for none.</summary>
    public Action<string>? Warning { get; set; }

    /// <summary>
    /// Mixed precision. Whether the layers can multiply in bfloat16, see <see cref="Layers.MixedPrecision"/>.
    /// </summary>
    public virtual bool HasMixedPrecision => false;

    /// <summary>Chooses the precision of scoring, before the first clip; weights do not change any more.</summary>
    /// <param name="asked">What the options say.</param>
    /// <param name="device">Device of the network.</param>
    /// <returns>The choice, for the log.</returns>
    /// <exception cref="InvalidOperationException">It is bfloat16, which LibTorch computes wrong on the device.</exception>
    public PrecisionChoice ChooseScoring(AudioPrecision asked, Device device)
    {
        PrecisionChoice choice = PrecisionChoice.Of(asked, this, device);
        if (choice.IsBFloat16 && NativeSelfTest.Default.Problem(device, ScalarType.BFloat16) is { } problem)
        {
            throw new InvalidOperationException($"The precision is {asked}; expected {AudioPrecision.Float32}. {problem}");
        }

        // Transposed weights are kept where they take little memory: of long products they would save nothing.
        bool isKept = choice.IsBFloat16 || (device.type == DeviceType.CPU && PrecisionChoice.IsSmall(this));
        ScoringWeights? before = _weights;
        _weights = !isKept ? null
            : before?.IsRounded == choice.IsBFloat16 ? before
            : new ScoringWeights(choice.IsBFloat16);
        if (_weights != before)
        {
            before?.Dispose();
        }

        return choice;
    }

    /// <summary>Begins a section of this thread that scores in the chosen precision; float32 where none was.</summary>
    public MixedPrecision.Section BeginScoring()
    {
        ScoringWeights? weights = _weights;
        return MixedPrecision.Begin(weights?.IsRounded == true, weights);
    }

    /// <summary>Input of the forward pass, from the features of clips, (B, frames, mels).</summary>
    public abstract Tensor FromFeatures(Tensor features);

    /// <summary>Length of an embedding.</summary>
    /// <exception cref="NotSupportedException">The model has no embeddings.</exception>
    public virtual int EmbeddingLength => throw NoEmbedding();

    /// <summary>
    /// Fewest frames of an input, of a model that takes clips shorter than the longest; null where all clips have one length.
    /// </summary>
    public virtual int? ShortestInput => null;

    /// <summary>Embeddings of clips, (B, <see cref="EmbeddingLength"/>).</summary>
    /// <param name="input">Input of the forward pass.</param>
    /// <exception cref="NotSupportedException">The model has no embeddings.</exception>
    public virtual Tensor Embed(Tensor input) => throw NoEmbedding();

    /// <summary>
    /// Output of the backbone for each clip, (B, ...), outside of training: the input of <see cref="Classify"/>, and all that a
    /// frozen backbone computes.
    /// </summary>
    /// <param name="input">Input of the forward pass.</param>
    public virtual Tensor Backbone(Tensor input) => Embed(input);

    /// <summary>Logits of the forward pass, (B, classes), from the output of <see cref="Backbone"/>.</summary>
    public abstract Tensor Classify(Tensor backbone);

    /// <summary>Checks that the network is not disposed, before native code reads its weights.</summary>
    /// <exception cref="ObjectDisposedException">It is disposed; the message says what disposes a model unasked.</exception>
    public void ThrowIfDisposed()
    {
        if (_isDisposed)
        {
            throw new ObjectDisposedException(
                GetName(),
                $"The {GetName()} model is disposed, and its weights are gone. A PredictionEngine disposes its model unless it "
                + "is made with PredictionEngineOptions.OwnsTransformer = false; keep the model until all its uses are over, or "
                + "load it again.");
        }
    }

    /// <summary>Sizes of the presence map of <see cref="Detect"/>; null where the model has none.</summary>
    public virtual PresenceMapGeometry? PresenceMap => null;

    /// <summary>
    /// Frame-wise training, for labels with times: whether the forward pass in training gives the logits of each step of the
    /// presence map, (B, steps * classes), step after step. Default: false.
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

    /// <summary>Detection: scores, presence map and embeddings of clips, outside of training.</summary>
    /// <param name="input">Input of the forward pass.</param>
    /// <exception cref="NotSupportedException">The model has no presence map.</exception>
    public virtual PresenceDetection Detect(Tensor input) => throw NoPresenceMap();

    /// <summary>
    /// Retired weights: names that models saved by earlier versions hold and this network no longer has, since no output
    /// depended on them.
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
    /// <param name="stream">Stream, at the position where they were written.</param>
    /// <param name="source">Name of the stream in error messages.</param>
    /// <exception cref="InvalidDataException">The stream is damaged, or holds another model's weights.</exception>
    public void ReadWeights(Stream stream, string source) => ModuleWeights.Read(this, stream, source, RetiredWeights);

    /// <summary>
    /// Whether a parameter is unused: official files hold it, no output depends on it, and a checkpoint may lack it.
    /// </summary>
    /// <param name="parameterName">A name of <c>named_parameters()</c>.</param>
    public virtual bool IsUnused(string parameterName) => false;

    /// <summary>
    /// Stage and block of a parameter, for layer-wise learning rate decay: ordered by stage and then block, blocks are in order
    /// from input to output. Null outside of all blocks.
    /// </summary>
    /// <param name="parameterName">A name of <c>named_parameters()</c>.</param>
    public abstract (int Stage, int Block)? BlockOf(string parameterName);

    /// <summary>Whether a parameter is of the head, the classifier: it alone is trained while the backbone is frozen.</summary>
    /// <param name="parameterName">A name of <c>named_parameters()</c>.</param>
    public abstract bool IsHead(string parameterName);

    /// <summary>
    /// Whether a parameter outside of all blocks comes after them, as those of the head and the last normalization do.
    /// </summary>
    /// <param name="parameterName">A name of <c>named_parameters()</c>.</param>
    public abstract bool IsAfterBlocks(string parameterName);

    /// <summary>
    /// Kind of a parameter, of those that weight decay can exclude. Here normalizations and biases, which are alike in all
    /// models; a model adds its position encodings and tokens.
    /// </summary>
    /// <param name="parameterName">A name of <c>named_parameters()</c>.</param>
    /// <param name="dimensions">Number of dimensions of the parameter.</param>
    public virtual WeightDecayExclusions KindOf(string parameterName, int dimensions)
    {
        string[] segments = parameterName.Split('.');
        string last = segments[^1];
        string module = segments.Length > 1 ? segments[^2] : "";

        // A weight of one dimension scales channels: it is of a normalization, whatever its module is called.
        bool isNormalization = dimensions == 1 && (last == "weight"
            || module.Contains("norm", StringComparison.Ordinal) || module.StartsWith("bn", StringComparison.Ordinal));
        return isNormalization ? WeightDecayExclusions.Normalizations
            : last == "bias" ? WeightDecayExclusions.Biases
            : WeightDecayExclusions.None;
    }

    /// <summary>
    /// Number after a prefix in a parameter's name, 3 in "blocks.3.norm1.weight" after "blocks."; null where there is none.
    /// </summary>
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

    /// <summary>Whether a parameter is of one of these modules or their parts.</summary>
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
            _weights?.Dispose();
        }

        base.Dispose(disposing);
    }
}
