using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Tasks;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

[TestClass]
public partial class EventDecodingGoldenTests
{
    [TestMethod, TestCategory("Golden"), GoldenCases("desed_decode")]
    public void Golden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        if (golden.Tensors.ContainsKey("heatmap_rows"))
        {
            Desed(golden);
        }
        else
        {
            MedianFilters(golden);
        }
    }

    private static void Desed(GoldenCase golden)
    {
        JsonElement parameters = golden.Json.GetProperty("params");
        EventDecodingOptions options = new()
        {
            Thresholds = GoldenCase.Numbers(parameters.GetProperty("thresholds")),
            Mapping = new ClassMapping(
                [.. parameters.GetProperty("classes").EnumerateArray().Select(name => name.GetString()!)],
                [.. parameters.GetProperty("mapping").EnumerateArray().Select(
                    list => list.EnumerateArray().Select(source => source.GetInt32()).ToArray())]),
        };
        int modelClassCount = (int)golden["heatmap_rows"].Shape[1];
        string[] modelClassNames = [.. Enumerable.Range(0, modelClassCount).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        int frameCount = Math.Min(golden.Json.GetProperty("T").GetInt32(), parameters.GetProperty("real_len_frames").GetInt32());
        int repeat = golden.Json.GetProperty("repeat").GetInt32();
        float[] presence = [.. golden["heatmap_rows"].ToSingles().Chunk(modelClassCount)
            .SelectMany(row => Enumerable.Repeat(row, repeat)).Take(frameCount).SelectMany(row => row)];

        float[] mapped = new float[options.Mapping.ClassNames.Count];
        List<double> heard = [];
        for (int frame = 0; frame < frameCount; frame++)
        {
            options.Mapping.Map(presence.AsSpan(frame * modelClassCount, modelClassCount), mapped);
            heard.AddRange(mapped.Select((value, label) => value > options.Thresholds[label] ? 1.0 : 0.0));
        }

        GoldenAssert.Close(golden["binary_map"], heard.ToArray(), 0, 0, "what is heard");

        double secondsPerFrame = parameters.GetProperty("step_seconds").GetDouble();
        List<SoundEvent> events = EventDecoder.Decode("clip", presence, modelClassNames, secondsPerFrame, options);
        JsonElement[] expected = [.. golden.Json.GetProperty("expected").GetProperty("events").EnumerateArray()];
        CollectionAssert.AreEqual(expected.Select(item => item[2].GetString()).ToArray(), events.Select(item => item.Label).ToArray());
        GoldenAssert.Close(
            [.. expected.Select(item => item[0].GetDouble())], [.. events.Select(item => item.Onset)], golden.Atol, golden.Rtol, $"{golden.Id}: onsets");
        GoldenAssert.Close(
            [.. expected.Select(item => item[1].GetDouble())], [.. events.Select(item => item.Offset)], golden.Atol, golden.Rtol, $"{golden.Id}: offsets");
    }

    private static void MedianFilters(GoldenCase golden)
    {
        int compared = 0;
        foreach (GoldenTensor expected in golden.Tensors.Values)
        {
            if (Filter().Match(expected.Name) is { Success: true } match)
            {
                GoldenTensor input = golden[match.Groups["binary"].Success ? "binary" : "x"];
                float[] actual = MedianFilter.Apply(
                    input.ToSingles(),
                    (int)input.Shape[1],
                    int.Parse(match.Groups["frames"].Value, CultureInfo.InvariantCulture),
                    match.Groups["library"].Value == "medfilt" ? MedianFilterBoundary.Zero : MedianFilterBoundary.Reflect);
                GoldenAssert.Close(expected, actual, golden.Atol, golden.Rtol, "median filter");
                compared++;
            }
        }

        Assert.AreEqual(golden.Tensors.Count - 2, compared, $"{golden.Id} has tensors that no filter is known for.");
    }

    [GeneratedRegex("^(?<binary>binary_)?(scipy_)?(?<library>medfilt|ndimage)(_median_reflect)?_(?<frames>[0-9]+)$")]
    private static partial Regex Filter();
}
