using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Weights of the best epoch so far, in a file if the run has a workspace, otherwise in memory.</summary>
/// <param name="model">Model.</param>
/// <param name="metric">Metric that decides which epoch is the best.</param>
/// <param name="path">Path of the file; null for memory.</param>
internal sealed class BestWeights(AudioModel model, AudioEarlyStoppingMetric metric, string? path)
{
    private List<CheckpointTensor> _weights = [];

    /// <summary>Stores the model's weights if the epoch is the best so far.</summary>
    public void Update(AudioTrainingMetrics metrics, TrainingState state)
    {
        // A metric that was not measured, or is not finite, does not count.
        double? value = ValueOf(metrics);
        if (value is { } number && double.IsFinite(number) && !(number <= state.BestValue))
        {
            (state.BestValue, state.BestEpoch) = (number, metrics.Epoch);
            if (path is not null)
            {
                SealedSafetensors.Save(path, ModuleWeights.Of(model));
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

    /// <summary>Loads the best weights into the model.</summary>
    /// <returns>False if there is no best epoch yet.</returns>
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

        SealedSafetensors.Check(path);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        ModuleWeights.Load(model, file.Tensors, path);
        return true;
    }

    /// <summary>Value of the metric, negated for losses, so that higher is better; null if it was not measured.</summary>
    private double? ValueOf(AudioTrainingMetrics metrics) => metric switch
    {
        AudioEarlyStoppingMetric.ValidationAccuracy => metrics.ValidationAccuracy,
        AudioEarlyStoppingMetric.ValidationLoss => -metrics.ValidationLoss,
        AudioEarlyStoppingMetric.ValidationMeanAveragePrecision => metrics.ValidationMeanAveragePrecision,
        AudioEarlyStoppingMetric.TrainingAccuracy => metrics.Accuracy,
        _ => -metrics.Loss,
    };
}
