using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public sealed class MixedPrecisionTests
{
    [TestMethod]
    public void LinearLayersMultiplyInBFloat16OnlyWithinASection()
    {
        using var scope = NewDisposeScope();
        var layer = nn.Linear(8, 4);
        Tensor input = rand(3, 8);
        Tensor exact = MixedPrecision.Linear(layer, input);
        Tensor rounded;
        using (MixedPrecision.Begin(isOn: true))
        {
            rounded = MixedPrecision.Linear(layer, input);
        }

        Assert.AreEqual(ScalarType.Float32, exact.dtype);
        Assert.AreEqual(ScalarType.BFloat16, rounded.dtype);
        Assert.AreEqual(ScalarType.Float32, MixedPrecision.Linear(layer, input).dtype);

        // Eight bits of mantissa.
        Assert.IsTrue(rounded.to(ScalarType.Float32).allclose(exact, 0.02, 0.02));
        layer.Dispose();
    }

    [TestMethod]
    [DataRow("PaSST")]
    [DataRow("HTS-AT")]
    [DataRow("DATAR")]
    public void GradientsPointWhereThoseOfFloat32Do(string name)
    {
        (double loss, float[] exact) = Gradients(name, AudioPrecision.Float32);
        (double roundedLoss, float[] rounded) = Gradients(name, AudioPrecision.BFloat16);

        Assert.AreEqual(loss, roundedLoss, 0.02 * loss);
        Assert.IsFalse(exact.SequenceEqual(rounded), "bfloat16 rounds");
        double product = exact.Zip(rounded, (a, b) => (double)a * b).Sum();
        double norms = Math.Sqrt(exact.Sum(a => (double)a * a) * rounded.Sum(b => (double)b * b));
        Assert.IsGreaterThan(0.998, product / norms);
    }

    [TestMethod]
    public void TrainsInBFloat16WithFloat32Weights()
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.Optimization.Precision = AudioPrecision.BFloat16;
        IDataView mapped = PasstTrainerTests.MapLabels(mlContext, out IDataView validation);
        using AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Passt(options).Fit(mapped);

        Assert.IsTrue(model.Model.Network.parameters().All(parameter => parameter.dtype == ScalarType.Float32));
        MulticlassClassificationMetrics metrics =
            mlContext.MulticlassClassification.Evaluate(model.Transform(validation));
        Assert.AreEqual(1, metrics.MicroAccuracy, 1e-9);
    }

    private static HtsAt TinyHtsAt() => new(
        new HtsAtConfig
        {
            ImageSize = 32,
            MelBins = TinyClip.Mels,
            EmbedDim = 8,
            Depths = [2, 1],
            Heads = [1, 2],
            WindowSize = 4,
            Classes = TinyModel.Classes.Length,
            DropPath = 0,
        },
        new Generator(1));

    private static Datar TinyDatar()
    {
        var options = new DatarConfig { DropPath = 0 };
        DatarStageConfig stage = new()
        {
            Dim = 8, Heads = 2, WindowSize = 2, OffsetKernel = 3, PositionBias = DeformablePositionBias.None,
        };
        return new Datar(
            options with
            {
                InputFrequency = TinyClip.Mels,
                InputTime = TinyClip.Frames,
                PatchSize = 1,
                StemDim = 8,
                Stages =
                [
                    stage with { Blocks = "LS" },
                    stage with { Blocks = "LD", PositionBias = DeformablePositionBias.Interpolated },
                    stage with { Blocks = "LD", Groups = 2 },
                    stage with { Blocks = "L" },
                ],
                Classes = TinyModel.Classes.Length,
            },
            new Generator(1));
    }

    private static (double Loss, float[] Gradients) Gradients(string name, AudioPrecision precision)
    {
        using AudioModel model = name switch
        {
            "PaSST" => TinyTraining.Model(),
            "HTS-AT" => TinyHtsAt(),
            _ => TinyDatar(),
        };
        using var step = new TrainingStep(model, TinyTraining.Setup(options => options.Optimization.Precision = precision), CPU);
        using var sums = new RunningMetrics(CPU);
        step.BeginEpoch();
        step.Run(TinyTraining.Batch(), 1e-3, 0, sums);
        using var scope = NewDisposeScope();
        float[] gradients =
        [
            .. model.named_parameters().Where(item => item.parameter.grad is not null)
                .SelectMany(item => item.parameter.grad!.data<float>().ToArray()),
        ];
        return (sums.Compute().Loss, gradients);
    }
}
