using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

/// <summary>Training on clips that are longer than the front end's target length.</summary>
[TestClass]
public sealed class LongTrainingClipsTests
{
    private const int Length = 800;

    /// <summary>
    /// Each sample is its own number, so that the features of a window tell which it is: no place is outside the clip, many
    /// come up, another one in another epoch, and the same ones again for the same epoch and clip.
    /// </summary>
    [TestMethod]
    public void Random_windows_follow_from_the_seed_and_change_with_the_epoch()
    {
        var options = new AudioSamplingOptions { LongClips = LongTrainingClips.RandomWindow };
        AugmentationPlan plan = AugmentationPlan.Create(new AudioAugmentationOptions(), FrontEnd(), options.LongClips);
        IWaveformAugmentation window = Assert.ContainsSingle(plan.BeforeMixing);
        float[] clip = [.. Enumerable.Range(0, 3 * Length).Select(i => (float)i)];
        int Start(int epoch, int index)
        {
            float[] drawn = window.Apply([.. clip], SeededRandom.ForClip(7, epoch, index));
            Assert.HasCount(Length, drawn);
            CollectionAssert.AreEqual(clip[(int)drawn[0]..((int)drawn[0] + Length)], drawn);
            return (int)drawn[0];
        }

        int[] first = [.. Enumerable.Range(0, 200).Select(index => Start(0, index))];
        int[] second = [.. Enumerable.Range(0, 200).Select(index => Start(1, index))];
        CollectionAssert.AreEqual(first, Enumerable.Range(0, 200).Select(index => Start(0, index)).ToArray());
        CollectionAssert.AreNotEqual(first, second);
        Assert.IsGreaterThan(150, first.Distinct().Count());
        Assert.AreEqual(Length, first.Average(), 120, "uniform from 0 to 1600");

        float[] shorter = [1, 2, 3];
        Assert.AreSame(shorter, window.Apply(shorter, new Random(1)));
        Assert.AreNotEqual(
            plan.ToString(), AugmentationPlan.Create(new AudioAugmentationOptions(), FrontEnd()).ToString(), "fingerprints");
    }

    /// <summary>Clips of 2000 and 901 samples, in windows 400 apart: 4 and 2 clips; the log says how many are trained on.
    /// </summary>
    [TestMethod]
    public void Each_window_is_a_clip_with_the_clip_s_label()
    {
        Assert.AreEqual("4 clips", ClipsOf(LongTrainingClips.Cut));
        Assert.AreEqual("4 clips", ClipsOf(LongTrainingClips.RandomWindow));
        Assert.AreEqual("8 clips", ClipsOf(LongTrainingClips.EachWindow));
    }

    /// <summary>More windows than rows must not hide that rows without a label are left out.</summary>
    [TestMethod]
    public void Rows_without_a_label_are_told_also_where_each_window_is_a_clip()
    {
        var mlContext = new MLContext(seed: 1);
        List<string> warnings = [];
        mlContext.Log += (_, entry) => warnings.Add(entry.RawMessage);
        IDataView data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 6).Select(i => new Clip
        {
            Label = i < 2 ? "" : TinyModel.Classes[i % 2],
            Features = [.. Enumerable.Range(0, 2000).Select(n => 0.3f * MathF.Sin(n * (1 + (i % 2))))],
        }).ToArray());

        using var model = (IDisposable)mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.Passt(Options(LongTrainingClips.EachWindow)))
            .Fit(data).LastTransformer;

        Assert.ContainsSingle(
            warnings.Where(warning => warning.Contains("2 of 6 rows of the training set are left out", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Options_that_do_not_fit_are_named()
    {
        foreach ((Action<PasstOptions> change, string expected) in new (Action<PasstOptions>, string)[]
        {
            (options => options.FrontEnd = null, "expected Cut without a FrontEnd"),
            (options => options.Augmentation.RandomCrop = true, "expected Cut with Augmentation.RandomCrop"),
            (options => (options.Sampling.LongClips, options.Sampling.ShuffleBuffer) = (LongTrainingClips.EachWindow, 9),
                "ExpandWindows"),
        })
        {
            PasstOptions options = Options(LongTrainingClips.RandomWindow);
            change(options);
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => new MLContext().MulticlassClassification.Trainers.Passt(options));
            StringAssert.Contains(error.Message, "Sampling.LongClips", StringComparison.Ordinal);
            StringAssert.Contains(error.Message, expected, StringComparison.Ordinal);
        }
    }

    private static string ClipsOf(LongTrainingClips longClips)
    {
        var mlContext = new MLContext(seed: 1);
        string found = "";
        string warnings = "";
        mlContext.Log += (_, entry) =>
        {
            int at = entry.RawMessage.IndexOf(" clips of ", StringComparison.Ordinal);
            found = at < 0 ? found : entry.RawMessage[(entry.RawMessage.LastIndexOf(' ', at - 1) + 1)..(at + 6)];
            warnings += entry.RawMessage.Contains("are longer than", StringComparison.Ordinal) ? entry.RawMessage : "";
        };
        int[] lengths = [2000, 901, 500, 800];
        IDataView data = mlContext.Data.LoadFromEnumerable(lengths.Select((length, i) => new Clip
        {
            Label = TinyModel.Classes[i % 2],
            Features = [.. Enumerable.Range(0, length).Select(n => 0.3f * MathF.Sin(n * (1 + (i % 2))))],
        }).ToArray());
        using var model = (IDisposable)mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.MulticlassClassification.Trainers.Passt(Options(longClips))).Fit(data).LastTransformer;
        Assert.AreEqual(
            longClips == LongTrainingClips.Cut,
            warnings.Contains("2 of 4 clips in column 'Features' of the training set", StringComparison.Ordinal));
        return found;
    }

    private static LogMelOptions FrontEnd()
    {
        LogMelOptions frontEnd = LogMelOptions.CreatePasst(4000);
        (frontEnd.MelBins, frontEnd.HighFrequency, frontEnd.TargetSamples) = (8, 1800, Length);
        return frontEnd;
    }

    private static PasstOptions Options(LongTrainingClips longClips)
    {
        PasstOptions options = TinyModel.Options();
        options.FrontEnd = FrontEnd();
        options.Sampling.LongClips = longClips;
        (options.Epochs, options.BatchSize) = (1, 4);
        return options;
    }

    private sealed class Clip
    {
        public string Label { get; set; } = "";

        public float[] Features { get; set; } = [];
    }
}
