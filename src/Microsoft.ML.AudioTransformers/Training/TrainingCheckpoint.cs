using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Checkpoint of a training run, one safetensors file: the weights with the prefix <c>model.</c>, AdamW's moments with
/// <c>optimizer.</c>, the averaged weights with <c>average.</c>, and the run's state and fingerprint as JSON in the header.
/// </summary>
internal static class TrainingCheckpoint
{
    // A validation loss may be NaN or infinite.
    private static readonly JsonSerializerOptions s_json =
        new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private const string ModelPrefix = "model.";
    private const string StepsName = "optimizer.step";
    private const string MeanPrefix = "optimizer.exp_avg.";
    private const string SquarePrefix = "optimizer.exp_avg_sq.";
    private const string AveragePrefix = "average.";
    private const string AverageCountName = "average_count";
    private const string StateKey = "training_state";
    private const string FingerprintKey = "training_fingerprint";

    /// <summary>Writes a checkpoint to a temporary file, then renames it, so that the file is always complete.</summary>
    public static void Save(
        string path, AudioModel model, TrainingStep step, TrainingState state, RunFingerprint fingerprint)
    {
        using DisposeScope scope = NewDisposeScope();
        List<CheckpointTensor> tensors = [.. ModuleWeights.Of(model, ModelPrefix)];
        foreach (AdamW.Moments moments in step.Optimizer.States)
        {
            tensors.Add(ModuleWeights.Of(MeanPrefix + moments.Name, moments.Mean));
            tensors.Add(ModuleWeights.Of(SquarePrefix + moments.Name, moments.Square));
        }

        long[] steps = [.. step.Optimizer.States.Select(moments => moments.Steps)];
        tensors.Add(ModuleWeights.Of(StepsName, TensorData.Create<long>(steps, [steps.Length], CPU)));
        if (step.Average is { } average)
        {
            tensors.AddRange(average.Means.Select(item => ModuleWeights.Of(AveragePrefix + item.Name, item.Mean)));
            tensors.Add(ModuleWeights.Of(AverageCountName, TensorData.Create<long>([average.Count], [1], CPU)));
        }

        SealedSafetensors.Save(path, tensors, new Dictionary<string, string>
        {
            [StateKey] = JsonSerializer.Serialize(state, s_json),
            [FingerprintKey] = fingerprint.ToJson(),
        });
    }

    /// <summary>Reads the fingerprint of a checkpoint's run.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or not a training checkpoint.</exception>
    public static RunFingerprint ReadFingerprint(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return Parse(file, path, FingerprintKey, RunFingerprint.FromJson);
    }

    /// <summary>Loads the weights, the optimizer's moments and the averaged weights.</summary>
    /// <returns>State of the run.</returns>
    /// <exception cref="InvalidDataException">The file is damaged, or of another model.</exception>
    public static TrainingState Load(string path, AudioModel model, TrainingStep step)
    {
        SealedSafetensors.Check(path);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        TrainingState state = Parse(
            file, path, StateKey, json => JsonSerializer.Deserialize<TrainingState>(json, s_json) ?? new TrainingState());
        Dictionary<string, CheckpointTensor> tensors = file.Tensors.ToDictionary(tensor => tensor.Name);
        IReadOnlyList<AdamW.Moments> states = step.Optimizer.States;
        using Tensor steps = ReadInt64(tensors, StepsName, [states.Count], path);
        ModuleWeights.Load(model, file.Tensors, path, ModelPrefix);
        foreach ((AdamW.Moments moments, long count) in states.Zip(TensorData.Read<long>(steps).ToArray()))
        {
            moments.Steps = count;
            Copy(tensors, MeanPrefix + moments.Name, moments.Mean, path);
            Copy(tensors, SquarePrefix + moments.Name, moments.Square, path);
        }

        if (step.Average is { } average)
        {
            using Tensor count = ReadInt64(tensors, AverageCountName, [1], path);
            average.Count = TensorData.Read<long>(count)[0];
            foreach ((string name, Tensor mean) in average.Means)
            {
                Copy(tensors, AveragePrefix + name, mean, path);
            }
        }

        return state;
    }

    private static void Copy(Dictionary<string, CheckpointTensor> tensors, string name, Tensor target, string path)
    {
        using Tensor values = Read(tensors, name, target.shape, path);
        ModuleWeights.CheckFinite(tensors[name], values, target);
        ModuleWeights.Copy(values, target);
    }

    private static Tensor ReadInt64(
        Dictionary<string, CheckpointTensor> tensors, string name, long[] shape, string path)
    {
        Tensor numbers = Read(tensors, name, shape, path);
        if (numbers.dtype == ScalarType.Int64)
        {
            return numbers;
        }

        using (numbers)
        {
            throw new InvalidDataException($"'{path}': '{name}' has the type {numbers.dtype}; expected {ScalarType.Int64}.");
        }
    }

    private static Tensor Read(
        Dictionary<string, CheckpointTensor> tensors, string name, long[] shape, string path) =>
        tensors.TryGetValue(name, out CheckpointTensor? tensor) && tensor.Shape.SequenceEqual(shape)
            ? ModuleWeights.ToTensor(tensor)
            : throw new InvalidDataException($"'{path}' lacks '{name}' {CheckpointTensor.Describe(shape)}.");

    private static T Parse<T>(SafetensorsFile file, string path, string key, Func<string, T> parse)
    {
        try
        {
            return file.Metadata.TryGetValue(key, out string? json)
                ? parse(json)
                : throw new InvalidDataException($"'{path}' is not a checkpoint of a training run: it has no '{key}'.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}': '{key}' cannot be read: {exception.Message}", exception);
        }
    }
}
