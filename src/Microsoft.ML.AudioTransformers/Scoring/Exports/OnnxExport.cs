using System.Reflection;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.FrontEnds;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Scoring.Exports;

/// <summary>
/// Export of trained models to an ONNX file: its inputs with their front ends, its networks, and its metadata. What the outputs
/// are is the task's to say.
/// </summary>
internal sealed class OnnxExport
{
    private const string Batch = "batch";
    private const string FeatureInput = "features";

    private readonly OnnxExportOptions _options;
    private readonly Dictionary<string, OnnxValue> _inputs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _featureInputs = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);

    /// <param name="options">Options; null for the defaults.</param>
    /// <param name="task">Task of the metadata.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public OnnxExport(OnnxExportOptions? options, string task)
    {
        _options = options is null ? new OnnxExportOptions() : OptionCheck.Copy(options);
        OptionCheck.All(_options);
        Graph = new OnnxGraph(_options.Opset, _options.Precision);
        _metadata[OnnxMetadata.Format] = OnnxMetadata.CurrentFormat;
        _metadata[OnnxMetadata.Task] = task;
        _metadata[OnnxMetadata.Precision] = _options.Precision.ToString();
        _metadata[OnnxMetadata.LibraryVersion] = typeof(OnnxExport).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        if (_options.License is { } license)
        {
            _metadata[OnnxMetadata.License] = license;
        }
    }

    /// <summary>Graph.</summary>
    public OnnxGraph Graph { get; }

    /// <summary>Adds a list or an object to the metadata.</summary>
    public void Describe<T>(string key, T value) => _metadata[key] = SavedModel.ToJson(value);

    /// <summary>Adds a text to the metadata.</summary>
    public void DescribeText(string key, string value) => _metadata[key] = value;

    /// <summary>
    /// Features of clips of one length, (B, frames, mels): an input, or what the front end makes of an input of waveforms. Models
    /// that take the same share it.
    /// </summary>
    /// <param name="frontEnd">Front end; null for a model without one.</param>
    /// <param name="shape">Shape of the features.</param>
    /// <param name="column">
    /// Name of the feature column, which models of an ensemble that take different features may differ in. Default: null, for one
    /// model.
    /// </param>
    /// <exception cref="NotSupportedException">Models of an ensemble make different features of one column.</exception>
    public OnnxValue Features(LogMelOptions? frontEnd, FeatureShape shape, string? column = null)
    {
        OnnxValue? waveforms = Waveforms(frontEnd, column);
        string key = $"{column}: {(frontEnd is null ? shape : SavedModel.ToJson(frontEnd))}";
        if (!_inputs.TryGetValue(key, out OnnxValue? features))
        {
            if (waveforms is null && !_featureInputs.Add(NameOf(FeatureInput, column)))
            {
                throw new NotSupportedException(
                    "The models make different features of the same column; expected the same for an "
                    + $"export with {nameof(OnnxExportOptions.Input)} {OnnxModelInput.Features}.");
            }

            features = waveforms is null
                ? Graph.Input(
                    NameOf(FeatureInput, column), $"Log-mel features of clips: {shape}.", Batch, shape.Frames, shape.Mels)
                : new LogMelGraph(Graph, frontEnd!).Write(waveforms);
            _inputs.Add(key, features);
        }

        return features;
    }

    /// <summary>
    /// Features of the images or windows of recordings, (B, frames, mels). A recording longer than those is cut between front
    /// end and network, so that the features of a piece are those of the whole recording: a file that takes waveforms has
    /// features as an optional input beside, which takes the place of the waveforms' where it is given.
    /// </summary>
    /// <param name="frontEnd">Front end; null for a model without one.</param>
    /// <param name="shape">Shape of the features of the longest piece; what follows is cut off.</param>
    /// <param name="length">What the front end's target length is for waveforms.</param>
    public OnnxValue FeaturesOfPieces(LogMelOptions? frontEnd, FeatureShape shape, PieceLength length)
    {
        if (Waveforms(frontEnd, column: null) is not { } waveforms)
        {
            return length == PieceLength.Exact
                ? Features(frontEnd, shape)
                : Graph.Input(
                        FeatureInput, $"Log-mel features of clips, of which at most {shape.Frames} frames are taken.",
                        Batch, "frames", shape.Mels)
                    .Slice(1, 0, shape.Frames);
        }

        LogMelOptions made = frontEnd!.Clone();
        if (length == PieceLength.AtMost)
        {
            (made.TargetSamples, made.TargetFrames) = (0, 0);
        }

        OnnxValue given = Graph.OptionalInput(
            FeatureInput,
            $"In place of the waveforms, log-mel features of as many clips: {(length == PieceLength.Exact ? "" : "at most ")}"
            + $"{shape}. The waveforms then only have to be long enough for a frame, and are not heard. None by default.",
            [1, 0, shape.Mels], "clips", "frames", shape.Mels);
        OnnxValue count = given.Size(1);
        OnnxValue isMissing = Graph.Add("Equal", [count, Graph.Integers(0)]).Cast(TensorProto.Types.DataType.Int64);
        OnnxValue features = new LogMelGraph(Graph, made, length == PieceLength.AtLeast, isMissing).Write(waveforms)
            .Slice(1, Graph.Integers(0), Graph.Integers(shape.Frames).Times(isMissing));
        OnnxValue ofEach = given.Expand(OnnxValue.Concat(0, waveforms.Size(0), count, Graph.Integers(shape.Mels)));
        features = OnnxValue.Concat(1, features, ofEach);
        return length == PieceLength.Exact
            ? features.Reshape(0, shape.Frames, shape.Mels)
            : features.Slice(1, 0, shape.Frames);
    }

    /// <summary>Graph of a network.</summary>
    /// <param name="network">Network; it is read when the file is written.</param>
    /// <param name="architecture">Configuration of the network.</param>
    /// <param name="features">Features, (B, frames, mels).</param>
    /// <param name="frames">Their frames; null for any number.</param>
    /// <param name="prefix">Prefix of all names, for one network of several.</param>
    /// <exception cref="ObjectDisposedException">The network is disposed.</exception>
    public ModelGraph Network(
        AudioModel network, AudioModelConfig architecture, OnnxValue features, int? frames, string prefix = "")
    {
        network.ThrowIfDisposed();
        Dictionary<string, CheckpointTensor> weights =
            ModuleWeights.Of(network).ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        return ModelFamilies.Of(architecture)
            .WriteGraph(network, new OnnxModule(Graph, weights, prefix: prefix), features, frames);
    }

    /// <summary>Makes values an output, (B, ...).</summary>
    /// <inheritdoc cref="OnnxGraph.Output"/>
    public void Output(OnnxValue value, string name, string documentation, params ReadOnlySpan<object> shape) =>
        Graph.Output(value, name, documentation, [Batch, .. shape]);

    /// <summary>Mean of values of several models.</summary>
    public static OnnxValue Mean(IReadOnlyList<OnnxValue> values) => values.Count == 1
        ? values[0]
        : values.Aggregate((sum, next) => sum.Plus(next)).Times(1.0 / values.Count);

    /// <summary>Writes the file.</summary>
    /// <param name="path">Path of the file. A failure leaves a file that was there before as it was.</param>
    /// <param name="documentation">Meaning of the model.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file must not be written.</exception>
    public void Save(string path, string documentation) =>
        OnnxFile.Write(path, Graph, documentation, _metadata, _options.ExternalData);

    /// <summary>Input of waveforms; null where the file takes features.</summary>
    private OnnxValue? Waveforms(LogMelOptions? frontEnd, string? column)
    {
        if (frontEnd is null)
        {
            return null;
        }

        Describe(OnnxMetadata.FrontEnd, frontEnd);
        Describe(OnnxMetadata.SampleRate, frontEnd.SampleRate);
        if (_options.Input == OnnxModelInput.Features)
        {
            return null;
        }

        string key = $"{column} at {frontEnd.SampleRate} Hz";
        if (!_inputs.TryGetValue(key, out OnnxValue? waveforms))
        {
            waveforms = Graph.Input(
                NameOf("waveform", column),
                $"Waveforms at {frontEnd.SampleRate} Hz, one channel, full scale at 1; long enough for one frame of "
                + $"{frontEnd.WindowLength} samples.",
                Batch, "samples");
            _inputs.Add(key, waveforms);
        }

        return waveforms;
    }

    private static string NameOf(string kind, string? column) => column is null ? kind : $"{kind}_{column}";
}

/// <summary>What the target length of a front end is for waveforms of which a model hears pieces.</summary>
internal enum PieceLength
{
    /// <summary>The length of all: shorter ones are made longer, longer ones are cut.</summary>
    Exact,

    /// <summary>The most: longer ones are cut.</summary>
    AtMost,

    /// <summary>The least: shorter ones are made longer.</summary>
    AtLeast,
}
