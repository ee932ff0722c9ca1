using System.Text.Json.Serialization;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// State of a training run. Checkpoints contain it as JSON; with the weights and the optimizer's moments, it is all that is
/// needed to resume the run.
/// </summary>
internal sealed class TrainingState
{
    /// <summary>Completed epochs.</summary>
    public int Epoch { get; set; }

    /// <summary>Optimizer steps of the current epoch so far.</summary>
    public int StepOfEpoch { get; set; }

    /// <summary>Optimizer steps of the run so far.</summary>
    public long Step { get; set; }

    /// <summary>Sum of the clips' losses in the current epoch so far.</summary>
    public double LossSum { get; set; }

    /// <summary>Correct predictions in the current epoch so far.</summary>
    [JsonPropertyName("RightCount")]
    public double CorrectCount { get; set; }

    /// <summary>Clips of the current epoch so far.</summary>
    public long ClipCount { get; set; }

    /// <summary>Training time in seconds, with that of interrupted processes up to their last checkpoint.</summary>
    public double Seconds { get; set; }

    /// <summary>Best epoch, counted from 1; 0 if there is none yet.</summary>
    public int BestEpoch { get; set; }

    /// <summary>Early stopping metric of the best epoch, negated for losses, so that higher is better.</summary>
    public double? BestValue { get; set; }

    /// <summary>Metrics of the completed epochs.</summary>
    public List<AudioTrainingMetrics> History { get; set; } = [];

    /// <summary>Checks the ranges of the values.</summary>
    /// <param name="epochs">Epochs of the run.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch.</param>
    /// <param name="source">Path of the checkpoint, for messages.</param>
    /// <exception cref="InvalidDataException">A value is out of its range.</exception>
    public void Check(int epochs, int stepsPerEpoch, string? source)
    {
        Within(Epoch, epochs, nameof(Epoch));
        Within(StepOfEpoch, stepsPerEpoch, nameof(StepOfEpoch));
        Within(Step, (long)epochs * stepsPerEpoch, nameof(Step));
        Within(BestEpoch, Epoch, nameof(BestEpoch));
        if (History is null || History.Count != Epoch || History.Contains(null!))
        {
            throw new InvalidDataException(
                $"'{source}': {nameof(History)} has {History?.Count ?? 0} epochs; expected the {Epoch} that are completed.");
        }

        void Within(long value, long most, string name)
        {
            if (value < 0 || value > most)
            {
                throw new InvalidDataException($"'{source}': {name} is {value}; expected 0 to {most}.");
            }
        }
    }
}
