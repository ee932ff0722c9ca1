using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>Registration of this assembly's transformers, so that ML.NET can load them from a model file.</summary>
internal static class AudioTransformersLoaders
{
    private static readonly LoaderRegistration s_registration = new(typeof(AudioTransformersLoaders).Assembly);

    /// <summary>Registers all transformers of this assembly; doing so again does nothing.</summary>
    public static void Register(IHostEnvironment environment) => s_registration.Register(environment);
}
