using System.Runtime.InteropServices;
using Microsoft.ML.AudioTransformers.Checkpoints;

namespace Microsoft.ML.AudioTransformers.Tests.Checkpoints;

/// <summary>The mean of several checkpoints of one model, as HTS-AT's <c>weight_average</c> makes it.</summary>
internal static class WeightAverage
{
    /// <summary>The mean of every tensor, in float32.</summary>
    /// <param name="checkpoints">One or more, of the same names and shapes.</param>
    /// <exception cref="InvalidDataException">A tensor is missing from one, or has another shape there.</exception>
    public static IReadOnlyList<CheckpointTensor> Of(IReadOnlyList<Checkpoint> checkpoints)
    {
        ArgumentOutOfRangeException.ThrowIfZero(checkpoints.Count);
        string source = string.Join(", ", checkpoints.Select(checkpoint => checkpoint.Path));
        List<CheckpointTensor> averages = [];
        foreach ((string name, CheckpointTensor first) in checkpoints[0].StateDict)
        {
            float[] sum = new float[first.ElementCount];
            foreach (Checkpoint checkpoint in checkpoints)
            {
                if (!checkpoint.StateDict.TryGetValue(name, out CheckpointTensor? tensor) || !tensor.Shape.SequenceEqual(first.Shape))
                {
                    throw new InvalidDataException(
                        $"'{checkpoint.Path}' has no '{name}' {CheckpointTensor.Describe(first.Shape)}, which '{checkpoints[0].Path}' has.");
                }

                float[] values = tensor.ToSingles();
                for (int i = 0; i < sum.Length; i++)
                {
                    sum[i] += values[i];
                }
            }

            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] /= checkpoints.Count;
            }

            averages.Add(new InMemoryTensor(
                source, name, CheckpointDType.Float32, [.. first.Shape], MemoryMarshal.AsBytes<float>(sum).ToArray()));
        }

        return averages;
    }
}
