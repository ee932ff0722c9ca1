using AudioMLNet.Benchmarks.Models;
using AudioMLNet.Benchmarks.Training;

namespace AudioMLNet.Benchmarks.Performance;

/// <summary>Rows of training steps with the papers' recipes.</summary>
internal static class TrainingRows
{
    private const double PlainFloor = 3;
    private const double CastFloor = 1.5;
    private const double ExactFloor = 1.2;
    private const double OptimizerFloor = 5;

    /// <summary>
    /// Adds the rows of a model: both precisions beside plain loops in both, and the optimizer's share. Two processes at a time
    /// take turns, in float32 and then in bfloat16: the memory of four is more than many machines have.
    /// </summary>
    public static void Add(Report report, Effort effort, string name, int batch)
    {
        TrainedModel model = TrainedModel.Of(name);
        string title = $"{name}, training step of {batch}";
        (Spread exact, Spread? plain, string? plainName) = Exact(effort, name, batch, model);
        using PeerProcess own = PeerProcess.Own(TrainingWorker.Command, name, ModelWorker.Default, $"{batch}");
        (string Name, PeerProcess Process)? cast = ModelPeer.Training(ModelPeer.BFloat16, batch, model.Loss, model.Peer);
        using PeerProcess? castProcess = cast?.Process;
        PeerProcess[] sides = castProcess is null ? [own] : [own, castProcess];
        Array.ForEach(sides, side => side.Time(ModelPeer.Run));
        Spread[] seconds = effort.Take(sides);
        Spread? castSeconds = seconds.ElementAtOrDefault(1);
        report.Add($"{title}, default precision", "s", seconds[0], plainName, plain, Floor.Faster(PlainFloor));
        report.Add($"{title}, default precision", "s", seconds[0], cast?.Name, castSeconds, Floor.Faster(CastFloor));
        report.Add($"{title}, float32", "s", exact, plainName, plain, Floor.Faster(ExactFloor));
        report.Add(
            $"{title}, default precision, peak memory", "MB", own.PeakMegabytes(), cast?.Name, castProcess?.PeakMegabytes());
        Spread optimizer = Spread.Of(Enumerable.Range(0, 5).Select(_ => 100 * own.Ask("optimizer")[0] / seconds[0].Median));
        report.Add($"{title}, default precision, optimizer", "% of the step", optimizer, floor: Floor.AtMost(OptimizerFloor));
        PerformanceBenchmark.AddLimits(report, title, own, seconds[0], exact);
    }

    private static (Spread Exact, Spread? Plain, string? PlainName) Exact(
        Effort effort, string name, int batch, TrainedModel model)
    {
        using PeerProcess exact = PeerProcess.Own(TrainingWorker.Command, name, ModelPeer.Float32, $"{batch}");
        (string Name, PeerProcess Process)? plain = ModelPeer.Training(ModelPeer.Float32, batch, model.Loss, model.Peer);
        using PeerProcess? plainProcess = plain?.Process;
        PeerProcess[] sides = plainProcess is null ? [exact] : [exact, plainProcess];
        Array.ForEach(sides, side => side.Time(ModelPeer.Run));
        Spread[] seconds = effort.Take(sides);
        return (seconds[0], seconds.ElementAtOrDefault(1), plain?.Name);
    }
}
