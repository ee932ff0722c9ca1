using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Trainers;
using Microsoft.ML.AudioTransformers.Training;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

/// <summary>A very small network and batch for tests that take single steps.</summary>
internal static class TinyTraining
{
    public static readonly FeatureShape Shape = new(TinyClip.Frames, TinyClip.Mels);

    /// <summary>A network that drops no patches, so that a step depends on nothing random.</summary>
    public static AudioModel Model(int seed = 5)
    {
        PasstOptions options = TinyModel.Options();
        options.PatchoutTime = 0;
        options.Depth = 3;
        return new PasstArchitecture { Sizes = options.Sizes() }.Build(Shape, TinyModel.Classes.Length, seed);
    }

    public static TrainingSettings Settings { get; } = new()
    {
        Epochs = 1,
        BatchSize = 10,
        LearningRate = 1e-2,
        WeightDecay = 0.1,
        Seed = 3,
        ClassCount = TinyModel.Classes.Length,
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
