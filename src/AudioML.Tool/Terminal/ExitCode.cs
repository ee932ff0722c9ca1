using System.Text.Json;

namespace AudioML.Tool.Terminal;

/// <summary>Exit codes, by kind of failure.</summary>
internal static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Done = 0;

    /// <summary>An error that none of the others names.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>A file or folder does not exist.</summary>
    public const int NotFound = 3;

    /// <summary>A file or data set is damaged, or of another kind than expected.</summary>
    public const int BadData = 4;

    /// <summary>An option does not fit the data, or another option.</summary>
    public const int BadOption = 5;

    /// <summary>A file cannot be written, or a folder is in use.</summary>
    public const int CannotWrite = 6;

    /// <summary>Ctrl+C.</summary>
    public const int Canceled = 130;

    /// <summary>Exit code of an exception.</summary>
    public static int Of(Exception exception) => exception switch
    {
        OperationCanceledException => Canceled,
        FileNotFoundException or DirectoryNotFoundException => NotFound,
        InvalidDataException or JsonException or FormatException or NotSupportedException => BadData,
        ArgumentException => BadOption,
        IOException or UnauthorizedAccessException => CannotWrite,
        _ => Failed,
    };
}
