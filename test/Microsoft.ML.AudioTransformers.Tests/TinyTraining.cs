using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.AudioTransformers.Training;

namespace Microsoft.ML.AudioTransformers.Tests;

/// <summary>A very small network and batch for tests that take single steps.</summary>
internal static class TinyTraining
{
    public static readonly FeatureShape Shape = new(TinyClip.Frames, TinyClip.Mels);

    /// <summary>A network that drops no patches, so that a step depends on nothing random.</summary>
    public static AudioModel Model(int seed = 5)
    {
        PasstOptions options = TinyModel.Options();
        options.Config.PatchoutTime = 0;
        options.Config.Depth = 3;
        return TinyModel.Build(options, Shape, TinyModel.Classes.Length, seed);
    }

    /// <summary>
    /// One epoch of one batch at a constant learning rate, of a task with the classes of <see cref="TinyModel"/>.
    /// </summary>
    /// <param name="change">What is otherwise.</param>
    public static TrainingSetup Setup(Action<AudioTrainerOptions>? change = null)
    {
        var options = new PasstOptions
        {
            Epochs = 1,
            BatchSize = 10,
            LearningRate = 1e-2,
            LearningRateSchedule = new ConstantSchedule(),
            WeightDecay = 0.1,
        };
        change?.Invoke(options);
        return new TrainingSetup(options, Task(TinyModel.Classes), Seed: 3);
    }

    public static ClassificationTask Task(string[] classes) => new()
    {
        Labels = new LabelKeys("Text", classes),
        ScoreColumnName = "Score",
        PredictedLabelColumnName = "PredictedLabel",
    };

    public static ClipBatch Batch(int count = 10, int seed = 1)
    {
        TinyClip[] clips = TinyClip.Make(count, seed, TinyModel.Classes);
        return new ClipBatch
        {
            Features = [.. clips.SelectMany(clip => clip.Features)],
            Labels = [.. clips.Select(clip => (long)Array.IndexOf(TinyModel.Classes, clip.Label))],
            Shape = Shape,
        };
    }

    /// <summary>All weights, by name.</summary>
    public static Dictionary<string, float[]> Weights(AudioModel model) =>
        ModuleWeights.Of(model).ToDictionary(tensor => tensor.Name, tensor => tensor.ToSingles());
}
