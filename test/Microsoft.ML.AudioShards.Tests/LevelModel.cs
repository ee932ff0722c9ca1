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

    /// <summary>The model behind steps that read labels of four types, none of which is called Label.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="inputSchema">Schema of the rows that it was trained with.</param>
    public static ITransformer CreateLabelled(MLContext mlContext, out DataViewSchema inputSchema)
    {
        IDataView rows = mlContext.Data.LoadFromEnumerable<LabelledRecording>(
        [
            new() { Species = "robin", Calls = ["song", "alarm"], Kind = 1, Loudness = 3 },
            new() { Species = "kuş", Calls = ["song"], Kind = 2, Loudness = 5 },
        ]);
        inputSchema = rows.Schema;
        ITransformer labels = mlContext.Transforms.Conversion.MapValueToKey("Species")
            .Append(mlContext.Transforms.Conversion.MapValueToKey("Tags", "Calls"))
            .Append(mlContext.Transforms.Conversion.MapKeyToVector("Kind"))
            .Append(mlContext.Transforms.NormalizeMinMax("Loudness"))
            .Fit(rows);
        return new TransformerChain<ITransformer>(labels, Create(mlContext));
    }

    /// <summary>A model whose scores are the level times a number of the row, Loudness.</summary>
    /// <inheritdoc cref="CreateLabelled"/>
    public static ITransformer CreateOfLoudness(MLContext mlContext, out DataViewSchema inputSchema)
    {
        IDataView none = mlContext.Data.LoadFromEnumerable<LabelledRecording>([]);
        inputSchema = none.Schema;
        return mlContext.Transforms.LoadAudio("Samples", "Path", Rate)
            .Append(mlContext.Transforms.CustomMapping<LoudWaveform, Scores>(
                (input, output) => output.Score = [input.Samples[50] * input.Loudness, 0], contractName: null))
            .Fit(none);
    }

    private class Recording
    {
        public string Path { get; set; } = "";
    }

    private sealed class LabelledRecording : Recording
    {
        public string Species { get; set; } = "";

        public string[] Calls { get; set; } = [];

        [KeyType(2)]
        public uint Kind { get; set; }

        public float Loudness { get; set; }
    }

    private sealed class LoudWaveform
    {
        public float[] Samples { get; set; } = [];

        public float Loudness { get; set; }
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
