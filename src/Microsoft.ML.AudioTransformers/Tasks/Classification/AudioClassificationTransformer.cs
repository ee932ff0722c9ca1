using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Classifier of clips: adds the probability of each class, and the class with the highest.</summary>
/// <remarks>
/// Adds two columns. <c>Score</c> is a vector of Single with one named slot a class, the softmax probabilities;
/// <c>PredictedLabel</c> is a key with the values of the training label, which <c>MapKeyToValue</c> turns back.
/// </remarks>
public sealed class AudioClassificationTransformer : AudioModelTransformer
{
    internal const string LoaderSignature = "AudioClassifier";

    internal AudioClassificationTransformer(IHost host, AudioModelParameters model)
        : base(host, model)
    {
    }

    private protected override (string Model, string Loader) Signatures => ("AUDCLASS", LoaderSignature);

    // Called by ML.NET, which finds it by its name, its parameters and its return type.
    private static ITransformer Create(IHostEnvironment environment, object context) => Load<ClassificationTask>(
        environment, context, LoaderSignature, "audio classifier",
        static (host, model) => new AudioClassificationTransformer(host, model));
}
