using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

/// <summary>The parts that the sound event cases have in common.</summary>
internal static class SoundEventCases
{
    public static SoundEvent[] Events(JsonElement list) =>
        [.. list.EnumerateArray().Select(item => new SoundEvent(
            item.GetProperty("filename").GetString()!,
            item.GetProperty("event_label").GetString()!,
            item.GetProperty("onset").GetDouble(),
            item.GetProperty("offset").GetDouble()))];

    public static string[] Strings(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

    /// <summary>The clips and their lengths: a table, or a list of files with one length for all.</summary>
    public static Dictionary<string, double> Durations(GoldenCase golden) =>
        golden.Json.TryGetProperty("metadata", out JsonElement metadata)
            ? metadata.EnumerateArray().ToDictionary(
                item => item.GetProperty("filename").GetString()!, item => item.GetProperty("duration").GetDouble())
            : Strings(golden.Json.GetProperty("files")).ToDictionary(
                file => file, _ => golden.Json.GetProperty("duration").GetDouble());
}
