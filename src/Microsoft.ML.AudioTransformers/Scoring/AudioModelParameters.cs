using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.AudioTransformers.Scoring.Exports;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Parameters of a trained model: network, classes, and recipe and options of its training.</summary>
/// <remarks>
/// Holds native memory, which <see cref="Dispose"/> frees. Scoring is safe from several threads at once.
/// </remarks>
public sealed class AudioModelParameters : IDisposable, IClipScorer
{
    internal AudioModelParameters(AudioModel network, ModelDescription description, ScoredTask task, Device device)
    {
        Network = network;
        Description = description;
        Task = task;
        ClassNames = task.ClassNames;
        Device = device;
        network.eval();
        Precision = network.ChooseScoring(description.Precision, device);
    }

    /// <summary>
    /// Names of the classes, in the order of the score's slots; of an action recognizer the verbs, then the nouns.
    /// </summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Name of the architecture, for example "PaSST".</summary>
    public string ArchitectureName => ModelFamilies.Of(Description.Architecture).Name;

    /// <summary>Number of parameters (weights) of the network.</summary>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public long ParameterCount
    {
        get
        {
            Network.ThrowIfDisposed();
            return Network.parameters().Sum(parameter => parameter.numel());
        }
    }

    /// <summary>
    /// Training of the model: recipe, learning rate, epochs, seed, library version and all other options; null for a model
    /// saved by a version that did not save it.
    /// </summary>
    public AudioTrainingInfo? Training => Description.Training;

    internal AudioModel Network { get; }

    internal ModelDescription Description { get; set; }

    internal ScoredTask Task { get; }

    internal Device Device { get; }

    IClipColumns IClipScorer.Columns => Task;

    LogMelOptions? IClipScorer.FrontEnd => Description.FrontEnd;

    int IClipScorer.BatchSize => Description.ScoringBatchSize;

    WindowOptions IClipScorer.Windows => Description.Windows ?? new WindowOptions();

    /// <summary>Precision of scoring, and why.</summary>
    internal PrecisionChoice Precision { get; private set; }

    /// <summary>Frees the network's native memory.</summary>
    public void Dispose() => Network.Dispose();

    /// <summary>
    /// Saves the state dict to a safetensors file, under the official code's names: Python loads it into the official model of
    /// the same sizes, this library as <see cref="AudioTrainerOptions.PretrainedWeights"/>, and
    /// <c>mlContext.Model.LoadAudioCheckpoint</c> as a transformer. The header's metadata has the name of the architecture
    /// ("architecture"), the names of the classes ("classes", a JSON array) and, but for action recognition, configuration,
    /// front end, task, and how long clips and time shifts are scored ("model", a JSON object).
    /// </summary>
    /// <param name="path">Path of the file. A failure leaves a file that was there before as it was.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public void SaveSafetensors(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Network.ThrowIfDisposed();
        var metadata = new Dictionary<string, string>
        {
            ["architecture"] = ArchitectureName,
            [WeightsMetadata.Classes] = JsonSerializer.Serialize(ClassNames),
        };
        if (WeightsMetadata.Of(Description, Task) is { } model)
        {
            metadata[WeightsMetadata.Model] = model;
        }

