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
            string mlNetPath = Path.Combine(folder, "mlnet.zip");
            (double parameters, double seconds, double mlNetSeconds) =
                LoadWorker.Save(BenchmarkedModel.Named(Model), path, mlNetPath);
            string title = $"{Model} of {parameters / 1e6:F0} M parameters";
            report.Add($"{title}, saved", "s", seconds, "by ML.NET's Save", mlNetSeconds);
            report.Add($"{title}, its file", "MB", Megabytes(path), "by ML.NET's Save", Megabytes(mlNetPath));
            AddSeconds(report, effort, path, mlNetPath, title);
            AddMemory(report, path, title, parameters * sizeof(float) / 1e6);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Megabytes(string path) => new FileInfo(path).Length / 1e6;

    private static void AddSeconds(Report report, Effort effort, string path, string mlNetPath, string title)
    {
        using PeerProcess worker = PeerProcess.Own(LoadWorker.Command, path, ModelWorker.Default);
        double first = worker.Time(LoadWorker.Load);
        Spread seconds = Spread.Of(Enumerable.Range(0, effort.Runs).Select(_ => worker.Time(LoadWorker.Load)));
        report.Add($"{title}, loaded from a warm disk", "s", seconds, floor: Floor.AtMost(SecondsFloor));
        report.Add($"{title}, the first load of a process", "s", first);
        using PeerProcess compressed = PeerProcess.Own(LoadWorker.Command, mlNetPath, ModelWorker.Default);
        compressed.Time(LoadWorker.Load);
        report.Add(
            $"{title}, saved by ML.NET's Save, loaded from a warm disk", "s",
            Spread.Of(Enumerable.Range(0, effort.IsQuick ? 1 : 3).Select(_ => compressed.Time(LoadWorker.Load))));
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
