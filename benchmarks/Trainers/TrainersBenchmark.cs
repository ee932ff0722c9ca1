using System.Diagnostics;
using System.Globalization;
using AudioMLNet.Benchmarks.Models;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Trainers;

/// <summary>
/// The trainers of all models with their presets for small data, on the sample's spoken commands and on one thread: how well each
/// hears voices that it was not trained on, and after how long.
/// </summary>
internal static class TrainersBenchmark
{
    private const string Validation = "validation";

    public static bool Accepts(string[] options) => Array.TrueForAll(
        options, option => option == Validation || Array.Exists(TrainerPresets.All, preset => preset.Is(option)));

    /// <param name="report">Takes what is measured.</param>
    /// <param name="options">
    /// Names of trainers, none for all; and <c>validation</c> to measure on held out training voices instead, after each
    /// epoch.
    /// </param>
    /// <returns>The exit code.</returns>
    public static int Run(Report report, string[] options)
    {
        if (!OneThread.IsGiven)
        {
            return OneThread.RunAgain();
        }

        set_num_threads(1);
        bool isValidation = options.Contains(Validation);
        string[] names = [.. options.Where(option => option != Validation)];
        var rows = new List<string>();
        foreach (TrainerPreset preset in TrainerPresets.All)
        {
            if (names.Length == 0 || Array.Exists(names, preset.Is))
            {
                rows.Add(Measure(report, preset.Name, preset.Create(), isValidation));
            }
        }

        report.Say("| trainer | accuracy on unheard voices | training, s | parameters, M | GMACs |");
        report.Say("| --- | --- | --- | --- | --- |");
        rows.ForEach(report.Say);
        report.Write();
        return 0;
    }

    private static string Measure(Report report, string name, AudioTrainerOptions options, bool isValidation)
    {
        var mlContext = new MLContext(seed: 1);
        SpokenCommands words = SpokenCommands.Read(mlContext, isValidation);
        if (isValidation)
        {
            options.ValidationSet = words.Test;
            options.MetricsCallback = metrics => report.Say($"{name} {metrics}");
        }

        long start = Stopwatch.GetTimestamp();
        using AudioClassificationTransformer model = TrainerPresets.Fit(mlContext, options, words.Training);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        MulticlassClassificationMetrics metrics = mlContext.MulticlassClassification.Evaluate(model.Transform(words.Test));
        double parameters = model.Model.ParameterCount / 1e6;
        double? multiplyAdds = MultiplyAdds.Of(model.Model.Network) / 1e9;
        report.Add($"{name}, accuracy on unheard voices", "of 1", metrics.MicroAccuracy);
        report.Add($"{name}, training", "s", seconds);
        report.Add($"{name}, parameters", "M", parameters);
        if (multiplyAdds is double counted)
        {
            report.Add($"{name}, multiplications with addition", "G", counted);
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {metrics.MicroAccuracy:P1} | {seconds:F0} | {parameters:F2} | {multiplyAdds:F3} |");
    }
}