        ModuleWeights.Save(Network, path, metadata);
    }

    /// <summary>Writes the whole model to an ONNX file.</summary>
    internal void SaveOnnx(string path, OnnxExportOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var export = new OnnxExport(options, Task.ExportName);
        OnnxValue probabilities = Export(export, prefix: "", column: null);
        Task.Export(export, probabilities);
        export.Describe(OnnxMetadata.Model, ArchitectureName);
        export.Describe(OnnxMetadata.Labels, ClassNames);
        export.Describe<object>(OnnxMetadata.Description, Task);
        export.DescribeText(OnnxMetadata.FeatureColumn, Description.FeatureColumnName);
        DescribeWindows(export);
        export.Save(path, $"{ArchitectureName}, {Task.ExportName} of clips in {ClassNames.Count} classes.");
    }

    /// <summary>Writes the windows of long clips into the metadata; nothing where long clips are cut.</summary>
    internal void DescribeWindows(OnnxExport export)
    {
        if (Description.LongClips != LongClips.Cut)
        {
            export.Describe(OnnxMetadata.Windows, Description.Windows ?? new WindowOptions());
        }
    }

    /// <summary>Graph of <see cref="Score"/>: probabilities of the classes, (B, classes).</summary>
    /// <param name="export">Export.</param>
    /// <param name="prefix">Prefix of all names, for one model of several.</param>
    /// <param name="column">Name of the feature column, for one model of several; else null.</param>
    internal OnnxValue Export(OnnxExport export, string prefix, string? column)
    {
        FeatureShape shape = Description.Shape;
        OnnxValue features = export.Features(Description.FrontEnd, shape, column);
        int shifts = Description.TimeShifts;
        if (shifts == 1)
        {
            return Task.Activate(export.Network(Network, Description.Architecture, features, shape.Frames, prefix).Logits);
        }

        // All shifts of a batch are one batch.
        OnnxValue rolled = OnnxValue.Concat(
            0, [.. Enumerable.Range(0, shifts).Select(i => features.Roll(1, (long)i * shape.Frames / shifts))]);
        ModelGraph model = export.Network(Network, Description.Architecture, rolled, shape.Frames, prefix);
        return Task.Activate(model.Logits).Reshape(shifts, -1, ClassNames.Count).Mean(false, 0);
    }

    /// <summary>Writes description, task and weights.</summary>
    internal void Write(BinaryWriter writer)
    {
        writer.WriteJson(Description);
        writer.WriteJson<object>(Task);
        writer.Flush();
        Network.WriteWeights(writer.BaseStream);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <typeparam name="TTask">Type of the task.</typeparam>
    /// <param name="reader">Reader of the model file's stream.</param>
    /// <param name="host">Host that says on which device to score.</param>
    /// <param name="source">Name of the file in messages.</param>
    /// <exception cref="InvalidDataException">
    /// The weights are damaged, or do not fit the classes and the configuration.
    /// </exception>
    /// <exception cref="ArgumentException">A value of the description or the task is outside its range.</exception>
    /// <exception cref="JsonException">The description or the task is damaged.</exception>
    internal static AudioModelParameters Read<TTask>(BinaryReader reader, IHost host, string source)
        where TTask : ScoredTask
    {
        JsonObject saved = reader.ReadJson<JsonNode>() as JsonObject
            ?? throw new JsonException("The description is not a JSON object.");
        TTask task = ModelDescription.TakeTask(saved) is { } earlier
            ? SavedModel.FromJson<TTask>(earlier)
            : reader.ReadJson<TTask>();
        task.Check();
        var description = SavedModel.FromJson<ModelDescription>(saved);
        description.Check(task.ClassNames.Count);
        AudioModel network = ModelFamilies.Of(description.Architecture)
            .BuildUnread(description.Architecture, description.Shape, task.HeadSizes);
        try
        {
            network.ReadWeights(reader.BaseStream, source);
            Device device = TorchDevice.Choose(host);
            network.to(device);
            return new AudioModelParameters(network, description, task, device);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    FeatureReader IClipScorer.CreateReader() => Description.CreateReader();

    WindowGrid? IClipScorer.CreateGrid() => Description.CreateGrid();

    ScoringBatch IClipScorer.CreateBatch(FeatureReader reader, int capacity) => new FeatureBatch(reader, capacity, Score);

    /// <summary>Scores in another precision from now on.</summary>
    internal void Set(AudioPrecision precision)
    {
        Network.ThrowIfDisposed();
        Precision = Network.ChooseScoring(precision, Device);
        Description = Description with { Precision = precision };
    }

    /// <summary>Scores a batch of clips.</summary>
    /// <param name="features">Log-mel features, (count, frames, mels).</param>
    /// <param name="count">Number of clips.</param>
    /// <param name="probabilities">Probabilities of the classes, (count, classes); filled.</param>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    /// <exception cref="InvalidOperationException">A probability is not finite; all are filled nevertheless.</exception>
    internal void Score(ReadOnlySpan<float> features, int count, Span<float> probabilities)
    {
        Network.ThrowIfDisposed();
        FeatureShape shape = Description.Shape;
        using var gradientsOff = no_grad();
        using MixedPrecision.Section precision = Network.BeginScoring();
        using var scope = NewDisposeScope();
        Tensor input = TensorData.Create(features, [count, shape.Frames, shape.Mels], Device);
        Tensor sum = Probabilities(input);
        for (int i = 1; i < Description.TimeShifts; i++)
        {
            using var shiftScope = NewDisposeScope();
            long shift = (long)i * shape.Frames / Description.TimeShifts;
            sum.AddInPlace(Probabilities(input.roll(shift, 1)));
        }

        Tensor scores = sum.Over(Description.TimeShifts).cpu().contiguous();
        TensorData.Read<float>(scores).CopyTo(probabilities);
        FiniteOutput.Check(probabilities[..(count * ClassNames.Count)], count, ArchitectureName, "score", ClassNames);
    }

    /// <summary>(B, frames, mels) to (B, classes), in float32.</summary>
    private Tensor Probabilities(Tensor features) =>
        Task.Activate(Network.call(Network.FromFeatures(features))).to(ScalarType.Float32);
}
