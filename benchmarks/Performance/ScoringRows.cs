using AudioMLNet.Benchmarks.Models;

namespace AudioMLNet.Benchmarks.Performance;

/// <summary>Rows of scoring: a clip of ten seconds, one at a time.</summary>
internal static class ScoringRows
{
    private const string Onnx = "ONNX Runtime float32";

    /// <summary>Adds the rows of a model: the default precision and float32 beside peers, and beside the peak.</summary>
    /// <param name="report">Takes the rows.</param>
    /// <param name="effort">How much is measured.</param>
    /// <param name="name">The model's name in reports.</param>
    /// <param name="torch">Floor of the default precision, as a multiple of PyTorch's speed in float32.</param>
    /// <param name="onnx">The same of ONNX Runtime's, or null.</param>
    public static void Add(Report report, Effort effort, string name, double torch, double? onnx)
    {
        using PeerProcess own = PeerProcess.Own(ModelWorker.Command, name, ModelWorker.Default);
        using PeerProcess exact = PeerProcess.Own(ModelWorker.Command, name, ModelPeer.Float32);
        using PeerProcess session = PeerProcess.Own(GraphWorker.Command, name);
        (string Name, PeerProcess Process)? peer = ModelPeer.Scoring(
            ModelPeer.Float32, PeerSizes.Of(BenchmarkedModel.Named(name).Config, BenchmarkedModel.Classes));
        using PeerProcess? plain = peer?.Process;
        PeerProcess[] sides = plain is null ? [own, exact, session] : [own, exact, session, plain];
        Array.ForEach(sides, side => side.Time(ModelPeer.Run));
        Spread[] seconds = effort.TakeWarm(sides);
        string title = $"{name}, scoring";
        string byDefault = $"{title}, default precision";
        if (peer is { } torchPeer)
        {
            report.Add(byDefault, "s a clip", seconds[0], torchPeer.Name, seconds[3], Floor.Faster(torch));
            report.Add($"{title}, float32", "s a clip", seconds[1], torchPeer.Name, seconds[3]);
        }

        report.Add(byDefault, "s a clip", seconds[0], Onnx, seconds[2], onnx is { } times ? Floor.Faster(times) : null);
        report.Add($"{title}, float32", "s a clip", seconds[1], Onnx, seconds[2]);
        report.Add($"{byDefault}, peak memory", "MB", own.PeakMegabytes(), peer?.Name, plain?.PeakMegabytes());
        PerformanceBenchmark.AddLimits(report, title, own, seconds[0], seconds[1]);
    }
}
