using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Training;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>
/// Sound event detection: in a recording each class is heard from when to when, any number of times (DESED). A network is
/// trained on clips, by its presence map; what becomes of the map is <see cref="EventModelDescription"/>'s.
/// </summary>
/// <param name="Labels">The classes.</param>
internal sealed record EventTask(LabelKeys Labels) : AudioTask
{
    public override IReadOnlyList<string> ClassNames => Labels.Names;

    /// <summary>A binary cross-entropy for each class, of clips or of steps in time, whatever is asked.</summary>
    public override AudioLossFunction LossFor(AudioLossFunction asked) => AudioLossFunction.BinaryCrossEntropy;

    public override ValidationMetric CreateValidationMetric() => new MeanAveragePrecisionMetric();
}
