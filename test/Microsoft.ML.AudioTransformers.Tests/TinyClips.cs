using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tests;

/// <summary>Features that a very small model learns in seconds: each class is loud in mel bins of its own.</summary>
internal sealed class TinyClip
{
    public const int Frames = 16;
    public const int Mels = 8;

    public string Name { get; set; } = "";

    public string Label { get; set; } = "";

    [VectorType(Frames, Mels)]
    public float[] Features { get; set; } = [];

    public static TinyClip[] Make(int count, int seed, params string[] classes)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(i => Make($"clip{i}", i % classes.Length, classes, random)).ToArray();
    }

    private static TinyClip Make(string name, int label, string[] classes, Random random)
    {
        var features = new float[Frames * Mels];
        for (int i = 0; i < features.Length; i++)
        {
            bool loud = i % Mels * classes.Length / Mels == label;
            features[i] = (loud ? 1f : 0f) + 0.3f * (float)(random.NextDouble() - 0.5);
        }

        return new TinyClip { Name = name, Label = classes[label], Features = features };
    }
}

/// <summary>What a prediction engine over a tiny model gives.</summary>
internal sealed class TinyPrediction
{
    public string PredictedLabel { get; set; } = "";

    public float[] Score { get; set; } = [];
}

internal static class TinyModel
{
    public static readonly string[] Classes = ["low", "high"];

    public static PasstOptions Options() => new()
    {
        Config =
        {
            PatchSize = 4,
            StrideFrequency = 4,
            StrideTime = 4,
            EmbedDim = 16,
            Depth = 1,
            Heads = 2,
            PatchoutTime = 1,
        },
        LearningRate = 1e-2,
        Epochs = 16,
        BatchSize = 8,
        Seed = 7,
    };

    /// <summary>The network that these options describe, with one head.</summary>
    public static AudioModel Build(AudioTrainerOptions options, FeatureShape shape, int classCount, int seed) =>
        ModelFamilies.Of(options.ModelConfig).Build(options.ModelConfig, shape, [classCount], seed);

    public static IDataView Data(MLContext mlContext, int count = 48, int seed = 1) =>
        mlContext.Data.LoadFromEnumerable(TinyClip.Make(count, seed, Classes));

    /// <summary>Label to key, the trainer, and the predicted key back to text.</summary>
    public static IEstimator<ITransformer> Pipeline(MLContext mlContext, PasstOptions options) =>
        mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.Passt(options))
            .Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));

    /// <summary>The scores of a view, row after row.</summary>
    public static float[][] Scores(IDataView scored)
    {
        DataViewSchema.Column column = scored.Schema["Score"];
        using DataViewRowCursor cursor = scored.GetRowCursor([column]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> score = default;
        List<float[]> scores = [];
        while (cursor.MoveNext())
        {
            getter(ref score);
            scores.Add(score.DenseValues().ToArray());
        }

        return [.. scores];
    }
}
