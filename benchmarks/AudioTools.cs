using System.Diagnostics;

namespace AudioMLNet.Benchmarks;

/// <summary>Encoders and decoders of other people, which are started as programs where they are on the PATH.</summary>
internal static class AudioTools
{
    /// <summary>Whether a program can be started.</summary>
    public static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)) || File.Exists(Path.Combine(folder, program + ".exe")));

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It ended with another exit code than 0.</exception>
    public static void Run(string program, params IEnumerable<string> arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}; expected 0.");
        }
    }

    /// <summary>The path of an MP3 file of 128 kbit/s, made by `lame` of a WAV file, which is deleted.</summary>
    public static string EncodeMp3(string wav)
    {
        string mp3 = Path.ChangeExtension(wav, ".mp3");
        Run("lame", "--quiet", "-b", "128", wav, mp3);
        File.Delete(wav);
        return mp3;
    }
}
