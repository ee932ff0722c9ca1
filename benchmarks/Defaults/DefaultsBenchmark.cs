using System.Diagnostics;
using System.Globalization;
using AudioMLNet.Benchmarks.Trainers;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Runtime;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Defaults;

/// <summary>
/// The trainers of all models without any option, on one thread and on three data sets: how well what they choose by
/// themselves learns from random weights. It fails where a model hears less than 0.9 of the words of voices that it was not
/// trained on.
/// </summary>
internal static class DefaultsBenchmark
{
    private const double Expected = 0.9;
    private static readonly string[] s_sets = ["words", "tones", "kinds"];

    /// <summary>Whether all options are names of models or of data sets.</summary>
    public static bool Accepts(string[] options) => Array.TrueForAll(
        options, option => s_sets.Contains(option) || Array.Exists(TrainerPresets.All, preset => preset.Is(option)));

    /// <param name="report">Takes what is measured.</param>
    /// <param name="options">Names of models and of data sets; none for all.</param>
    /// <returns>The exit code.</returns>
    public static int Run(Report report, string[] options)
    {
        if (!OneThread.IsGiven)
        {
            return OneThread.RunAgain();
        }

        set_num_threads(1);
        string[] sets = [.. s_sets.Intersect(options)];
        ModelFamily[] families = [.. ModelFamilies.All.Where(family => Array.Exists(options, option => family.Name.Equals(
            option, StringComparison.OrdinalIgnoreCase)))];
        string folder = Path.Combine(Path.GetTempPath(), $"defaults-{Environment.ProcessId}");
        bool isGood = true;
        List<string> rows = [];
        try
        {
            foreach (string set in sets.Length == 0 ? s_sets : sets)
            {
                foreach (ModelFamily family in families.Length == 0 ? ModelFamilies.All : families)
                {
                    (double accuracy, double seconds) = Measure(report, family, set, folder);
                    isGood &= set != "words" || accuracy >= Expected;
                    rows.Add(string.Create(
                        CultureInfo.InvariantCulture, $"| {set} | {family.Name} | {accuracy:F3} | {seconds:F0} |"));
                    report.Add($"{set}, {family.Name}, accuracy on held out sources", "of 1", accuracy);
                    report.Add($"{set}, {family.Name}, training", "s", seconds);
                }
            }
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        report.Say("| data set | model | accuracy on held out sources | training, s |");
        report.Say("| --- | --- | --- | --- |");
        rows.ForEach(report.Say);
        report.Write();
        return isGood ? 0 : 1;
    }

    private static (double Accuracy, double Seconds) Measure(Report report, ModelFamily family, string set, string folder)
    {
        var mlContext = new MLContext(seed: 1);
        mlContext.Log += (_, log) =>
        {
            if (log.Kind != ChannelMessageKind.Trace && log.Message.Contains(" for ", StringComparison.Ordinal))
            {
                report.Say(log.Message);
            }
        };
        (IDataView training, IDataView test) = set == "words"
            ? Words(mlContext)
            : set == "tones"
                ? Made(mlContext, MadeClips.Tones, 16_000, Path.Combine(folder, set))
                : Made(mlContext, MadeClips.Kinds, 22_050, Path.Combine(folder, set));
        var trainer = new AudioClassificationTrainer(mlContext, new RecipeChoice(family, change: null));
        long start = Stopwatch.GetTimestamp();
        using AudioClassificationTransformer model = trainer.Fit(training);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return (mlContext.AudioClassification().Evaluate(model.Transform(test)).Accuracy, seconds);
    }

    private static (IDataView Training, IDataView Test) Words(MLContext mlContext)
    {
        SpokenCommands words = SpokenCommands.Read(mlContext, isValidation: false);
        return (words.Training, words.Test);
    }

    private static (IDataView Training, IDataView Test) Made(
        MLContext mlContext, Func<string, MadeClip[]> make, int sampleRate, string folder)
    {
        MadeClip[] clips = make(folder);
        IDataView training = mlContext.Data.LoadFromEnumerable(clips.Where(clip => !clip.IsTest));
        ITransformer reader = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate))
            .Fit(training);
        return (
            reader.Transform(training),
            reader.Transform(mlContext.Data.LoadFromEnumerable(clips.Where(clip => clip.IsTest))));
    }
}
