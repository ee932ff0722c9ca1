using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

/// <summary>Training from a column of waveforms, with the trainer's own front end.</summary>
[TestClass]
public sealed class WaveformTrainingTests
{
    private const int SampleRate = 4000;

    [TestMethod]
    public void A_saved_model_scores_waveforms_with_the_front_end_of_its_options()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        var mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
        IDataView test = Data(mlContext, seed: 2);
        PasstOptions options = Options();
        (options.Augmentation.LowFrequencyRange, options.Augmentation.HighFrequencyRange) = (10, 250);
        ITransformer model = Pipeline(mlContext, options).Fit(Data(mlContext, seed: 1));
        IDataView scored = model.Transform(test);
        Assert.IsGreaterThan(0.9, mlContext.MulticlassClassification.Evaluate(scored).MicroAccuracy);

        mlContext.Model.Save(model, test.Schema, path);
        ITransformer loaded = mlContext.Model.Load(path, out _);
        Assert.AreEqual(Text(TinyModel.Scores(scored)), Text(TinyModel.Scores(loaded.Transform(test))));
    }

    [TestMethod]
    public void Random_band_edges_change_training_and_follow_from_the_seed()
    {
        string Train(int lowRange, int highRange)
        {
            var mlContext = new MLContext(seed: 1);
            PasstOptions options = Options();
            options.Epochs = 2;
            (options.Augmentation.LowFrequencyRange, options.Augmentation.HighFrequencyRange) = (lowRange, highRange);
            ITransformer model = Pipeline(mlContext, options).Fit(Data(mlContext, seed: 1));
            return Text(TinyModel.Scores(model.Transform(Data(mlContext, seed: 2))));
        }

        string still = Train(0, 0);
        string moved = Train(10, 250);
        Assert.AreNotEqual(still, moved);
        Assert.AreEqual(moved, Train(10, 250));
        Assert.AreEqual(still, Train(1, 0), "PaSST's way to say off");
    }

    [TestMethod]
    public void Edges_that_leave_the_spectrum_are_refused_by_the_option_s_name()
    {
        var mlContext = new MLContext();
        PasstOptions options = Options();
        options.Augmentation.HighFrequencyRange = 1001;
        options.FrontEnd!.HighFrequency = 0;
        ArgumentOutOfRangeException error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => mlContext.MulticlassClassification.Trainers.Passt(options));
        Assert.AreEqual("Augmentation.HighFrequencyRange", error.ParamName);

        options.FrontEnd = null;
        error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => mlContext.MulticlassClassification.Trainers.Passt(options));
        StringAssert.Contains(error.Message, "without a FrontEnd", StringComparison.Ordinal);
    }

    private static PasstOptions Options()
    {
        PasstOptions options = TinyModel.Options();
        options.FrontEnd = LogMelOptions.CreatePasst(SampleRate);
        options.FrontEnd.MelBins = 8;
        options.FrontEnd.HighFrequency = 1800;
        options.FrontEnd.TargetSamples = 800;
        return options;
    }

    // A low tone or a high one, in noise.
    private static IDataView Data(MLContext mlContext, int seed)
    {
        var random = new Random(seed);
        return mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 48).Select(i =>
        {
            int label = i % TinyModel.Classes.Length;
            double step = (label == 0 ? 0.4 : 1.6) + (0.2 * random.NextDouble());
            double phase = random.NextDouble();
            float[] waveform = [.. Enumerable.Range(0, 700 + i).Select(
                n => (float)((0.3 * Math.Sin(phase + (step * n))) + (0.1 * (random.NextDouble() - 0.5))))];
            return new WaveformClip { Label = TinyModel.Classes[label], Features = waveform };
        }).ToArray());
    }

    private static IEstimator<ITransformer> Pipeline(MLContext mlContext, PasstOptions options) =>
        mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.Passt(options));

    private static string Text(float[][] scores) => string.Join('\n', scores.Select(row => string.Join(' ', row)));

    private sealed class WaveformClip
    {
        public string Label { get; set; } = "";

        public float[] Features { get; set; } = [];
    }
}
