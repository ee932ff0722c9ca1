using System.Diagnostics;
using System.Globalization;
using AudioMLNet.Benchmarks.Trainers;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Steadiness;

/// <summary>
/// Many short trainings of the presets for small data on the sample's spoken commands, each with a seed of its own,
/// every second one in bfloat16: whether losses, weights and scores stay finite, and whether one ends in an exception.
/// </summary>
internal static class SteadinessBenchmark
{
    private const int UsualRuns = 20;
    private const int Epochs = 10;

    private static readonly string[] s_usualTrainers = ["HTS-AT", "DATAR"];

    public static bool Accepts(string[] options) => Array.TrueForAll(
        options, option => IsCount(option, out _) || Array.Exists(TrainerPresets.All, preset => preset.Is(option)));

    /// <param name="report">Takes what is counted.</param>
    /// <param name="options">
    /// How many trainings of each, 20 where it is not said; names of trainers, HTS-AT and DATAR where none is said.
    /// </param>
    /// <returns>The exit code: 1 if anything was not finite or threw.</returns>
    public static int Run(Report report, string[] options)
    {
        if (!OneThread.IsGiven)
        {
            return OneThread.RunAgain();
        }

        set_num_threads(1);
        int runs = options.Select(option => IsCount(option, out int count) ? count : 0).Append(0).Max();
        string[] names = [.. options.Where(option => !IsCount(option, out _))];
        names = names is [] ? s_usualTrainers : names;
        var mlContext = new MLContext(seed: 1);
        SpokenCommands words = SpokenCommands.Read(mlContext, isValidation: false);
        var runsOf = new List<Outcome>();
        report.Say("not finite: losses, of all steps; weights and scores, at the end");
        report.Say("| trainer | seed | precision | steps | accuracy | losses | weights | scores | exceptions | s |");
        report.Say("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (TrainerPreset preset in TrainerPresets.All.Where(preset => Array.Exists(names, preset.Is)))
        {
            for (int seed = 1; seed <= (runs > 0 ? runs : UsualRuns); seed++)
            {
                Outcome outcome = Take(mlContext, preset, seed, words);
                report.Say(outcome.Row());
                runsOf.Add(outcome);
            }
        }

        foreach (IGrouping<string, Outcome> own in runsOf.GroupBy(outcome => outcome.Trainer))
        {
            report.Add($"{own.Key}, trainings", "", own.Count());
            report.Add($"{own.Key}, steps", "", own.Sum(outcome => outcome.Steps));
            report.Add($"{own.Key}, losses not finite", "", own.Sum(outcome => outcome.BadLosses));
            report.Add($"{own.Key}, weights not finite", "", own.Sum(outcome => outcome.BadWeights));
            report.Add($"{own.Key}, scores not finite", "", own.Sum(outcome => outcome.BadScores));
            report.Add($"{own.Key}, exceptions", "", own.Sum(outcome => outcome.Exceptions));
        }

        report.Write();
        return runsOf.TrueForAll(outcome => outcome.IsSound) ? 0 : 1;
    }

    private static bool IsCount(string option, out int count) =>
        int.TryParse(option, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count > 0;

    private static Outcome Take(MLContext mlContext, TrainerPreset preset, int seed, SpokenCommands words)
    {
        AudioTrainerOptions options = preset.Create();
        var outcome = new Outcome(preset.Name, seed);
        (options.Seed, options.Epochs, options.MetricsEverySteps) = (seed, Epochs, 1);
        options.Optimization.Precision = outcome.Precision;
        options.MetricsCallback = metrics =>
        {
            outcome.Steps = metrics.Step;
            outcome.BadLosses += double.IsFinite(metrics.Loss) ? 0 : 1;
        };
        long start = Stopwatch.GetTimestamp();
        try
        {
            using AudioClassificationTransformer model = TrainerPresets.Fit(mlContext, options, words.Training);
            outcome.BadWeights = CountOfBadWeights(model);
            IDataView scored = model.Transform(words.Test);
            outcome.BadScores = scored.GetColumn<float[]>("Score")
                .Sum(scores => scores.Count(score => !float.IsFinite(score)));
            outcome.Accuracy = mlContext.MulticlassClassification.Evaluate(scored).MicroAccuracy;
        }
        catch (Exception exception)
        {
            outcome.Exceptions++;
            Console.Error.WriteLine($"{preset.Name}, seed {seed}: {exception}");
        }

        outcome.Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return outcome;
    }

    private static long CountOfBadWeights(AudioClassificationTransformer model)
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        return model.Model.Network.parameters().Sum(weights => weights.numel() - weights.isfinite().sum().item<long>());
    }

    /// <summary>What one training came to.</summary>
    private sealed class Outcome(string trainer, int seed)
    {
        public string Trainer { get; } = trainer;

        public AudioPrecision Precision { get; } =
            seed % 2 == 1 ? AudioPrecision.Float32 : AudioPrecision.BFloat16;

        public long Steps { get; set; }

        public long BadLosses { get; set; }

        public long BadWeights { get; set; }

        public long BadScores { get; set; }

        public int Exceptions { get; set; }

        public double Accuracy { get; set; } = double.NaN;

        public double Seconds { get; set; }

        public bool IsSound => BadLosses + BadWeights + BadScores + Exceptions == 0;

        public string Row() => string.Create(
            CultureInfo.InvariantCulture,
            $"| {Trainer} | {seed} | {Precision} | {Steps} | {Accuracy:P1} | {BadLosses} | {BadWeights} "
            + $"| {BadScores} | {Exceptions} | {Seconds:F0} |");
    }
}
