using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

[TestClass]
public partial class AccuracyGoldenTests
{
    [TestMethod, TestCategory("Golden"), GoldenCases("metrics_accuracy")]
    public void Golden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        Func<string, double[]> metric = golden.Tensors.ContainsKey("verb_logits")
            ? ActionMetric(golden)
            : ClassificationMetric(golden);
        foreach (JsonProperty expected in golden.Json.GetProperty("expected").EnumerateObject())
        {
            double[] values = expected.Value.ValueKind == JsonValueKind.Array
                ? [.. expected.Value.EnumerateArray().SelectMany(GoldenCase.Numbers)]
                : [GoldenCase.Number(expected.Value)];
            GoldenAssert.Close(
                values, metric(expected.Name), Math.Min(golden.Atol, 1e-9), golden.Rtol, $"{id}: {expected.Name}");
        }
    }

    private static Func<string, double[]> ClassificationMetric(GoldenCase golden)
    {
        AudioClassificationMetrics metrics = AudioClassificationMetrics.Compute(Labels(golden, "labels"), Rows(golden, "logits"));
        return name => name switch
        {
            "confusion_matrix" => Counts(metrics.ConfusionTable),
            "macro_f1" => [metrics.MacroF1],
            "mean_class_accuracy" => [metrics.MeanClassAccuracy],
            _ when TopK().Match(name) is { Success: true } match => [metrics.TopKAccuracy(
                Number(match),
                match.Groups["ties"].Value switch
                {
                    "argmax_first" or "stable_first_index" => TieBreaking.FirstIndex,
                    "optimistic" => TieBreaking.Optimistic,
                    "pessimistic" => TieBreaking.Pessimistic,
                    "" when match.Groups["who"].Value == "sklearn_" => TieBreaking.LastIndex,
                    string other => throw new NotSupportedException($"No tie breaking is known as '{other}'."),
                })],
            _ => throw new NotSupportedException($"{golden.Id} expects '{name}', which no metric is known for."),
        };
    }

    private static Func<string, double[]> ActionMetric(GoldenCase golden)
    {
        ActionRecognitionMetrics metrics = ActionRecognitionMetrics.Compute(
            Labels(golden, "verb_labels"), Rows(golden, "verb_logits"),
            Labels(golden, "noun_labels"), Rows(golden, "noun_logits"));
        return name =>
        {
            Match match = TopK().Match(name);
            return (match.Groups["who"].Value, match.Groups["ties"].Value) switch
            {
                ("verb_", "") => [metrics.Verb.TopKAccuracy(Number(match))],
                ("noun_", "") => [metrics.Noun.TopKAccuracy(Number(match))],
                ("action_", "both_tasks_in_topk") => [metrics.TopKActionAccuracy(Number(match))],
                ("action_", "joint_product") => [metrics.TopKJointActionAccuracy(Number(match))],
                _ => throw new NotSupportedException($"{golden.Id} expects '{name}', which no metric is known for."),
            };
        };
    }

    private static int Number(Match match) => int.Parse(match.Groups["k"].Value, CultureInfo.InvariantCulture);

    private static int[] Labels(GoldenCase golden, string name) =>
        [.. golden[name].ToInt64s().Select(label => (int)label)];

    private static float[][] Rows(GoldenCase golden, string name) =>
        [.. golden[name].ToSingles().Chunk((int)golden[name].Shape[1])];

    private static double[] Counts(ConfusionTable table) =>
        [.. Enumerable.Range(0, table.ClassNames.Count).SelectMany(actual =>
            Enumerable.Range(0, table.ClassNames.Count).Select(predicted => (double)table[actual, predicted]))];

    [GeneratedRegex("^(?<who>[a-z]+_)?top(?<k>[0-9]+)_?(?<ties>[a-z_]*)$")]
    private static partial Regex TopK();
}
