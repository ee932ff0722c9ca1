using System.Globalization;
using Microsoft.ML.AudioTransformers.Models.Layers;

namespace AudioMLNet.Benchmarks.Models;

/// <summary>
/// The models over spectrograms of ten seconds on one thread, one clip at a time without gradients: how large they are, how
/// long it takes and how much memory; in turns with a plain PyTorch model of the same size, where there is one. Each side is a
/// process of its own for each model and type, so that memory which one keeps is not counted as another's.
/// </summary>
internal static class ModelsBenchmark
{
    private const int Runs = 5;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(40);
    private static readonly string[] s_types = [ModelPeer.Float32, ModelPeer.BFloat16];

    /// <summary>Names of models, and types.</summary>
    public static bool Accepts(string[] options) =>
        Array.TrueForAll(options, option => s_types.Contains(option) || BenchmarkedModel.Names.Contains(option));

    /// <summary>The types that the options name; without any those that this processor is fast in.</summary>
    public static string[] Types(string[] options)
    {
        string[] named = [.. options.Where(s_types.Contains)];
        return named.Length > 0 ? named : MixedPrecision.IsFastOnCpu ? s_types : [ModelPeer.Float32];
    }

    /// <param name="report">Takes what is measured.</param>
    /// <param name="options">Names of models, none for all; and types, see <see cref="Types"/>.</param>
    public static void Run(Report report, string[] options)
    {
        report.Say(PythonPeer.Describe());
        string[] types = Types(options);
        string[] names = [.. options.Except(s_types)];
        foreach (BenchmarkedModel model in (names.Length > 0 ? names : BenchmarkedModel.Names).SelectMany(BenchmarkedModel.Of))
        {
            Array.ForEach(types, type => Score(report, model, type, isFirst: type == types[0]));
        }
    }

    private static void Score(Report report, BenchmarkedModel model, string type, bool isFirst)
    {
        using PeerProcess own = PeerProcess.Own(ModelWorker.Command, model.Name, type);
        (string Name, PeerProcess Process)? peer = ModelPeer.Scoring(type, PeerSizes.Of(model.Config, BenchmarkedModel.Classes));
        using PeerProcess? other = peer?.Process;
        if (isFirst)
        {
            string[] counts = own.FirstLine.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (counts.Length > 1)
            {
                double multiplyAdds = double.Parse(counts[1], CultureInfo.InvariantCulture) / 1e9;
                report.Add($"{model.Name}, multiplications with addition", "G", multiplyAdds);
            }

            double parameters = double.Parse(counts[0], CultureInfo.InvariantCulture) / 1e6;
            report.Add($"{model.Name}, parameters", "M", parameters);
        }

        PeerProcess[] sides = other is null ? [own] : [own, other];
        Array.ForEach(sides, side => side.Time(ModelPeer.Run));
        Spread[] seconds = Turns.Take(Runs, s_limit, [.. sides.Select(Warm)]);
        report.Add($"{model.Name} {type}, scoring", "s a clip", seconds[0], peer?.Name, seconds.ElementAtOrDefault(1));
        report.Add(
            $"{model.Name} {type}, scoring, peak memory", "MB", own.PeakMegabytes(), peer?.Name, other?.PeakMegabytes());
    }

    // The first run of a turn finds the other side's numbers in the caches.
    private static Func<double> Warm(PeerProcess side) => () =>
    {
        side.Time(ModelPeer.Run);
        return side.Time(ModelPeer.Run);
    };
}
