using AudioMLNet.Benchmarks.Models;
using AudioMLNet.Benchmarks.Training;

namespace AudioMLNet.Benchmarks.Performance;

/// <summary>
/// Rows of patchout: PaSST-S and PaSST-S-N in training beside PaSST-B, speed and memory, float32 as in the paper's Table 1.
/// </summary>
internal static class PatchoutRows
{
    private const int Batch = 2;
    private const string Whole = "PaSST-B";

    private static readonly (string Name, double Speed, double Memory)[] s_models =
        [("PaSST-S", 2.8, 0.37), ("PaSST-S-N", 5.5, 0.27)];

    /// <summary>Adds the rows.</summary>
    public static void Add(Report report, Effort effort)
    {
        AddSpeed(report, effort);
        double whole = MemoryOfClip(batch => Own(Whole, batch));
        foreach ((string name, _, double share) in s_models)
        {
            double memory = MemoryOfClip(batch => Own(name, batch));
            report.Add($"{name}, training, float32, memory a spectrogram", "MB", memory, Whole, whole, Floor.Share(share));
        }

        TrainedModel model = TrainedModel.Of(Whole);
        if (Plain(1) is { } first)
        {
            first.Process.Dispose();
            double peer = MemoryOfClip(batch => Plain(batch)!.Value.Process);
            report.Add(
                $"{Whole}, training, float32, memory a spectrogram", "MB", whole, first.Name, peer, Floor.Share(0.35));
        }

        (string Name, PeerProcess Process)? Plain(int batch) =>
            ModelPeer.Training(ModelPeer.Float32, batch, model.Loss, model.Peer, LoadWorker.ReturnsMemory);
    }

    private static void AddSpeed(Report report, Effort effort)
    {
        PeerProcess[] sides =
        [
            .. s_models.Select(model => model.Name).Prepend(Whole).Select(name => PeerProcess.Own(
                TrainingWorker.Command, name, ModelPeer.Float32, $"{Batch}")),
        ];
        try
        {
            Array.ForEach(sides, side => side.Time(ModelPeer.Run));
            Spread[] rates = [.. effort.Take(sides).Select(seconds => seconds.RateOf(Batch))];
            for (int i = 0; i < s_models.Length; i++)
            {
                (string name, double speed, _) = s_models[i];
                report.Add(
                    $"{name}, training, float32, speed", "spectrograms a second", rates[i + 1], Whole, rates[0],
                    Floor.Times(speed));
            }
        }
        finally
        {
            Array.ForEach(sides, side => side.Dispose());
        }
    }

    private static PeerProcess Own(string name, int batch) =>
        PeerProcess.OwnWith(LoadWorker.ReturnsMemory, TrainingWorker.Command, name, ModelPeer.Float32, $"{batch}");

    /// <summary>
    /// What one more spectrogram adds to the peak of two steps; those of one and of two are processes of their own. The second
    /// step has the gradients of the first beside its activations.
    /// </summary>
    private static double MemoryOfClip(Func<int, PeerProcess> start)
    {
        double[] peaks = new double[2];
        for (int batch = 1; batch <= 2; batch++)
        {
            using PeerProcess process = start(batch);
            process.Time(ModelPeer.Run);
            process.Time(ModelPeer.Run);
            peaks[batch - 1] = process.PeakMegabytes();
        }

        return peaks[1] - peaks[0];
    }
}
