using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Tests.WrongInput;

/// <summary>Options outside their ranges, or that do not fit each other or the clips.</summary>
internal static class WrongOptions
{
    public static IEnumerable<WrongCall> Calls() =>
    [
        .. Right.Models.SelectMany(model => OfEveryTrainer(model.Key)),
        .. Passt(),
        .. Ast(),
        .. HtsAt(),
        .. Datar(),
        new WrongCall(
            "GPU index without CUDA",
            () =>
            {
                var mlContext = new MLContext(seed: 1) { GpuDeviceId = 77, FallbackToCpu = false };
                var options = (PasstOptions)Right.Models["PaSST"]();
                mlContext.MulticlassClassification.Trainers.Passt(options).Fit(Right.Keyed(Right.Clips())).Dispose();
            },
            "GpuDeviceId is 77", "CUDA devices", "FallbackToCpu is off"),
    ];

    private static IEnumerable<WrongCall> OfEveryTrainer(string model)
    {
        yield return Wrong("no epochs", options => options.Epochs = 0, "Epochs is 0", "1 or more");
        yield return Wrong("a negative batch", options => options.BatchSize = -3, "BatchSize is -3", "1 or more");
        yield return Wrong(
            "a learning rate of infinity", options => options.LearningRate = double.PositiveInfinity,
            "LearningRate is", "above 0");
        yield return Wrong(
            "a norm beyond float32", options => options.Optimization.GradientClipNorm = 1e300,
            "Optimization.GradientClipNorm is 1E+300", "finite in float32");
        yield return Wrong(
            "a batch to score that no memory holds", options => options.ScoringBatchSize = int.MaxValue,
            "ScoringBatchSize is 2147483647", "at most");
        yield return Wrong(
            "weights for other classes", options => options.Optimization.ClassWeights = [1, 1, 1],
            "ClassWeights is of 3 numbers", "each of the 2 classes");
        yield return Wrong(
            "noise louder than any number", options => options.Augmentation.MinimumSignalToNoise = -1000,
            "Augmentation.MinimumSignalToNoise is -1000", "-100 to 100");
        yield return Wrong(
            "no options for optimization", options => options.Optimization = null!, "Optimization is null");
        yield return Wrong(
            "no options for augmentation", options => options.Augmentation = null!, "Augmentation is null");
        yield return Wrong("no options for sampling", options => options.Sampling = null!, "Sampling is null");

        WrongCall Wrong(string what, Action<AudioTrainerOptions> change, params string[] parts) => new(
            $"{model} options: {what}",
            () =>
            {
                AudioTrainerOptions options = Right.Models[model]();
                change(options);
                using AudioClassificationTransformer trained = Right.Train(options);
                Right.Read(trained.Transform(Right.View(Right.Clips())));
            },
            parts);
    }

    private static IEnumerable<WrongCall> Passt()
    {
        yield return Wrong(
            "patchout of all columns", options => options.Config.PatchoutTime = 4, "PatchoutTime is 4", "less than the 4");
        yield return Wrong(
            "patchout of all rows", options => options.Config.PatchoutFrequency = 2, "PatchoutFrequency is 2",
            "less than the 2");
        yield return Wrong(
            "patchout of all that is left", options => options.Config.PatchoutUnstructured = 6, "PatchoutUnstructured is 6",
            "less than the 6");
        yield return Wrong(
            "heads that do not divide", options => options.Config.Heads = 3, "EmbedDim is 16", "a multiple of Heads, 3");
        yield return Wrong("no patch", options => options.Config.PatchSize = 0, "PatchSize is 0", "1 or more");
        yield return Wrong("a stride below 0", options => options.Config.StrideTime = -1, "StrideTime is -1", "1 or more");
        yield return Wrong(
            "hidden layers without end", options => options.Config.MlpRatio = 1e30, "MlpRatio 1E+30", "bytes", "memory");
        yield return Wrong(
            "a width that no memory holds", options => options.Config.EmbedDim = 1 << 30, "EmbedDim", "bytes", "memory");
        yield return Wrong(
            "a width that little memory holds", options => options.Config.EmbedDim = 1 << 18, "EmbedDim", "bytes", "memory");
        yield return Wrong(
            "more blocks than memory holds", options => options.Config.Depth = int.MaxValue, "Depth", "bytes", "memory");

        static WrongCall Wrong(string what, Action<PasstOptions> change, params string[] parts) =>
            Of("PaSST", what, change, parts);
    }

