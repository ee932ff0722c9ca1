using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Distributed;
using Microsoft.ML.AudioTransformers.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Replicas of a training on several ranks: what makes their states equal at its start and after each epoch.</summary>
/// <param name="group">Process group.</param>
internal sealed class Replicas(ProcessGroup group)
{
    // A loss may be NaN or infinite.
    private static readonly JsonSerializerOptions s_json =
        new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Checks that all ranks train the same: options, data and classes.</summary>
    /// <exception cref="InvalidDataException">This rank's differ from those of rank 0; the message says in what.</exception>
    public void Check(RunFingerprint fingerprint)
    {
        RunFingerprint first = RunFingerprint.FromJson(group.Broadcast(fingerprint.ToJson()));
        if (fingerprint.Differences(first) is { Count: > 0 } differences)
        {
            throw new InvalidDataException(
                $"Rank {group.Rank} trains with other options or data than rank 0: {string.Join("; ", differences)}. Expected "
                + "the same program, options and files on all ranks.");
        }
    }

    /// <summary>Seed of rank 0, on all ranks.</summary>
    public int Seed(int seed)
    {
        Span<double> value = [group.IsFirst ? seed : 0];
        group.AllReduce(value);
        return (int)value[0];
    }

    /// <summary>Copies rank 0's weights, optimizer state and averages to all ranks, and the state of a resumed run.</summary>
    /// <param name="model">Model.</param>
    /// <param name="step">Training step.</param>
    /// <param name="resumed">State of a resumed run on rank 0; null for a new one.</param>
    /// <returns>The state of rank 0.</returns>
    public TrainingState? Start(AudioModel model, TrainingStep step, TrainingState? resumed)
    {
        TrainingState? state = JsonSerializer.Deserialize<TrainingState?>(
            group.Broadcast(JsonSerializer.Serialize(resumed, s_json)), s_json);
        CopyWeights(model);
        if (state is null)
        {
            return null;
        }

        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<AdamW.Moments> moments = step.Optimizer.States;
        Tensor counts = TensorData.Create<long>([.. moments.Select(item => item.Steps), step.Average?.Count ?? 0],
            [moments.Count + 1], CPU);
        group.Broadcast(
            [counts, .. moments.Select(item => item.Mean), .. moments.Select(item => item.Square),
                .. step.Average?.Means.Select(item => item.Mean) ?? []]);
        ReadOnlySpan<long> steps = TensorData.Read<long>(counts);
        for (int i = 0; i < moments.Count; i++)
        {
            moments[i].Steps = steps[i];
        }

        if (step.Average is { } average)
        {
            average.Count = steps[^1];
        }

        return state;
    }

    /// <summary>Copies rank 0's weights and running statistics to all ranks.</summary>
    public void CopyWeights(AudioModel model) => group.Broadcast([.. model.state_dict().Values]);
}
