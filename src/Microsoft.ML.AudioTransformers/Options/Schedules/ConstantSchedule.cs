namespace Microsoft.ML.AudioTransformers;

/// <summary>The base learning rate at every step.</summary>
public sealed class ConstantSchedule : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double LearningRate(double baseLearningRate, TrainingPosition position) => baseLearningRate;
}
