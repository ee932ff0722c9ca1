using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.SavedModels;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>A clip of half a second: dull noise or bright noise, loud in the first half or in the second.</summary>
internal sealed class ContractClip
{
    public const int SampleRate = 16_000;
    private const int Samples = SampleRate / 2;

    public static readonly string[] Classes = ["dull", "bright"];

    public string Label { get; set; } = "";

    public string[] Labels { get; set; } = [];

    public string Half { get; set; } = "";

    public float[] Onsets { get; set; } = [];

    public float[] Offsets { get; set; } = [];

    /// <summary>The waveform.</summary>
    public float[] Features { get; set; } = [];

    public static ContractClip[] Make(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(clip => Make(clip % 2, clip / 2 % 2, random))];
    }

    private static ContractClip Make(int label, int half, Random random)
    {
        var waveform = new float[Samples];
        double last = 0;
        for (int i = 0; i < waveform.Length; i++)
        {
            // A sum of steps is dull, their difference bright.
            double noise = random.NextDouble() - 0.5;
            double sound = label == 0 ? (0.9 * last) + noise : noise - last;
            last = label == 0 ? sound : noise;
            waveform[i] = (float)((i * 2 / Samples == half ? 0.3 : 0.003) * sound);
        }

        return new ContractClip
        {
            Label = Classes[label],
            Labels = [Classes[label]],
            Half = half == 0 ? "first" : "second",
            Onsets = [half * 0.25f],
            Offsets = [(half * 0.25f) + 0.25f],
            Features = waveform,
        };
    }
}

/// <summary>Trainings of a few steps, of any model and task, on <see cref="ContractClip"/>s.</summary>
internal static class ContractTraining
{
    public const int ClipCount = 8;
    public const int Seed = 7;

    /// <summary>The family's small options, with two epochs of two steps.</summary>
    public static AudioTrainerOptions Options(ModelFamily family, Action<AudioTrainerOptions>? change = null)
    {
        AudioTrainerOptions options = family.CreateSmall(ContractClip.SampleRate);
        (options.Epochs, options.BatchSize, options.Seed) = (2, ClipCount / 2, Seed);
        change?.Invoke(options);
        return options;
    }

    /// <summary>Rows of clips with keys for labels.</summary>
    public static IDataView View(MLContext mlContext, ContractClip[] clips, SchemaDefinition? definition = null)
    {
        IDataView view = mlContext.Data.LoadFromEnumerable(clips, definition);
        var keys = mlContext.Transforms.Conversion.MapValueToKey(
        [
            new InputOutputColumnPair(nameof(ContractClip.Label)),
            new InputOutputColumnPair(nameof(ContractClip.Labels)),
            new InputOutputColumnPair(nameof(ContractClip.Half)),
        ]);
        return keys.Fit(mlContext.Data.LoadFromEnumerable(ContractClip.Make(4))).Transform(view);
    }

    public static AudioClassificationTransformer Train(
        ModelFamily family, Action<AudioTrainerOptions>? change = null, ContractClip[]? clips = null)
    {
        var mlContext = new MLContext();
        return mlContext.AudioClassification().Trainer(Options(family, change))
            .Fit(View(mlContext, clips ?? ContractClip.Make(ClipCount)));
    }

    /// <summary>A hash of all weights of a model that <see cref="Train"/> trains.</summary>
    public static string TrainedWeights(ModelFamily family, Action<AudioTrainerOptions>? change = null)
    {
        using AudioClassificationTransformer model = Train(family, change);
        using var stream = new MemoryStream();
        ModuleWeights.Write(model.Model.Network, stream);
        return Convert.ToHexString(SHA256.HashData(stream.ToArray()));
    }

    /// <summary>Options of the trainer of a task, and what makes that trainer of them.</summary>
    public static (IOptionGroup Options, Func<MLContext, IEstimator<ITransformer>> Create) OfTask(string task, ModelFamily family)
    {
        AudioTrainerOptions model = Options(family, options => options.Epochs = 1);
        switch (task)
        {
            case "classification":
                return (model, mlContext => mlContext.AudioClassification().Trainer(model));
            case "tagging":
                model.LabelColumnName = nameof(ContractClip.Labels);
                return (model, mlContext => mlContext.AudioTagging().Trainer(model));
            case "actions":
                var actions = new ActionRecognitionTrainer.Options
                {
                    Model = model,
                    VerbColumnName = nameof(ContractClip.Label),
                    NounColumnName = nameof(ContractClip.Half),
                };
                return (actions, mlContext => mlContext.ActionRecognition().Trainer(actions));
            case "events":
                model.LabelColumnName = nameof(ContractClip.Labels);
                var events = new SoundEventDetectionTrainer.Options { Model = model };
                return (events, mlContext => mlContext.SoundEventDetection().Trainer(events));
            default:
                throw new ArgumentOutOfRangeException(nameof(task), task, null);
        }
    }

    /// <summary>Everything that a model adds to some clips, numbers so that they come back to the bit.</summary>
    public static string Scores(ITransformer model, IDataView clips) =>
        ViewRecord.Of(clips.Schema, clips, model.Transform(clips)).ToJsonString();

    /// <summary>What is saved of a model: description, task and weights.</summary>
    public static string Saved(MLContext mlContext, ITransformer model, IDataView clips)
    {
        using var file = new MemoryStream();
        mlContext.Model.Save(model, clips.Schema, file);
        using var zip = new ZipArchive(file);
        using Stream stream = zip.Entries.Single(entry => entry.Name == "Model.bin").Open();
        return Convert.ToHexString(SHA256.HashData(stream));
    }
}
