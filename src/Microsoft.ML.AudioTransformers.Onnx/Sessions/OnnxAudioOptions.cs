using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Onnx.Sessions;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Options of a model on ONNX Runtime: batches, threads and execution providers.</summary>
public sealed class OnnxAudioOptions : IOptionGroup
{
    /// <summary>Batch size: clips, or windows, that are scored together. Default: 8.</summary>
    [Whole(1, 1 << 16)]
    public int BatchSize = 8;

    /// <summary>Threads of one operator (ONNX Runtime's intra-op threads); 0 for one a core. Default: 0.</summary>
    [Whole(0, 1024)]
    public int Threads;

    /// <summary>
    /// Execution providers in the order of preference: "CUDA", "DirectML", "CoreML", "OpenVINO" or "CPU", which takes what no
    /// other does. All but "CPU" need another package of the native library, as Microsoft.ML.OnnxRuntime.Gpu. Default: none,
    /// the CPU.
    /// </summary>
    public string[] ExecutionProviders = [];

    /// <summary>
    /// Check of the sums. Whether a file whose bytes are not those that were exported is refused, by the SHA-256 in its metadata;
    /// files of versions that wrote none are taken either way. False for files that a tool changed on purpose, as one that
    /// optimizes graphs. Default: true.
    /// </summary>
    public bool VerifySums = true;

    void IOptionGroup.CheckTogether(string prefix)
    {
        for (int i = 0; i < ExecutionProviders.Length; i++)
        {
            OptionCheck.That(
                ProviderNames.IsKnown(ExecutionProviders[i]), ExecutionProviders[i],
                $"{prefix}{nameof(ExecutionProviders)}[{i}]", ProviderNames.All);
        }
    }
}
