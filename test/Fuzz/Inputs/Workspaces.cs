using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.AudioTransformers.Training;
using static TorchSharp.torch;

namespace AudioMLNet.Fuzz.Inputs;

/// <summary>Workspaces of a training, whose last checkpoint the bytes are.</summary>
internal static class Workspaces
{
    private static readonly Lazy<(AudioModel Model, TrainingStep Step)> s_training = new(Begin);
    private static readonly RunFingerprint s_fingerprint = new RunFingerprint().With("Seed", 3);

    /// <summary>A whole checkpoint.</summary>
    public static byte[] Whole
    {
        get
        {
            using var workspace = new TrainingWorkspace(Guard.Folder("workspace"));
            (AudioModel model, TrainingStep step) = s_training.Value;
            var metrics = new AudioTrainingMetrics { Epoch = 1 };
            workspace.Save(model, step, new TrainingState { Epoch = 1, Step = 4, History = [metrics] }, s_fingerprint);
            return File.ReadAllBytes(workspace.LastPath);
        }
    }

    /// <summary>Resumes a training.</summary>
    public static void Resume(byte[] bytes)
    {
        (AudioModel model, TrainingStep step) = s_training.Value;
        using var workspace = new TrainingWorkspace(Guard.Folder("workspace"));
        File.WriteAllBytes(workspace.LastPath, Sums.OfSealed(bytes));
        Guard.Read(bytes.Length, 4, () =>
        {
            _ = workspace.SavedSeed();
            workspace.Resume(model, step, s_fingerprint)?.Check(epochs: 4, stepsPerEpoch: 4, workspace.LastPath);
        });
    }

    private static (AudioModel Model, TrainingStep Step) Begin()
    {
        var options = new PasstOptions
        {
            Config = { PatchSize = 4, StrideFrequency = 4, StrideTime = 4, EmbedDim = 2, Depth = 1, Heads = 1, Distilled = false },
            Epochs = 4,
        };
        string[] classes = ["low", "high"];
        AudioModel model = ModelFamilies.Of(options.ModelConfig)
            .Build(options.ModelConfig, new FeatureShape(8, 8), [classes.Length], seed: 1);
        var task = new ClassificationTask
        {
            Labels = new LabelKeys("Text", classes), ScoreColumnName = "Score", PredictedLabelColumnName = "PredictedLabel",
        };
        return (model, new TrainingStep(model, new TrainingSetup(options, task, Seed: 3), CPU));
    }
}
