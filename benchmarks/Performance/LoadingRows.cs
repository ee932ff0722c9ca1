using AudioMLNet.Benchmarks.Models;

namespace AudioMLNet.Benchmarks.Performance;

/// <summary>Rows of a saved model of 86 million parameters: how long it takes to load it, and how much memory it takes.</summary>
internal static class LoadingRows
{
    private const double SecondsFloor = 1;
    private const double MemoryFloor = 1.3;
    private const string Model = "passt";

    /// <summary>Adds the rows.</summary>
    public static void Add(Report report, Effort effort)
    {
        string folder = Directory.CreateTempSubdirectory("loading").FullName;
        try
        {
            string path = Path.Combine(folder, "model.zip");
            double parameters = LoadWorker.Save(BenchmarkedModel.Named(Model), path);
            string title = $"{Model} of {parameters / 1e6:F0} M parameters";
            AddSeconds(report, effort, path, title);
            AddMemory(report, path, title, parameters * sizeof(float) / 1e6);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AddSeconds(Report report, Effort effort, string path, string title)
    {
        using PeerProcess worker = PeerProcess.Own(LoadWorker.Command, path, ModelWorker.Default);
        double first = worker.Time(LoadWorker.Load);
        Spread seconds = Spread.Of(Enumerable.Range(0, effort.Runs).Select(_ => worker.Time(LoadWorker.Load)));
        report.Add($"{title}, loaded from a warm disk", "s", seconds, floor: Floor.AtMost(SecondsFloor));
        report.Add($"{title}, the first load of a process", "s", first);
    }

    private static void AddMemory(Report report, string path, string title, double megabytes)
    {
        foreach (string type in new[] { ModelPeer.Float32, ModelWorker.Default })
        {
            using PeerProcess worker = PeerProcess.OwnWith(LoadWorker.ReturnsMemory, LoadWorker.Command, path, type);
            worker.Time(LoadWorker.Load);
            string which = type == ModelPeer.Float32 ? type : "default precision";
            report.Add(
                $"{title}, {which}, peak memory of loading", "MB", worker.PeakMegabytes(), "its weights in float32", megabytes,
                Floor.Share(MemoryFloor));
            worker.Time(LoadWorker.Score);
            report.Add(
                $"{title}, {which}, memory once it has scored", "MB", worker.Ask("resident")[0] / 1e6,
                "its weights in float32", megabytes);
        }
    }
}
