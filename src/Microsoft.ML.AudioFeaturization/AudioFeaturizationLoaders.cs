using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>The transformers of this assembly that ML.NET can load from a model file.</summary>
internal static class AudioFeaturizationLoaders
{
    private static readonly LoaderRegistration s_registration = new(
        typeof(AudioFeaturizationLoaders).Assembly,
        (typeof(AudioLoadingTransformer), AudioLoadingTransformer.LoaderSignature),
        (typeof(LogMelExtractingTransformer), LogMelExtractingTransformer.LoaderSignature),
        (typeof(LogMelLoadingTransformer), LogMelLoadingTransformer.LoaderSignature));

    public static void Register(IHostEnvironment environment) => s_registration.Register(environment);
}
