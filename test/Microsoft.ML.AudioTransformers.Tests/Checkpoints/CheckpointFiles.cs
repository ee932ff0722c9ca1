using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioTransformers.Tests.Checkpoints;

/// <summary>Small files of weights beside the tests; see Files/README.md.</summary>
internal static class CheckpointFiles
{
    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Checkpoints", "Files", name);

    /// <summary>Raw little-endian float32 numbers.</summary>
    public static float[] Singles(string name) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path(name))).ToArray();
}
