using AudioMLNet.Benchmarks.Models;
using Microsoft.ML.AudioTransformers;

namespace AudioMLNet.Benchmarks.Training;

/// <summary>
/// The models of PaSST's Table 1 in training: speed, and memory as the paper counts it, what one more spectrogram of a batch
/// adds. Each takes turns with PaSST-B and with a plain PyTorch loop over as many tokens and blocks.
/// </summary>
internal static class PasstTable1
{
    private const int Batch = 2;
    private const int Runs = 3;
    private const string Whole = "PaSST-B";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly string[] s_models = [Whole, "PaSST-U", "PaSST-S", "PaSST-S-L", "PaSST-N", "PaSST-S-N"];

    public static void Run(Report report)
    {
        report.Say(PythonPeer.Describe());
        using PeerProcess whole = PeerProcess.Own(TrainingWorker.Command, Whole, ModelPeer.Float32, $"{Batch}");
        whole.Time(ModelPeer.Run);
        double memoryOfWhole = 0;
        foreach (string name in s_models)
        {
            (Spread[] seconds, string? peer, double peak, double? peerPeak) = Measure(name, Batch, Runs, whole);
            (_, _, double peakOfOne, double? peerPeakOfOne) = Measure(name, batch: 1, runs: 1);
            double memory = peak - peakOfOne;
            memoryOfWhole = memoryOfWhole == 0 ? memory : memoryOfWhole;
            report.Add($"{name}, sequence length", "tokens", ((PasstConfig)TrainedModel.Of(name).Options.ModelConfig).TrainingSequenceLength);
            report.Add(
                $"{name}, speed", "spectrograms a second", seconds[0].RateOf(Batch), peer,
                peer is null ? null : seconds[1].RateOf(Batch));
            report.Add(
                $"{name}, speed", "spectrograms a second", seconds[0].RateOf(Batch), Whole, seconds[^1].RateOf(Batch));
            report.Add($"{name}, peak memory at batch {Batch}", "MB", peak, peer, peerPeak);
            report.Add($"{name}, memory a spectrogram", "MB", memory, peer, peerPeak - peerPeakOfOne);
            report.Add($"{name}, memory a spectrogram", "MB", memory, Whole, memoryOfWhole);
        }
    }

    private static (Spread[] Seconds, string? Peer, double Peak, double? PeerPeak) Measure(
        string name, int batch, int runs, params PeerProcess[] others)
    {
        using var sides = new TrainingSides(name, ModelPeer.Float32, batch);
        Spread[] seconds = sides.InTurns(runs, s_limit, others);
        return (seconds, sides.PeerName, sides.Own.PeakMegabytes(), sides.PeerPeakMegabytes);
    }
}
