using System.Globalization;
using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// The folder of a training run: its last checkpoint, its best weights, and its log as table and chart; one process at a
/// time has it.
/// </summary>
internal sealed class TrainingWorkspace : IDisposable
{
    private readonly string _folder;
    private readonly FileStream _lock;

    /// <summary>Creates the folder where there is none.</summary>
    /// <exception cref="IOException">The folder cannot be written, or another run has it.</exception>
    public TrainingWorkspace(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        string lockPath = Path.Combine(folder, "lock");
        try
        {
            _lock = new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new IOException(
                $"Another training run has the workspace '{folder}': its '{lockPath}' is in use.", exception);
        }

        // What a killed process was writing.
        foreach (string temporary in Directory.EnumerateFiles(folder, "*" + AtomicFile.TemporaryExtension))
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Where the run is checkpointed.</summary>
    public string LastPath => Path.Combine(_folder, "last.safetensors");

    /// <summary>The weights of the best epoch, in the model's own names.</summary>
    public string BestPath => Path.Combine(_folder, "best.safetensors");

    /// <summary>The seed of the run that the folder holds, or null where it holds none.</summary>
    /// <exception cref="InvalidDataException">The checkpoint is damaged.</exception>
    public int? SavedSeed() =>
        File.Exists(LastPath) && TrainingCheckpoint.ReadFingerprint(LastPath)["Seed"] is { } seed
            ? int.Parse(seed, CultureInfo.InvariantCulture)
            : null;

    public void Save(AudioModel model, TrainingStep step, TrainingState state, RunFingerprint fingerprint) =>
        TrainingCheckpoint.Save(LastPath, model, step, state, fingerprint);

    /// <summary>Writes the metrics of all epochs as a table and as a chart.</summary>
    public void WriteLog(IReadOnlyList<AudioTrainingMetrics> history)
    {
        AtomicFile.WriteText(Path.Combine(_folder, "training.csv"), TrainingLog.ToCsv(history));
        TrainingLog.ToChart(history).Save(Path.Combine(_folder, "training.svg"));
    }

    /// <summary>Puts a run back to its last checkpoint.</summary>
    /// <returns>How far it was; null where there is no checkpoint.</returns>
    /// <exception cref="InvalidDataException">
    /// The checkpoint is damaged or another run's; the message says what differs.
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
}
