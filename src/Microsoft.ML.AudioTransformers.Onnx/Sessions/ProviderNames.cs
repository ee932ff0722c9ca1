using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.AudioTransformers.Onnx.Sessions;

/// <summary>Execution providers of ONNX Runtime by the names that users know.</summary>
internal static class ProviderNames
{
    private static readonly (string Name, string Provider, Action<SessionOptions> Append)[] s_providers =
    [
        ("CPU", "CPUExecutionProvider", options => options.AppendExecutionProvider_CPU()),
        ("CUDA", "CUDAExecutionProvider", options => options.AppendExecutionProvider_CUDA()),
        ("DirectML", "DmlExecutionProvider", options => options.AppendExecutionProvider_DML()),
        ("CoreML", "CoreMLExecutionProvider", options => options.AppendExecutionProvider("CoreML")),
        ("OpenVINO", "OpenVINOExecutionProvider", options => options.AppendExecutionProvider_OpenVINO()),
    ];

    /// <summary>The names, for messages.</summary>
    public static string All { get; } = string.Join(", ", s_providers.Select(provider => provider.Name));

    /// <summary>Whether a name is one of them.</summary>
    public static bool IsKnown(string? name) => s_providers.Any(provider => provider.Name == name);

    /// <summary>Adds providers to the options of a session.</summary>
    /// <param name="options">Options of the session.</param>
    /// <param name="names">Known names, in the order of preference.</param>
    /// <exception cref="NotSupportedException">The native library has no such provider, or it does not start.</exception>
    public static void Append(SessionOptions options, IEnumerable<string> names)
    {
        string[] available = OrtEnv.Instance().GetAvailableProviders();
        foreach (string name in names)
        {
            (_, string provider, Action<SessionOptions> append) = s_providers.Single(known => known.Name == name);
            if (!available.Contains(provider))
            {
                throw new NotSupportedException(
                    $"The native library of ONNX Runtime has no execution provider {name}; it has "
                    + $"{string.Join(", ", available)}. Reference a package with that provider, as "
                    + "Microsoft.ML.OnnxRuntime.Gpu for CUDA.");
            }

            try
            {
                append(options);
            }
            catch (Exception exception) when (exception is OnnxRuntimeException or EntryPointNotFoundException)
            {
                throw new NotSupportedException($"The execution provider {name} does not start: {exception.Message}", exception);
            }
        }
    }
}
