using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers;

/// <summary>A trained model: its network, its classes, and what shaped its training.</summary>
/// <remarks>
/// Holds native memory, which <see cref="Dispose"/> frees. Scoring is safe from several threads at once.
/// </remarks>
public sealed class AudioModelParameters : IDisposable
{
    internal AudioModelParameters(AudioModel network, ModelDescription description, ScoredTask task, Device device)
    {
        Network = network;
        Description = description;
        Task = task;
        Device = device;
        network.eval();
    }

    /// <summary>
    /// The classes, in the order of the score's slots; where clips have a verb and a noun the verbs, then the nouns.
    /// </summary>
    public IReadOnlyList<string> ClassNames => Task.ClassNames;

    /// <summary>The name of the architecture, for example "PaSST".</summary>
    public string ArchitectureName => ModelFamilies.Of(Description.Architecture).Name;

    /// <summary>How many weights the network has.</summary>
    public long ParameterCount => Network.parameters().Sum(parameter => parameter.numel());

    /// <summary>
    /// What shaped the training: recipe, learning rate, epochs, seed, library version and all other options; null for a model
    /// that was saved by a version which did not save it.
    /// </summary>
    public AudioTrainingInfo? Training => Description.Training;

    internal AudioModel Network { get; }

    internal ModelDescription Description { get; }

    internal ScoredTask Task { get; }

    internal Device Device { get; }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => Network.Dispose();

    /// <summary>
    /// Writes the weights under the names of the official code's state dict, so that Python loads them into the official
    /// model of the same sizes; and back, as <see cref="AudioTrainerOptions.PretrainedWeights"/>. The header's metadata
    /// holds the name of the architecture and, as a JSON array, those of the classes.
    /// </summary>
    /// <param name="path">
    /// The safetensors file; it is written beside and then renamed, so that a failure leaves what was there before.
    /// </param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveSafetensors(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ModuleWeights.Save(Network, path, new Dictionary<string, string>
        {
            ["architecture"] = ArchitectureName,
            ["classes"] = JsonSerializer.Serialize(ClassNames),
        });
    }

    /// <summary>Writes description, task and weights.</summary>
    internal void Write(BinaryWriter writer)
    {
        writer.WriteJson(Description);
        writer.WriteJson<object>(Task);
        writer.Flush();
        ModuleWeights.Write(Network, writer.BaseStream);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <typeparam name="TTask">The task.</typeparam>
    /// <exception cref="InvalidDataException">The content is damaged.</exception>
    internal static AudioModelParameters Read<TTask>(BinaryReader reader, IHost host, string source)
        where TTask : ScoredTask
    {
        var saved = reader.ReadJson<JsonObject>();
        TTask task = ModelDescription.TakeTask(saved) is { } earlier
            ? SavedModel.FromJson<TTask>(earlier)
            : reader.ReadJson<TTask>();
        var description = SavedModel.FromJson<ModelDescription>(saved);
        description.Check(task.ClassNames.Count);
        AudioModel network = ModelFamilies.Of(description.Architecture)
            .Build(description.Architecture, description.Shape, task.HeadSizes, seed: 0);
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

    /// <summary>Scores clips in one pass.</summary>
    /// <param name="features">(count, frames, mels).</param>
    /// <param name="count">How many clips.</param>
    /// <param name="probabilities">(count, classes), filled with what the task makes of the logits.</param>
    internal void Score(ReadOnlySpan<float> features, int count, Span<float> probabilities)
    {
        Network.ThrowIfDisposed();
        FeatureShape shape = Description.Shape;
        using var gradientsOff = no_grad();
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
    }

    /// <summary>(B, frames, mels) to (B, classes), in float32.</summary>
    private Tensor Probabilities(Tensor features) =>
        Task.Activate(Network.call(Network.FromFeatures(features))).to(ScalarType.Float32);
}
