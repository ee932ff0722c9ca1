using System.Diagnostics;
using System.Globalization;
using AudioMLNet.Benchmarks.Trainers;
using Microsoft.ML.AudioTransformers.Checkpoints;

namespace AudioMLNet.Benchmarks.Ranks;

/// <summary>
/// The same trainings by one, two and four ranks, two again: seconds, and how far the weights are from each other.
/// </summary>
internal static class RanksTable
{
    // Relative distance that the weights of ranks may have from those of one process.
    private const double Limit = 1e-6;

    /// <param name="report">Takes what is measured.</param>
    /// <param name="launcher">Program that starts ranks, such as mpirun.openmpi.</param>
    /// <param name="presets">Names of presets; none for all.</param>
    /// <returns>The exit code: 1 if a distance is above 1e-6, or two runs differ.</returns>
    public static int Run(Report report, string launcher, string[] presets)
    {
        string folder = Directory.CreateTempSubdirectory("ranks-table-").FullName;
        bool isExact = true;
        try
        {
            report.Say(
                "| | seconds: one rank, two, four | clips a second | distance of the weights, two and four ranks "
                + "| largest difference of a weight | two again |\n| --- | --- | --- | --- | --- | --- |");
            foreach (TrainerPreset preset in TrainerPresets.All.Where(preset => presets is [] || presets.Any(preset.Is)))
            {
                Row[] rows = [.. ((int[])[1, 2, 4, 2]).Select((ranks, run) => Train(launcher, ranks, preset, folder, run))];
                double Distance(int one, int other) => RanksBenchmark.Distance(rows[one].Weights, rows[other].Weights);
                string Largest(int other) => LargestDifference(rows[0].Weights, rows[other].Weights);
                double again = Distance(1, 3);
                isExact &= again == 0 && Distance(0, 1) <= Limit && Distance(0, 2) <= Limit;
                report.Say(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {preset.Name} | {rows[0].Seconds:F1}, {rows[1].Seconds:F1}, {rows[2].Seconds:F1} "
                    + $"| {rows[0].Speed:F0}, {rows[1].Speed:F0}, {rows[2].Speed:F0} "
                    + $"| {Distance(0, 1):G3}, {Distance(0, 2):G3} | {Largest(1)}, {Largest(2)} | {again:G3} |"));
                for (int run = 0; run < 3; run++)
                {
                    report.AddQuietly($"{preset.Name}, {rows[run].Ranks} ranks", "s", rows[run].Seconds);
                    report.AddQuietly($"{preset.Name}, {rows[run].Ranks} ranks, distance", "relative", Distance(0, run));
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return isExact ? 0 : 1;
    }

    private static Row Train(string launcher, int ranks, TrainerPreset preset, string folder, int run)
    {
        string weights = Path.Combine(folder, $"{preset.Name}-{run}.safetensors");
        long start = Stopwatch.GetTimestamp();
        double speed = RanksBenchmark.SpeedOf(launcher, ranks, preset.Name, weights);
        return new Row(ranks, Stopwatch.GetElapsedTime(start).TotalSeconds, speed, weights);
    }

    /// <summary>
    /// The largest difference of a weight in units of the largest weight of its tensor; keys' biases, whose gradient is rounding
    /// alone, are left out.
    /// </summary>
    /// <returns>The difference, and the tensor.</returns>
    private static string LargestDifference(string path, string otherPath)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        using SafetensorsFile other = SafetensorsFile.Open(otherPath);
        Dictionary<string, CheckpointTensor> others = other.Tensors.ToDictionary(tensor => tensor.Name);
        (double largest, string name) = (0, "none");
        foreach (CheckpointTensor tensor in file.Tensors)
        {
            float[] weights = tensor.ToSingles();
            float[] otherWeights = others[tensor.Name].ToSingles();
            double scale = weights.Where(float.IsFinite).Select(weight => Math.Abs((double)weight)).DefaultIfEmpty(0).Max();
            for (int i = 0; i < weights.Length; i++)
            {
                // Equal ones may be infinite.
                double difference = weights[i] == otherWeights[i] || RanksBenchmark.IsKeyBias(tensor.Name, i, weights.Length)
                    ? 0
                    : Math.Abs((double)weights[i] - otherWeights[i]) / scale;
                (largest, name) = difference > largest ? (difference, tensor.Name) : (largest, name);
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{largest:G2} ({name})");
    }

    private sealed record Row(int Ranks, double Seconds, double Speed, string Weights);
}
