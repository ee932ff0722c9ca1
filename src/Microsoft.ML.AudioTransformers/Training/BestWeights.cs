using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>The weights of the best epoch so far: in a file where the run has a workspace, otherwise in memory.</summary>
/// <param name="model">Whose weights they are.</param>
/// <param name="metric">What makes an epoch the best.</param>
/// <param name="path">The file, or null.</param>
internal sealed class BestWeights(AudioModel model, AudioEarlyStoppingMetric metric, string? path)
{
    private List<CheckpointTensor> _weights = [];

    /// <summary>Keeps the model's weights if the epoch is better than all before it.</summary>
    public void Consider(AudioTrainingMetrics metrics, TrainingState state)
    {
        // A metric that could not be measured, or is no number, makes no epoch the best.
        double? value = ValueOf(metrics);
        if (value is { } number && double.IsFinite(number) && !(number <= state.BestValue))
        {
            (state.BestValue, state.BestEpoch) = (number, metrics.Epoch);
            if (path is not null)
            {
                ModuleWeights.Save(model, path);
            }
            else
            {
                _weights =
                [
                    .. ModuleWeights.Of(model).Select(tensor => new InMemoryTensor(
                        "the best epoch", tensor.Name, tensor.DType, [.. tensor.Shape], tensor.ToBytes())),
                ];
            }
        }
    }

    /// <summary>Gives the model the best weights.</summary>
    /// <returns>False where no epoch was the best yet.</returns>
    public bool Restore(TrainingState state)
    {
        if (state.BestEpoch == 0)
        {
            return false;
        }

        if (path is null)
        {
            ModuleWeights.Load(model, _weights, "the best epoch");
            return true;
        }

        using SafetensorsFile file = SafetensorsFile.Open(path);
        ModuleWeights.Load(model, file.Tensors, path);
        return true;
    }

    /// <summary>The metric with the sign that makes more of it better.</summary>
    private double? ValueOf(AudioTrainingMetrics metrics) => metric switch
    {
        AudioEarlyStoppingMetric.ValidationAccuracy => metrics.ValidationAccuracy,
        AudioEarlyStoppingMetric.ValidationLoss => -metrics.ValidationLoss,
        AudioEarlyStoppingMetric.ValidationMeanAveragePrecision => metrics.ValidationMeanAveragePrecision,
        AudioEarlyStoppingMetric.Accuracy => metrics.Accuracy,
        _ => -metrics.Loss,
    };
}
