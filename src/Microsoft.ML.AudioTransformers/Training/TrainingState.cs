namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>How far a training run is: with the weights and the optimizer's moments, all that resuming it needs.
/// </summary>
internal sealed class TrainingState
{
    /// <summary>Epochs completed.</summary>
    public int Epoch { get; set; }

    /// <summary>Optimizer steps taken in the epoch under way.</summary>
    public int StepOfEpoch { get; set; }

    /// <summary>Optimizer steps taken in all.</summary>
    public long Step { get; set; }

    /// <summary>Sum of the losses of the clips of the epoch under way.</summary>
    public double LossSum { get; set; }

    /// <summary>Clips of the epoch under way whose best class was right.</summary>
    public double RightCount { get; set; }

    /// <summary>Clips of the epoch under way that are done.</summary>
    public long ClipCount { get; set; }

    /// <summary>Seconds of training, those of interrupted processes up to their last checkpoint included.</summary>
    public double Seconds { get; set; }

    /// <summary>The best epoch, counted from 1; 0 before there is one.</summary>
    public int BestEpoch { get; set; }

    /// <summary>Its metric, with the sign that makes more of it better.</summary>
    public double? BestValue { get; set; }

    /// <summary>The metrics of the epochs completed.</summary>
    public List<AudioTrainingMetrics> History { get; set; } = [];

    /// <summary>Checks that a run of some length can be there.</summary>
    /// <param name="epochs">The run's epochs.</param>
    /// <param name="stepsPerEpoch">Steps of each.</param>
    /// <param name="source">The file that it was read from.</param>
    /// <exception cref="InvalidDataException">It cannot.</exception>
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
