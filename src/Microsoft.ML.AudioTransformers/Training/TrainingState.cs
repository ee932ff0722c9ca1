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
}