    private static IEnumerable<WrongCall> Ast()
    {
        yield return Wrong(
            "heads that do not divide", options => options.Config.Heads = 5, "EmbedDim is 16", "a multiple of Heads, 5");
        yield return Wrong("no blocks", options => options.Config.Depth = 0, "Depth is 0", "1 or more");
        yield return Wrong("a stride of 0", options => options.Config.StrideFrequency = 0, "StrideFrequency is 0", "1 or more");
        yield return Wrong(
            "a width that no memory holds", options => options.Config.EmbedDim = 1 << 20, "EmbedDim", "bytes", "memory");

        static WrongCall Wrong(string what, Action<AstOptions> change, params string[] parts) =>
            Of("AST", what, change, parts);
    }

    private static IEnumerable<WrongCall> HtsAt()
    {
        yield return Wrong("no window", options => options.Config.WindowSize = 0, "WindowSize is 0", "1 or more");
        yield return Wrong(
            "heads that do not divide", options => options.Config.Heads = [3, 2], "Heads[0] is 3", "token width, 8");
        yield return Wrong("no depths", options => options.Config.Depths = null!, "Config.Depths is null", "expected");
        yield return Wrong("no heads", options => options.Config.Heads = null!, "Config.Heads is null", "expected");
        yield return Wrong(
            "a stride above the patch", options => options.Config.StrideTime = 4, "StrideTime is 4", "PatchSize, 2");
        yield return Wrong(
            "widths beyond numbers",
            options => (options.Config.EmbedDim, options.Config.Heads) = (1 << 30, [1, 1]), "EmbedDim is 1073741824", "at most");
        yield return Wrong(
            "an image that no memory holds", options => options.Config.ImageSize = 1 << 20, "ImageSize", "bytes", "memory");

        static WrongCall Wrong(string what, Action<HtsAtOptions> change, params string[] parts) =>
            Of("HTS-AT", what, change, parts);
    }

    private static IEnumerable<WrongCall> Datar()
    {
        yield return Wrong(
            "groups that do not divide", options => options.Config.Stages[2].Groups = 3, "Config.Stages[2].Groups is 3",
            "divisor of Heads, 2");
        yield return Wrong(
            "a block of no kind", options => options.Config.Stages[2].Blocks = "Z", "Config.Stages[2].Blocks is 'Z'",
            "one of the letters");
        yield return Wrong(
            "three stages", options => options.Config.Stages = [.. options.Config.Stages.Take(3)], "Config.Stages is of 3 stages",
            "expected 4");
        yield return Wrong(
            "a stride of 0", options => options.Config.Stages[2].Stride = 0, "Config.Stages[2].Stride is 0", "1 or more");
        yield return Wrong(
            "an offset kernel that no memory holds", options => options.Config.Stages[2].OffsetKernel = (1 << 20) + 1,
            "OffsetKernel 3, 3, 1048577, 3", "bytes", "memory");
        yield return Wrong(
            "a range without end", options => options.Config.Stages[2].OffsetRange = double.NaN,
            "Config.Stages[2].OffsetRange is NaN", "finite");
        yield return Wrong(
            "windows that no memory holds", options => options.Config.Stages[0].WindowSize = 4096,
            "Config.Stages[0].WindowSize is 4096", "at most 128");
        yield return Wrong(
            "a patch that no memory holds", options => options.Config.PatchSize = 1 << 20, "PatchSize 1048576", "bytes",
            "memory");
        yield return Wrong(
            "a width that no memory holds", options => options.Config.Stages[2].Dim = 1 << 20, "Dim 8, 8, 1048576, 16",
            "bytes", "memory");
        yield return Wrong(
            "an expansion that no memory holds", options => options.Config.Expansion = int.MaxValue, "Expansion", "bytes",
            "memory");

        static WrongCall Wrong(string what, Action<DatarOptions> change, params string[] parts) =>
            Of("DATAR", what, change, parts);
    }

    private static WrongCall Of<TOptions>(string model, string what, Action<TOptions> change, string[] parts)
        where TOptions : AudioTrainerOptions => new(
            $"{model} options: {what}",
            () =>
            {
                var options = (TOptions)Right.Models[model]();
                change(options);
                Right.Train(options).Dispose();
            },
            parts);
}
