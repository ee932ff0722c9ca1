using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

[TestClass]
public partial class PsdsGoldenTests
{
    [TestMethod, TestCategory("Golden"), GoldenCases("metrics_psds")]
    public void Golden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        SoundEvent[] reference = SoundEventCases.Events(golden.Json.GetProperty("ground_truth"));
        string[] labels = SoundEventCases.Strings(golden.Json.GetProperty("labels"));
        Dictionary<string, double> durations = SoundEventCases.Durations(golden);
        if (golden.Json.TryGetProperty("operating_points", out JsonElement points))
        {
            SoundEvent[][] operatingPoints = [.. points.EnumerateArray().Select(SoundEventCases.Events)];
            Score(golden, reference, operatingPoints, labels, durations);
            return;
        }

        SoundEvent[] estimated = SoundEventCases.Events(golden.Json.GetProperty("estimated"));
        foreach (JsonProperty expected in golden.Json.GetProperty("expected").EnumerateObject())
        {
            IntersectionMetrics.Options options = new();
            foreach (Match match in Criterion().Matches(expected.Name))
            {
                double value = double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture);
                switch (match.Groups["name"].Value)
                {
                    case "dtc":
                        options.DetectionTolerance = value;
                        break;
                    case "gtc":
                        options.GroundTruthIntersection = value;
                        break;
                    case "beta":
                        options.Beta = value;
                        break;
                }
            }

            FScores(golden, expected.Value, IntersectionMetrics.Compute(reference, estimated, durations, options, labels), expected.Name);
        }
    }

    private static void Score(
        GoldenCase golden, SoundEvent[] reference, SoundEvent[][] operatingPoints, string[] labels, Dictionary<string, double> durations)
    {
        PolyphonicSoundDetectionScore.Options options = ScoreOptions(golden.Json.GetProperty("params"));
        PolyphonicSoundDetectionScore score = PolyphonicSoundDetectionScore.Compute(reference, operatingPoints, durations, options, labels);
        JsonElement expected = golden.Json.GetProperty("expected");
        Close("value", expected.GetProperty("value"), score.Value);
        Close("roc_xp", expected.GetProperty("roc_xp"), [.. score.Curve.FalsePositiveRates]);
        Close("roc_yp", expected.GetProperty("roc_yp"), [.. score.Curve.TruePositiveRatios]);

        JsonElement points = expected.GetProperty("operating_points");
        Assert.AreEqual(points.GetArrayLength(), score.OperatingPoints.Count, golden.Id);
        IntersectionMetrics.Options intersection = new()
        {
            DetectionTolerance = options.DetectionTolerance,
            GroundTruthIntersection = options.GroundTruthIntersection,
        };
        for (int i = 0; i < score.OperatingPoints.Count; i++)
        {
            DetectionOperatingPoint point = score.OperatingPoints[i];
            Close($"tpr {i}", points[i].GetProperty("tpr"), [.. point.TruePositiveRatios]);
            Close($"fpr {i}", points[i].GetProperty("fpr"), [.. point.FalsePositiveRates]);
            for (int found = 0; found < labels.Length; found++)
            {
                Close(
                    $"ctr {i}, {labels[found]}",
                    points[i].GetProperty("ctr")[found],
                    [.. labels.Select((_, annotated) => point.CrossTriggerRate(found, annotated))]);
                Close(
                    $"counts {i}, {labels[found]}",
                    points[i].GetProperty("counts")[found],
                    [
                        .. labels.Select((_, annotated) => (double)(annotated == found
                            ? point.TruePositiveCounts[found]
                            : point.CrossTriggerCount(found, annotated))),
                        point.FalsePositiveCounts[found],
                    ]);
            }

            if (expected.TryGetProperty("macro_f", out JsonElement scores))
            {
                FScores(
                    golden,
                    scores[i],
                    IntersectionMetrics.Compute(reference, operatingPoints[i], durations, intersection, labels),
                    $"macro_f {i}");
            }
        }

        void Close(string what, JsonElement wanted, params double[] actual) => GoldenAssert.Close(
            wanted.ValueKind == JsonValueKind.Array ? GoldenCase.Numbers(wanted) : [GoldenCase.Number(wanted)],
            actual,
            golden.Atol,
            golden.Rtol,
            $"{golden.Id}: {what}");
    }

    private static void FScores(GoldenCase golden, JsonElement expected, IntersectionMetrics metrics, string what)
    {
        GoldenAssert.Close(
            GoldenCase.Number(expected.GetProperty("macro_f")), metrics.MacroF1, golden.Atol, golden.Rtol, $"{golden.Id}: {what}, mean");
        GoldenAssert.Close(
            [.. metrics.ClassNames.Select(label => GoldenCase.Number(expected.GetProperty("class_f").GetProperty(label)))],
            [.. metrics.F1],
            golden.Atol,
            golden.Rtol,
            $"{golden.Id}: {what}, classes");
    }

    private static PolyphonicSoundDetectionScore.Options ScoreOptions(JsonElement parameters)
    {
        PolyphonicSoundDetectionScore.Options options = new();
        foreach (JsonProperty parameter in parameters.EnumerateObject())
        {
            switch (parameter.Name)
            {
                case "dtc":
                    options.DetectionTolerance = parameter.Value.GetDouble();
                    break;
                case "gtc":
                    options.GroundTruthIntersection = parameter.Value.GetDouble();
                    break;
                case "cttc":
                    options.CrossTriggerTolerance = parameter.Value.GetDouble();
                    break;
                case "alpha_ct":
                    options.AlphaCrossTrigger = parameter.Value.GetDouble();
                    break;
                case "alpha_st":
                    options.AlphaStability = parameter.Value.GetDouble();
                    break;
                case "max_efpr":
                    options.MaximumEffectiveFalsePositiveRate =
                        parameter.Value.ValueKind == JsonValueKind.Null ? null : parameter.Value.GetDouble();
                    break;
                case "duration_unit":
                    options.Unit = Enum.Parse<RateUnit>(parameter.Value.GetString()!, ignoreCase: true);
                    break;
                case "en_interp":
                    options.Interpolate = parameter.Value.GetBoolean();
                    break;
                default:
                    throw new NotSupportedException($"No option is known for '{parameter.Name}'.");
            }
        }

        return options;
    }

    [GeneratedRegex("(?<![a-z])(?<name>dtc|gtc|cttc|beta)(?<value>[0-9]*\\.?[0-9]+)")]
    private static partial Regex Criterion();
}
