using AudioMLNet.Benchmarks.Models;
using AudioMLNet.Benchmarks.Training;

namespace AudioMLNet.Benchmarks.Performance;

/// <summary>Rows of two threads beside one, default precision.</summary>
internal static class ThreadRows
{
    private const double TrainingFloor = 1.7;

    /// <summary>Adds the row of scoring.</summary>
    /// <param name="report">Takes the row.</param>
    /// <param name="effort">How much is measured.</param>
    /// <param name="name">The model's name in reports.</param>
    /// <param name="floor">How many times as fast two threads have to be, or null.</param>
    public static void AddScoring(Report report, Effort effort, string name, double? floor)
    {
        using PeerProcess one = PeerProcess.Own(ModelWorker.Command, name, ModelWorker.Default);
        using PeerProcess two = PeerProcess.OwnOnThreads(2, ModelWorker.Command, name, ModelWorker.Default, "2");
        Spread[] seconds = Take(effort.TakeWarm, one, two);
        report.Add(
            $"{name}, scoring, default precision, two threads", "s a clip", seconds[1], "one thread", seconds[0],
            floor is { } times ? Floor.Faster(times) : null);
    }

    /// <summary>Adds the row of training.</summary>
    /// <param name="report">Takes the row.</param>
    /// <param name="effort">How much is measured.</param>
    /// <param name="name">The model's name in reports.</param>
    /// <param name="batch">Clips of a step.</param>
    public static void AddTraining(Report report, Effort effort, string name, int batch)
    {
        string[] arguments = [TrainingWorker.Command, name, ModelWorker.Default, $"{batch}"];
        using PeerProcess one = PeerProcess.Own(arguments);
        using PeerProcess two = PeerProcess.OwnOnThreads(2, [.. arguments, "2"]);
        Spread[] seconds = Take(effort.Take, one, two);
        report.Add(
            $"{name}, training step of {batch}, default precision, two threads", "s", seconds[1], "one thread", seconds[0],
            Floor.Faster(TrainingFloor));
    }

    private static Spread[] Take(Func<PeerProcess[], Spread[]> take, params PeerProcess[] sides)
    {
        Array.ForEach(sides, side => side.Time(ModelPeer.Run));
        return take(sides);
    }
}
