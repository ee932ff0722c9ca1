using System.Globalization;
using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Workspace of a training run: a folder with its last checkpoint, its best weights, and its log as a table and a chart. A lock
/// file keeps other runs out.
/// </summary>
internal sealed class TrainingWorkspace : IDisposable
{
    private readonly string _folder;
    private readonly FileStream _lock;

    /// <summary>
    /// Opens a workspace: creates the folder if it does not exist, and locks it until the workspace is disposed.
    /// </summary>
    /// <param name="folder">Folder of this run only.</param>
    /// <exception cref="IOException">The folder cannot be written, or another run uses it; the message says
    /// which.</exception>
    public TrainingWorkspace(string folder)
    {
        _folder = folder;
        string lockPath = Path.Combine(folder, "lock");
        try
        {
            Directory.CreateDirectory(folder);
            _lock = new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw IsInUse(exception)
                ? new IOException(
                    $"Another training run has the workspace '{folder}': its '{lockPath}' is in use.", exception)
                : new IOException(
                    $"The workspace '{folder}' cannot be written: {exception.Message} Expected a folder of this run's own that "
                    + "it may write to.",
                    exception);
        }

        // Incomplete files of an interrupted process.
        foreach (string temporary in Directory.EnumerateFiles(folder, "*" + AtomicFile.TemporaryExtension))
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Path of the last checkpoint.</summary>
    public string LastPath => Path.Combine(_folder, "last.safetensors");

    /// <summary>Path of the best epoch's weights, with the parameter names of the model.</summary>
    public string BestPath => Path.Combine(_folder, "best.safetensors");

    /// <summary>Seed of the checkpoint's run; null if there is no checkpoint.</summary>
    /// <exception cref="InvalidDataException">The checkpoint is damaged.</exception>
    public int? SavedSeed()
    {
        if (!File.Exists(LastPath) || TrainingCheckpoint.ReadFingerprint(LastPath)["Seed"] is not { } text)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int seed)
            ? seed
            : throw new InvalidDataException($"'{LastPath}': Seed is '{text}'; expected a whole number.");
    }

    /// <summary>Writes the last checkpoint.</summary>
    public void Save(AudioModel model, TrainingStep step, TrainingState state, RunFingerprint fingerprint) =>
        TrainingCheckpoint.Save(LastPath, model, step, state, fingerprint);

    /// <summary>Writes the metrics of all epochs as training.csv and training.svg.</summary>
    public void WriteLog(IReadOnlyList<AudioTrainingMetrics> history)
    {
        AtomicFile.WriteText(Path.Combine(_folder, "training.csv"), TrainingLog.ToCsv(history));
        TrainingLog.ToChart(history).Save(Path.Combine(_folder, "training.svg"));
    }

    /// <summary>Writes the rows that the training does without as skipped.tsv.</summary>
    /// <param name="rows">The rows, each with the name of its dataset.</param>
    public void WriteSkipped(IEnumerable<(string Set, SkippedRow Row)> rows)
    {
        string[] lines = ["Set\tRow\tFile\tReason", .. rows.Select(row => $"{row.Set}\t{row.Row.ToText()}")];
        AtomicFile.WriteText(Path.Combine(_folder, "skipped.tsv"), string.Join('\n', lines) + "\n");
    }

    /// <summary>Resumes a run from its last checkpoint.</summary>
    /// <returns>State of the run; null if there is no checkpoint.</returns>
    /// <exception cref="InvalidDataException">
    /// The checkpoint is damaged or of another run; the message says what differs.
    /// </exception>
    public TrainingState? Resume(AudioModel model, TrainingStep step, RunFingerprint fingerprint)
    {
        if (!File.Exists(LastPath))
        {
            return null;
        }

        IReadOnlyList<string> differences = fingerprint.Differences(TrainingCheckpoint.ReadFingerprint(LastPath));
        return differences.Count == 0
            ? TrainingCheckpoint.Load(LastPath, model, step)
            : throw new InvalidDataException(
                $"'{LastPath}' is the checkpoint of another training run: {string.Join("; ", differences)}. "
                + "Expected the same options and data, or a WorkspacePath of its own.");
    }

    public void Dispose() => _lock.Dispose();

    // .NET gives the system's own number: EWOULDBLOCK of flock, which is 11 on Linux and 35 on macOS, or Windows' sharing
    // violation.
    private static bool IsInUse(Exception exception) => exception is IOException && exception.HResult
        == (OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsLinux() ? 11 : 35);
}
