using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>Registration of the transformers of this assembly and of Microsoft.ML.AudioFeaturization, so that ML.NET can load
/// them from a model file.</summary>
internal static class AudioTransformersLoaders
{
    private static readonly LoaderRegistration[] s_registrations =
        [new(typeof(LoaderRegistration).Assembly), new(typeof(AudioTransformersLoaders).Assembly)];

    /// <summary>Registers all transformers of both assemblies; doing so again does nothing.</summary>
    public static void Register(IHostEnvironment environment)
    {
        foreach (LoaderRegistration registration in s_registrations)
        {
            registration.Register(environment);
        }
    }
}
