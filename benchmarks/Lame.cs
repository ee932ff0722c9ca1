using System.Diagnostics;

namespace AudioMLNet.Benchmarks;

/// <summary>The MP3 encoder `lame`, if it is on the PATH: nothing in .NET that we reference writes MP3.</summary>
internal static class Lame
{
    /// <summary>Whether it can be started.</summary>
    public static bool IsThere => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "lame")) || File.Exists(Path.Combine(folder, "lame.exe")));

    /// <summary>The path of an MP3 file of 128 kbit/s, made of a WAV file, which is deleted.</summary>
    public static string Encode(string wav)
    {
        string mp3 = Path.ChangeExtension(wav, ".mp3");
        using Process lame = Process.Start("lame", ["--quiet", "-b", "128", wav, mp3]);
        lame.WaitForExit();
        if (lame.ExitCode != 0)
        {
            throw new InvalidOperationException($"lame ended with {lame.ExitCode}; expected 0.");
        }

        File.Delete(wav);
        return mp3;
    }
}
