using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

[TestClass]
public class SoundEventGoldenTests
{
    [TestMethod, TestCategory("Golden"), GoldenCases("metrics_sed")]
    public void Golden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        SoundEvent[] reference = SoundEventCases.Events(golden.Json.GetProperty("reference"));
        SoundEvent[] estimated = SoundEventCases.Events(golden.Json.GetProperty("estimated"));
        string[] labels = SoundEventCases.Strings(golden.Json.GetProperty("labels"));
        Dictionary<string, double> durations = SoundEventCases.Durations(golden);
        foreach (JsonProperty expected in golden.Json.GetProperty("expected").EnumerateObject())
        {
            JsonElement parameters = expected.Value.GetProperty("params");
            SoundEventMetrics metrics = expected.Name.Split(':')[0] switch
            {
                "event" => EventBasedMetrics.Compute(reference, estimated, EventOptions(parameters), labels, durations),
                "segment" => SegmentBasedMetrics.Compute(reference, estimated, SegmentOptions(parameters), labels, durations),
                string other => throw new NotSupportedException($"{id} expects '{other}' metrics, which are not known."),
            };
            string what = $"{id}: {expected.Name}";
            Compare(golden, expected.Value.GetProperty("overall"), metrics.Overall, $"{what}, overall");
            Compare(golden, expected.Value.GetProperty("class_wise_average"), metrics.ClassAverage, $"{what}, average");
            JsonElement classes = expected.Value.GetProperty("class_wise");
            Assert.AreEqual(labels.Length, classes.EnumerateObject().Count(), what);
            for (int label = 0; label < labels.Length; label++)
            {
                Compare(golden, classes.GetProperty(labels[label]), metrics.ByClass[label], $"{what}, {labels[label]}");
            }
        }
    }

    private static EventBasedMetrics.Options EventOptions(JsonElement parameters)
    {
        EventBasedMetrics.Options options = new();
        foreach (JsonProperty parameter in parameters.EnumerateObject())
        {
            switch (parameter.Name)
            {
                case "t_collar":
                    options.Collar = parameter.Value.GetDouble();
                    break;
                case "percentage_of_length":
                    options.PercentageOfLength = parameter.Value.GetDouble();
                    break;
                case "evaluate_onset":
                    options.EvaluateOnset = parameter.Value.GetBoolean();
                    break;
                case "evaluate_offset":
                    options.EvaluateOffset = parameter.Value.GetBoolean();
                    break;
                case "event_matching_type":
                    options.Matching = parameter.Value.GetString() == "greedy" ? EventMatching.Greedy : EventMatching.Optimal;
                    break;
                case "empty_system_output_handling":
                    options.EmptyOutput = Handling(parameter.Value);
                    break;
                default:
                    throw new NotSupportedException($"No option is known for '{parameter.Name}'.");
            }
        }

        return options;
    }

    private static SegmentBasedMetrics.Options SegmentOptions(JsonElement parameters)
    {
        SegmentBasedMetrics.Options options = new();
        foreach (JsonProperty parameter in parameters.EnumerateObject())
        {
            switch (parameter.Name)
            {
                case "time_resolution":
                    options.TimeResolution = parameter.Value.GetDouble();
                    break;
                case "empty_system_output_handling":
                    options.EmptyOutput = Handling(parameter.Value);
                    break;
                default:
                    throw new NotSupportedException($"No option is known for '{parameter.Name}'.");
            }
        }

        return options;
    }

    private static EmptyOutputHandling Handling(JsonElement value) => value.ValueKind == JsonValueKind.Null
        ? EmptyOutputHandling.Undefined
        : value.GetString() switch
        {
            "zero_score" => EmptyOutputHandling.ZeroScore,
            string other => throw new NotSupportedException($"No handling of empty output is known as '{other}'."),
            null => EmptyOutputHandling.Undefined,
        };

    private static void Compare(GoldenCase golden, JsonElement expected, SoundEventScores actual, string what)
    {
        foreach (JsonProperty group in expected.EnumerateObject())
        {
            foreach (JsonProperty value in group.Value.EnumerateObject())
            {
                double score = value.Name switch
                {
                    "f_measure" => actual.F1,
                    "precision" => actual.Precision,
                    "recall" => actual.Recall,
                    "error_rate" => actual.ErrorRate,
                    "substitution_rate" => actual.SubstitutionRate,
                    "deletion_rate" => actual.DeletionRate,
                    "insertion_rate" => actual.InsertionRate,
                    "accuracy" => actual.Accuracy,
                    "balanced_accuracy" => actual.BalancedAccuracy,
                    "sensitivity" => actual.Sensitivity,
                    "specificity" => actual.Specificity,
                    "Nref" => actual.ReferenceCount,
                    "Nsys" => actual.EstimatedCount,
                    string other => throw new NotSupportedException($"{what} expects '{other}', which no score is known for."),
                };
                GoldenAssert.Close(
                    GoldenCase.Number(value.Value), score, golden.Atol, golden.Rtol, $"{what}, {group.Name}.{value.Name}");
            }
        }
    }
}
