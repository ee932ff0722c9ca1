using System.Security.Cryptography;
using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioShards;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace AudioML.Tool.Tests;

/// <summary>
/// A detector and a tagger of sound events over the shards of a folder, by the library and by the program. Their column of labels
/// is not called Label.
/// </summary>
[TestClass]
public sealed class SceneShardTests
{
    private const int Rate = 16_000;

    [TestMethod]
    public void EventsOfOneShardAndOfThreeAreThoseOfATransform()
    {
        torch.set_num_threads(1);
        using var folder = new TemporaryFolder();
        Scene[] scenes = [.. Enumerable.Range(0, 16).Select(i => Scene.Write(folder.File("recordings"), i))];
        var mlContext = new MLContext(seed: 1);
        IDataView rows = mlContext.Data.LoadFromEnumerable(scenes);
        ITransformer model = mlContext.Transforms.Conversion.MapValueToKey("Sounds")
            .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", Rate))
            .Append(mlContext.SoundEventDetection().Trainer(new SoundEventDetectionTrainer.Options
            {
                Supervision = EventSupervision.Strong, Model = Options(),
            }))
            .Fit(rows);
        mlContext.Model.SaveAudioModel(model, rows.Schema, folder.File("detector.zip"));

        foreach (AudioShard shard in (AudioShard[])[AudioShard.Whole, new(0, 3), new(1, 3)])
        {
            mlContext.ScoreShard(
                model, rows.Schema, folder.File("recordings"), folder.File(shard.Count == 1 ? "one" : "three"),
                new AudioShardOptions
                {
                    Shard = shard, Kind = AudioShardKind.Events, Workers = 2,
                    ModelName = HashOf(folder.File("detector.zip")),
                });
        }

        ToolRun run = ToolProcess.Run(
            folder.Path, "events", "recordings", "-m", "detector.zip", "-o", "three", "--shard", "2/3", "--json");
        Assert.AreEqual(0, run.ExitCode, run.ToString());
        Assert.AreEqual(0, JsonDocument.Parse(run.Output).RootElement.GetProperty("unscored").GetInt32(), run.ToString());

        IReadOnlyList<SoundEvent> whole = mlContext.SoundEventDetection().ReadEvents(model.Transform(rows), new()
        {
            Clip = "Path", Label = "EventLabels", Onset = "EventOnsets", Offset = "EventOffsets", Score = "EventScores",
        });
        SoundEvent[] expected =
        [
            .. whole.Select(found => found with { Clip = Path.GetFileName(found.Clip) })
                .OrderBy(found => found.Clip, StringComparer.Ordinal),
        ];
        Assert.IsGreaterThan(8, expected.Length);
        Assert.HasCount(2, expected.Select(found => found.Label).Distinct());
        CollectionAssert.AreEqual(expected, Events(mlContext, folder.File("one")));
        CollectionAssert.AreEqual(expected, Events(mlContext, folder.File("three")));
    }

    [TestMethod]
    public void TagsOfAShardAreThoseOfATransform()
    {
        torch.set_num_threads(1);
        using var folder = new TemporaryFolder();
        Scene[] scenes = [.. Enumerable.Range(0, 16).Select(i => Scene.Write(folder.File("recordings"), i))];
        var mlContext = new MLContext(seed: 1);
        IDataView rows = mlContext.Data.LoadFromEnumerable(scenes);
        HtsAtOptions options = Options();
        options.Epochs = 1;
        ITransformer model = mlContext.Transforms.Conversion.MapValueToKey("Sounds")
            .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", Rate))
            .Append(mlContext.AudioTagging().Trainer(options))
            .Fit(rows);
        mlContext.Model.SaveAudioModel(model, rows.Schema, folder.File("tagger.zip"));
        float[][] expected = [.. model.Transform(rows).GetColumn<float[]>("Score")];

        ToolRun[] runs = [.. ((Func<ToolRun>[])
        [
            () => ToolProcess.Run(folder.Path, "score", "recordings", "-m", "tagger.zip", "-o", "scores", "--shard", "0/1"),
            () => ToolProcess.Run(
                folder.Path, "tag", "-m", "tagger.zip", Path.Combine("recordings", "05.wav"), "-k", "2", "--json"),
        ]).AsParallel().AsOrdered().Select(run => run())];

        Assert.IsTrue(runs.All(run => run.ExitCode == 0), string.Join<ToolRun>('\n', runs));
        IDataView scores = mlContext.Data.LoadScores(folder.File("scores"));
        CollectionAssert.AreEqual(
            scenes.Select(scene => Path.GetFileName(scene.Path)).ToArray(), scores.GetColumn<string>("Path").ToArray());
        foreach ((float[] one, float[] other) in expected.Zip(scores.GetColumn<float[]>("Score")))
        {
            Assert.AreEqual(one[0], other[0], 1e-5f);
            Assert.AreEqual(one[1], other[1], 1e-5f);
        }

        JsonElement[] tags = [.. JsonDocument.Parse(runs[1].Output).RootElement.GetProperty("tags").EnumerateArray()];
        CollectionAssert.AreEqual(
            expected[5].OrderDescending().Select(score => MathF.Round(score, 4)).ToArray(),
            tags.Select(tag => MathF.Round(tag.GetProperty("score").GetSingle(), 4)).ToArray());
    }

