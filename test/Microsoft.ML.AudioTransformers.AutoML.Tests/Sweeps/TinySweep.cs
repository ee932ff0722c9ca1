using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests;
using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace.Option;

namespace Microsoft.ML.AudioTransformers.AutoML.Tests.Sweeps;

/// <summary>A sweep over patchout and learning rate whose trials take a fraction of a second.</summary>
internal static class TinySweep
{
    public static SweepablePipeline Pipeline(MLContext mlContext, Action<PasstOptions>? change = null)
    {
        PasstOptions options = TinyModel.Options();
        options.Epochs = 3;
        options.Seed = null;
        change?.Invoke(options);
        SweepablePipeline labels = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Auto().Passt(options, Space()));
        return labels.Append(mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
    }

    public static SearchSpace.SearchSpace Space() => new()
    {
        ["PatchoutTime"] = new UniformIntOption(0, 3, defaultValue: 1),
        ["LearningRate"] = new UniformDoubleOption(1e-5, 1e-1, logBase: true, defaultValue: 1e-2),
    };

    public static AudioSweep.Options Options(string folder, int trials = 4) =>
        new() { Folder = folder, Trials = trials, Seed = 3, Pruning = false };

    public static IDataView Training(MLContext mlContext) => TinyModel.Data(mlContext, count: 24);

    public static IDataView Validation(MLContext mlContext) => TinyModel.Data(mlContext, count: 16, seed: 2);

    public static AudioSweepResult Run(MLContext mlContext, AudioSweep.Options options, SweepablePipeline? pipeline = null) =>
        mlContext.CreateAudioSweep(pipeline ?? Pipeline(mlContext), options)
            .Run(Training(mlContext), Validation(mlContext));
}
