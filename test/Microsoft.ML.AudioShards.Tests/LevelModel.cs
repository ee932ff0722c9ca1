using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.AudioShards.Tests;

/// <summary>A model without LibTorch: of a recording of one level all through, the scores are the level and its complement.</summary>
internal static class LevelModel
{
    public const int Rate = 8000;

    /// <summary>Writes recordings with levels of 1/64, 2/64 and so on, and one that is damaged.</summary>
    /// <returns>The names of those that can be read, in order, with their levels.</returns>
    public static SortedDictionary<string, float> Write(string folder, int count, int samples = 100)
    {
        var levels = new SortedDictionary<string, float>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            string name = FormattableString.Invariant($"{(i % 3 == 0 ? "kuş" : i % 3 == 1 ? "a b/c" : "z")}/{i}.wav");
            string path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            levels.Add(name, (i % 63 + 1) / 64f);
            AudioFile.Write(path, [.. Enumerable.Repeat(levels[name], samples)], Rate, format: AudioFileFormat.WavFloat32);
        }

        File.WriteAllText(Path.Combine(folder, "broken.wav"), "RIFF no more");
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "no recording");
        return levels;
    }

    /// <summary>The model; it calls an action for each recording that it has scored.</summary>
    public static ITransformer Create(MLContext mlContext, Action<float>? scored = null)
    {
        IDataView none = mlContext.Data.LoadFromEnumerable<Recording>([]);
        CustomMappingEstimator<Waveform, Scores> scores = mlContext.Transforms.CustomMapping<Waveform, Scores>(
            (input, output) =>
            {
                float level = input.Samples[50];
                (output.Score, output.OtherScore) = ([level, 1 - level], [1 - level, level]);
                output.Embedding = [level, 2 * level, 3 * level];
                scored?.Invoke(level);
            }, contractName: null);
        return mlContext.Transforms.LoadAudio("Samples", "Path", Rate).Append(scores).Fit(none);
    }

    private sealed class Recording
    {
        public string Path { get; set; } = "";
    }

    private sealed class Waveform
    {
        public float[] Samples { get; set; } = [];
    }

    private sealed class Scores
    {
        [VectorType(2)]
        public float[] Score { get; set; } = [];

        [VectorType(2)]
        public float[] OtherScore { get; set; } = [];

        [VectorType(3)]
        public float[] Embedding { get; set; } = [];
    }
}