    private static string HashOf(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));

    private static SoundEvent[] Events(MLContext mlContext, string folder) =>
    [
        .. mlContext.Data.CreateEnumerable<EventRow>(mlContext.Data.LoadScores(folder), reuseRowObject: false)
            .Select(row => new SoundEvent(row.Path, row.Label, row.Onset, row.Offset, row.Score)),
    ];

    private static HtsAtOptions Options()
    {
        // An image of 32 by 32 has the 64 frames of a clip in two columns of 16 mels.
        LogMelOptions frontEnd = LogMelOptions.CreateHtsAt(Rate);
        (frontEnd.MelBins, frontEnd.TargetSamples) = (16, 63 * frontEnd.HopLength);
        return new HtsAtOptions
        {
            FrontEnd = frontEnd,
            LabelColumnName = "Sounds",
            FeatureColumnName = "Waveform",
            Config =
            {
                ImageSize = 32, PatchSize = 2, StrideFrequency = 2, StrideTime = 2,
                EmbedDim = 16, Depths = [1, 1], Heads = [2, 2], WindowSize = 4,
            },
            LearningRate = 5e-3, LearningRateSchedule = new ConstantSchedule(), Epochs = 6, BatchSize = 8, Seed = 7,
        };
    }

    /// <summary>A recording of 0.6 s with a tone in its first or second half, or in both.</summary>
    private sealed class Scene
    {
        public string Path { get; set; } = "";

        public string[] Sounds { get; set; } = [];

        public float[] Onsets { get; set; } = [];

        public float[] Offsets { get; set; } = [];

        public static Scene Write(string folder, int number)
        {
            var random = new Random(number);
            (int Half, bool IsHigh)[] tones =
            [
                .. Enumerable.Range(0, 2).Where(half => number % 4 != half + 1)
                    .Select(half => (half, ((number / 4) + half) % 2 == 0)),
            ];
            float[] samples = [.. Enumerable.Range(0, 6 * Rate / 10).Select(_ => 0.02f * (random.NextSingle() - 0.5f))];
            foreach ((int half, bool isHigh) in tones)
            {
                double step = Math.Tau * (isHigh ? 1500 : 300) * (0.95 + (0.1 * random.NextDouble())) / Rate;
                for (int i = 0; i < 3 * Rate / 10; i++)
                {
                    samples[(half * 3 * Rate / 10) + i] += (float)(0.4 * Math.Sin(step * i));
                }
            }

            Directory.CreateDirectory(folder);
            string path = System.IO.Path.Combine(folder, FormattableString.Invariant($"{number:D2}.wav"));
            AudioFile.Write(path, samples, Rate, format: AudioFileFormat.WavPcm16);
            return new Scene
            {
                Path = path,
                Sounds = [.. tones.Select(tone => tone.IsHigh ? "high" : "low")],
                Onsets = [.. tones.Select(tone => tone.Half * 0.3f)],
                Offsets = [.. tones.Select(tone => (tone.Half + 1) * 0.3f)],
            };
        }
    }

    private sealed class EventRow
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";

        public float Onset { get; set; }

        public float Offset { get; set; }

        public float Score { get; set; }
    }
}
