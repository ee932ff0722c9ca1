using System.Globalization;
using Microsoft.ML.AudioTransformers.Drawing;

namespace Microsoft.ML.AudioTransformers.Reports;

/// <summary>Sections about the training of a model: what, on what, with which options, and its learning curves.</summary>
internal static class TrainingSections
{
    /// <summary>Sections of a training.</summary>
    /// <param name="training">Training; null for none.</param>
    /// <param name="code">Code; null for that of the training.</param>
    public static IEnumerable<ReportSection> Of(AudioTrainingInfo? training, string? code)
    {
        if (training is not null)
        {
            yield return new FactsSection("Training", [.. Facts(training)]);
            foreach (ReportSection curves in Curves(training.History))
            {
                yield return curves;
            }

            yield return new FactsSection(
                "All options", [.. training.Options.Select(option => new[] { option.Key, option.Value })], Folded: true);
        }

        if ((code ?? training?.Code) is { Length: > 0 } text)
        {
            yield return new CodeSection("Code", text)
            {
                About = code is null ? "The options of this training, with the seed that was used." : null,
            };
        }
    }

    private static IEnumerable<string[]> Facts(AudioTrainingInfo training)
    {
        yield return ["model", training.ModelName];
        yield return ["recipe", training.RecipeName ?? "none"];
        yield return ["epochs", Text($"{training.CompletedEpochs} of {training.Epochs}")];
        if (training.BestEpoch is { } best)
        {
            yield return ["best epoch", Text($"{best}")];
        }

        if (training.TrainingClipCount > 0)
        {
            yield return ["training clips", Text($"{training.TrainingClipCount}")];
            yield return ["validation clips", Text($"{training.ValidationClipCount}")];
            yield return ["classes", Text($"{training.ClassCount}")];
        }

        if (training.History is [.., { ClipsPerSecond: > 0 } last])
        {
            yield return ["time", Text($"{last.Elapsed:d\\.hh\\:mm\\:ss}").TrimStart('0').TrimStart('.')];
            yield return ["clips a second", Text($"{last.ClipsPerSecond:0.#}")];
        }

        yield return ["batch size", Text($"{training.BatchSize}")];
        yield return ["learning rate", Text($"{training.LearningRate}")];
        yield return ["schedule", training.LearningRateSchedule];
        yield return ["weight decay", Text($"{training.WeightDecay}")];
        yield return ["seed", Text($"{training.Seed}")];
        if (training.Machine.Length > 0)
        {
            yield return ["machine", training.Machine];
        }

        yield return ["library", training.LibraryVersion];
    }

    private static IEnumerable<ReportSection> Curves(IReadOnlyList<AudioTrainingMetrics> history)
    {
        if (history.Count == 0)
        {
            yield break;
        }

        yield return Of("Loss", isShare: false, ("training", epoch => epoch.Loss), ("validation", epoch => epoch.ValidationLoss));
        yield return Of(
            "Accuracy", isShare: true, ("training", epoch => epoch.Accuracy), ("validation", epoch => epoch.ValidationAccuracy));
        if (history.Any(epoch => epoch.ValidationMeanAveragePrecision is not null))
        {
            yield return Of("mAP", isShare: true, ("validation", epoch => epoch.ValidationMeanAveragePrecision));
        }

        yield return Of("Learning rate", isShare: false, ("learning rate", epoch => epoch.LearningRate));

        CurvesSection Of(string title, bool isShare, params (string Name, Func<AudioTrainingMetrics, double?> Value)[] curves)
        {
            ReportCurve[] drawn =
            [
                .. curves.Where(curve => history.Any(epoch => curve.Value(epoch) is not null)).Select(curve => new ReportCurve(
                    curve.Name,
                    [.. history.Select(epoch => (double)epoch.Epoch)],
                    [.. history.Select(epoch => curve.Value(epoch) ?? double.NaN)])),
            ];
            Axis y = isShare ? Axis.Unit : Axis.Of(drawn.SelectMany(curve => curve.Y)) with { IsWhole = false };
            var epochs = new Axis(Math.Min(1, history[^1].Epoch - 1), history[^1].Epoch, IsWhole: true);
            return new CurvesSection(
                title, ReportAxis.Of("epoch", epochs), ReportAxis.Of(title.ToLowerInvariant(), y), drawn)
            {
                Together = true,
                Dots = history.Count <= 60,
            };
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
