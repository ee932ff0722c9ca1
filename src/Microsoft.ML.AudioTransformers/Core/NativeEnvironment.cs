using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>
/// Environment variables as native libraries see them: on Unix, <see cref="Environment.SetEnvironmentVariable(string, string)"/>
/// changes a copy that they do not read.
/// </summary>
internal static partial class NativeEnvironment
{
    /// <summary>Sets a variable that is not set. It has no effect on a library that has read it already.</summary>
    /// <param name="name">The variable.</param>
    /// <param name="value">Its value.</param>
    public static void SetByDefault(string name, string value)
    {
        if (OperatingSystem.IsWindows())
        {
            if (Environment.GetEnvironmentVariable(name) is null)
            {
                Environment.SetEnvironmentVariable(name, value);
            }

            return;
        }

        try
        {
            _ = SetVariable(name, value, overwrite: 0);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // A system without a C library of that name keeps its default.
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
