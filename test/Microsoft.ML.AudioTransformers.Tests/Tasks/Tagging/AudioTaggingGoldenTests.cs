using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

[TestClass]
public class AudioTaggingGoldenTests
{
    [TestMethod, TestCategory("Golden"), GoldenCases("metrics_multilabel")]
    public void Golden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        int classCount = (int)golden["scores"].Shape[1];
        AudioTaggingMetrics metrics = AudioTaggingMetrics.Compute(
            [.. golden["targets"].ToSingles().Chunk(classCount)], [.. golden["scores"].ToSingles().Chunk(classCount)]);
        foreach (JsonProperty expected in golden.Json.GetProperty("expected").EnumerateObject())
        {
            double[] actual = expected.Name switch
            {
                "ap_per_class" => [.. metrics.AveragePrecisions],
                "auc_per_class" => [.. metrics.AreasUnderRocCurve],
                "mAP_all_classes" or "sklearn_macro_ap" => [metrics.MeanAveragePrecision],
                "mAP_classes_with_positives" => [metrics.MeanAveragePrecisionOfPresentClasses],
                "auc_mean_valid" => [metrics.MeanAreaUnderRocCurve],
                "sklearn_micro_ap" => [metrics.MicroAveragePrecision],
                "dprime_of_mean_auc" => [metrics.DPrime],
                "mean_of_class_dprimes" => [metrics.MeanDPrime],
                "lwlrap" => [metrics.LabelWeightedLabelRankingAveragePrecision],
                string other => throw new NotSupportedException($"{id} expects '{other}', which no metric is known for."),
            };
            GoldenAssert.Close(
                expected.Value.ValueKind == JsonValueKind.Array
                    ? GoldenCase.Numbers(expected.Value)
                    : [GoldenCase.Number(expected.Value)],
                actual,
                Math.Min(golden.Atol, 1e-9),
                golden.Rtol,
                $"{id}: {expected.Name}");
        }
    }
}
