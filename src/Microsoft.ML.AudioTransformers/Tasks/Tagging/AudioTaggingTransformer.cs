using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Tagger of clips: adds the probability of each class, and the classes with a probability of 0.5 or more.</summary>
/// <remarks>
/// Adds two columns. <c>Score</c> is a vector of Single with one named slot a class, the sigmoid probabilities, which do not
/// add up to 1; <c>PredictedLabel</c> is a vector of keys, the classes with a probability of 0.5 or more, which
/// <c>MapKeyToValue</c> turns into names.
/// </remarks>
public sealed class AudioTaggingTransformer : AudioModelTransformer
{
    internal const string LoaderSignature = "AudioTagger";

    internal AudioTaggingTransformer(IHost host, AudioModelParameters model)
        : base(host, model)
    {
    }

    private protected override (string Model, string Loader) Signatures => ("AUDTAGGR", LoaderSignature);

    // Called by ML.NET, which finds it by its name, its parameters and its return type.
    private static ITransformer Create(IHostEnvironment environment, object context) => Load<TaggingTask>(
        environment, context, LoaderSignature, "audio tagger", static (host, model) => new AudioTaggingTransformer(host, model));
}
