using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>The transformers of this assembly that ML.NET can load from a model file.</summary>
internal static class AudioTransformersLoaders
{
    private static readonly LoaderRegistration s_registration = new(
        typeof(AudioTransformersLoaders).Assembly,
        (typeof(AudioClassificationTransformer), AudioClassificationTransformer.LoaderSignature),
        (typeof(AudioTaggingTransformer), AudioTaggingTransformer.LoaderSignature),
        (typeof(ActionRecognitionTransformer), ActionRecognitionTransformer.LoaderSignature),
        (typeof(AudioEmbeddingTransformer), AudioEmbeddingTransformer.LoaderSignature),
        (typeof(AudioEnsembleTransformer), AudioEnsembleTransformer.LoaderSignature),
        (typeof(SoundEventDetectionTransformer), SoundEventDetectionTransformer.LoaderSignature));

    public static void Register(IHostEnvironment environment) => s_registration.Register(environment);
}
