using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>
/// Sound event detection: a recording has any number of events, each with a class, an onset and an offset (DESED). A network
/// learns the presence map of clips; <see cref="EventModelDescription"/> says how events are decoded from it.
/// </summary>
/// <param name="Labels">The classes.</param>
internal sealed record EventTask(LabelKeys Labels) : AudioTask
{
    public override IReadOnlyList<string> ClassNames => Labels.Names;

    /// <summary>
    /// Binary cross-entropy of each class, for a clip or for each step of the presence map; the option is not used.
    /// </summary>
    public override AudioLossFunction LossFor(AudioLossFunction asked) => AudioLossFunction.BinaryCrossEntropy;

    public override ValidationMetric CreateValidationMetric() => new MeanAveragePrecisionMetric();
}
