using System.ComponentModel;
using System.Diagnostics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ffmpeg;

/// <summary>The program ffmpeg, which reads the formats that this library does not.</summary>
internal static class FfmpegProgram
{
    /// <summary>The program's name, which is looked for in the folders of PATH.</summary>
    public const string Default = "ffmpeg";

    /// <summary>Name of the AppContext switch: no file is given to ffmpeg in a process that sets it to false.</summary>
    public const string Switch = "Microsoft.ML.AudioFeaturization.UseFfmpeg";

    /// <summary>Whether files may be given to ffmpeg at all: <see cref="Switch"/> is not false.</summary>
    public static bool IsAllowed => !AppContext.TryGetSwitch(Switch, out bool isOn) || isOn;

    /// <summary>
    /// The program of a saved option: none where none was saved, else the one in the folders of PATH. A file must not choose what
    /// is started.
    /// </summary>
    public static string? OfSaved(string? program) => program is null ? null : Default;

    // What a playlist names must not be read, so ffmpeg gets the demuxers of files with media in them and no others.
    private const string Demuxers =
        "mov,matroska,asf,avi,flv,mpegts,mpeg,ogg,wav,w64,mp3,flac,aac,ac3,eac3,dts,amr,amrnb,amrwb,aiff,caf,au,ape,wv,tta,tak,rm,"
        + "gsm,loas,truehd,mlp,dsf,iff,voc,xwma,mpc,mpc8,oma,shorten";

    /// <summary>The program's path.</summary>
    /// <param name="program">A name, which is looked for in the folders of PATH, or a path.</param>
    /// <returns>Null where there is no such file.</returns>
    public static string? Find(string program)
    {
        string[] names = OperatingSystem.IsWindows() && !Path.HasExtension(program) ? [program + ".exe"] : [program];
        if (program.Contains('/', StringComparison.Ordinal)
            || program.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return names.Append(program).FirstOrDefault(File.Exists);
        }

        string[] folders = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        return folders.Where(Path.IsPathFullyQualified)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Starts to decode a file to a WAV of float32 on the standard output.</summary>
    /// <param name="program">The program's path.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="NotSupportedException">The program cannot be started.</exception>
    public static Process Start(string program, string path)
    {
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // With its scheme, no path can be an option, an address or a list of files.
        string[] arguments =
        [
            "-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file,pipe", "-format_whitelist", Demuxers,
            "-i", "file:" + Path.GetFullPath(path), "-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1",
            "-c:a", "pcm_f32le", "-f", "wav", "pipe:1",
        ];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            Process process = Process.Start(start)!;
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception exception)
        {
            throw new NotSupportedException($"'{path}': '{program}' could not be started: {exception.Message}", exception);
        }
    }
}
