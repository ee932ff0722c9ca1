using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Options;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

/// <summary>Options that are chosen by the training set. Expected values follow by hand from the lengths of the clips.</summary>
[TestClass]
public sealed class RecipeChoiceTests
{
    private const int Rate = 8000;

    [TestMethod]
    public void ClipsOfAboutOneLengthAreHeardWhole()
    {
        using var clips = new Clips(1, 1.5, 0.8, 1);
        PasstOptions passt = clips.MlContext.AudioClassification().OptionsFor<PasstOptions>(clips.View);

        Assert.AreEqual("Waveform", passt.FeatureColumnName);
        Assert.AreEqual(Rate, passt.FrontEnd!.SampleRate);
        Assert.AreEqual(Rate * 3 / 2, passt.FrontEnd.TargetSamples);
        Assert.AreEqual(80, passt.FrontEnd.HopLength);
        Assert.AreEqual(64, passt.FrontEnd.MelBins);
        Assert.AreEqual(200, passt.Epochs);
        Assert.AreEqual(LongClips.Cut, passt.LongClips);
        StringAssert.Contains(passt.ToString(), "options.FrontEnd.TargetSamples = 12000;");
        string line = clips.Messages.Single(message => message.Contains("4 clips", StringComparison.Ordinal));
        StringAssert.Contains(
            line, "PaSST for 4 clips of 0.8 to 1.5 s at 8000 Hz; 1.5 s in 64 mel bins every 10 ms: a small model");
    }

    [TestMethod]
    public void LongerClipsAreHeardInWindowsAndShorterOnesRepeated()
    {
        using var clips = new Clips(1, 0.5, 1, 6);
        PasstOptions passt = clips.MlContext.AudioClassification().OptionsFor<PasstOptions>(
            clips.View, options => options.Epochs = 3);

        Assert.AreEqual(2 * Rate, passt.FrontEnd!.TargetSamples);
        Assert.AreEqual(ShortWaveform.Repeat, passt.FrontEnd.ShortWaveforms);
        Assert.AreEqual(LongClips.Windows, passt.LongClips);
        Assert.AreEqual(LongTrainingClips.RandomWindow, passt.Sampling.LongClips);
        Assert.AreEqual(3, passt.Epochs);
    }

    [TestMethod]
    public void EveryModelFitsClipsOfAnyNumberLengthAndRate()
    {
        foreach (ModelFamily family in ModelFamilies.All)
        {
            foreach (long count in (long[])[10, 540, 100_000])
            {
                foreach (int rate in (int[])[8000, 22_050, 44_100])
                {
                    foreach (double seconds in (double[])[0.05, 0.6, 1.7, 5, 40])
                    {
                        var clips = new ClipStatistics { Count = count, SampleRate = rate, Seconds = [seconds / 2, seconds] };
                        AudioTrainerOptions options = family.CreateFromScratch(new ScratchPlan(clips));
                        OptionCheck.All(options);
                        family.Check(options.ModelConfig, new WaveformReader(options.FrontEnd!).Shape, [5]);
                        Assert.AreEqual(count == 100_000 ? 10 : count == 540 ? 40 : 200, options.Epochs, family.Name);
                    }
                }

                foreach ((int frames, int mels) in ((int, int)[])[(16, 16), (98, 40), (1000, 128)])
                {
                    var clips = new ClipStatistics { Count = count, Frames = frames, Mels = mels };
                    AudioTrainerOptions options = family.CreateFromScratch(new ScratchPlan(clips));
                    OptionCheck.All(options);
                    family.Check(options.ModelConfig, new FeatureShape(frames, mels), [5]);
                }
            }
        }
    }

    [TestMethod]
    public void TrainersOfAllModelsTakeNoOptions()
    {
        using var clips = new Clips(0.3, 0.3, 0.3, 0.3);
        var trainers = clips.MlContext.MulticlassClassification.Trainers;
        foreach (AudioClassificationTrainer trainer in
            (AudioClassificationTrainer[])[
                trainers.Passt(epochs: 1), trainers.Ast(epochs: 1), trainers.HtsAt(epochs: 1), trainers.Datar(epochs: 1)])
        {
            using AudioClassificationTransformer model = trainer.Fit(clips.View);
            Assert.AreEqual("Waveform", model.FeatureColumnName);
            Assert.AreEqual(2, model.Transform(clips.View).GetColumn<float[]>("Score").First().Length);
        }

        Assert.IsTrue(clips.Messages.Exists(
            message => message.Contains("clips/s, about 00:0", StringComparison.Ordinal)) is false, "fewer than three steps");
    }

    [TestMethod]
    public void WeightsAskForTheRecipeOfThePaperAndTheFrontEndOfTheFile()
    {
        AstOptions ast = FineTuned<AstOptions>();
        Assert.AreEqual("AstOptions.Esc50", ast.RecipeName);
        Assert.AreEqual(1e-5, ast.LearningRate);
        Assert.AreEqual(128, ast.Config.EmbedDim);
        FineTuned<PasstOptions>();
        FineTuned<HtsAtOptions>();
        FineTuned<DatarOptions>();
    }

    [TestMethod]
    public void EventsAreHeardInFramesThatFillAnImage()
    {
        using var clips = new Clips(5, 5, 4, 5);
        SoundEventDetectionTrainer.Options options = clips.MlContext.SoundEventDetection().OptionsFor(
            clips.View, chosen => chosen.Supervision = EventSupervision.Strong);

        var model = (HtsAtOptions)options.Model;
        Assert.AreEqual((5 * Rate, 157), (model.FrontEnd!.TargetSamples, model.FrontEnd.HopLength));
        Assert.AreEqual((60, 0), (model.Epochs, model.Augmentation.TimeRollFrames));
        model.LabelColumnName = "Tags";
        Assert.IsNotNull(clips.MlContext.SoundEventDetection().Trainer(options));
    }

    [TestMethod]
    public void RateOfEachFilesOwnIsRefused()
    {
        using var clips = new Clips(1, 1);
        IDataView view = clips.MlContext.Transforms.LoadAudio("Waveform", "Path").Fit(clips.View).Transform(clips.View);

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => clips.MlContext.AudioClassification().OptionsFor<PasstOptions>(view));

        BadInputTests.AssertMentions(error, "'Waveform'", "each file's own rate", "sampleRate");
    }

    [TestMethod]
    public void TwoColumnsThatCouldBeMeantAreBothNamed()
    {
        using var clips = new Clips(1, 1);
        IDataView view = clips.MlContext.Transforms.LoadAudio("Again", "Path", sampleRate: Rate).Fit(clips.View)
            .Transform(clips.View);

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => clips.MlContext.MulticlassClassification.Trainers.Passt().Fit(view));

        BadInputTests.AssertMentions(error, "'Features' not found", "Waveform, Again", "FeatureColumnName");
    }

    [TestMethod]
    public void OptionThatDoesNotFitIsToldBeforeClipsAreRead()
    {
        using var clips = new Clips(1, 1);
        PasstOptions options = PasstOptions.Small(Rate);
        options.Config.PatchSize = 65;
        Array.ForEach(Directory.GetFiles(clips.Folder), File.Delete);

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => clips.MlContext.MulticlassClassification.Trainers.Passt(options).Fit(clips.View));

        BadInputTests.AssertMentions(error, "Option Config.PatchSize is 65", "64 mel bins");
    }

    [TestMethod]
    public void RangeIsToldWhenTheTrainerIsMade()
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MLContext().AudioTagging()
            .Trainer<HtsAtOptions>(options => options.Optimization.LabelSmoothing = 2));

        BadInputTests.AssertMentions(error, "Option Optimization.LabelSmoothing is 2");
    }

    [TestMethod]
    public void BadValidationSetIsNamed()
    {
        using var clips = new Clips(0.3, 0.3, 0.3, 0.3);
        AudioClassificationTrainer Trainer(IDataView validation) => clips.MlContext.AudioClassification()
            .Trainer<PasstOptions>(options => options.ValidationSet = validation);

        var missing = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Trainer(clips.MlContext.Data.LoadFromEnumerable([new { Path = "" }])).Fit(clips.View));
        BadInputTests.AssertMentions(missing, "Option ValidationSet: Feature column 'Waveform' not found");

        IDataView empty = clips.MlContext.Data.SkipRows(clips.View, 100);
        var rows = Assert.ThrowsExactly<InvalidDataException>(() => Trainer(empty).Fit(clips.View));
        BadInputTests.AssertMentions(rows, "validation set");
    }

    // A model of 8 kHz is trained, its weights are saved, and another is trained from them.
    private static TOptions FineTuned<TOptions>()
        where TOptions : AudioTrainerOptions
    {
        using var clips = new Clips(0.4, 0.4, 0.4, 0.4);
        var classification = clips.MlContext.AudioClassification();
        string path = Path.Combine(clips.Folder, "weights.safetensors");
        LogMelOptions trained;
        using (AudioClassificationTransformer model = classification.Trainer<TOptions>(
            options => options.Epochs = 1).Fit(clips.View))
        {
            model.Model.SaveSafetensors(path);
            trained = model.Model.Description.FrontEnd!;
        }

        void FromFile(TOptions options) => (options.PretrainedWeights, options.Epochs) = (path, 1);
        TOptions chosen = classification.OptionsFor<TOptions>(clips.View, FromFile);
        Assert.AreEqual(
            (Rate, trained.MelBins, trained.HopLength, trained.TargetLength),
            (chosen.FrontEnd!.SampleRate, chosen.FrontEnd.MelBins, chosen.FrontEnd.HopLength, chosen.FrontEnd.TargetLength));
        Assert.IsGreaterThan(0, trained.TargetLength);
        AudioAugmentationOptions random = classification.OptionsFor<TOptions>(clips.View).Augmentation;
        Assert.AreEqual(
            (random.GainDecibels, random.RollSamples, random.HighFrequencyRange),
            (chosen.Augmentation.GainDecibels, chosen.Augmentation.RollSamples, chosen.Augmentation.HighFrequencyRange));
        using AudioClassificationTransformer tuned = classification.Trainer<TOptions>(FromFile).Fit(clips.View);
        Assert.AreEqual(2, tuned.Transform(clips.View).GetColumn<float[]>("Score").First().Length);
        return chosen;
    }

    /// <summary>WAV files of given lengths and two classes, with their labels mapped and their waveforms loaded.</summary>
    private sealed class Clips : IDisposable
    {
        public Clips(params double[] seconds)
        {
            Folder = Directory.CreateTempSubdirectory("clips").FullName;
            MlContext.Log += (_, log) => Messages.Add(log.Message);
            var rows = seconds.Select((length, i) =>
            {
                string path = Path.Combine(Folder, FormattableString.Invariant($"{i}.wav"));
                var samples = new float[(int)(length * Rate)];
                for (int sample = 0; sample < samples.Length; sample++)
                {
                    samples[sample] = (float)Math.Sin(sample * (i % 2 == 0 ? 0.1 : 0.5));
                }

                AudioFile.Write(path, samples, Rate);
                return new { Path = path, Label = i % 2 == 0 ? "low" : "high" };
            }).ToArray();
            IDataView files = MlContext.Data.LoadFromEnumerable(rows);
            View = MlContext.Transforms.Conversion.MapValueToKey("Label")
                .Append(MlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: Rate)).Fit(files).Transform(files);
        }

        public string Folder { get; }

        public MLContext MlContext { get; } = new(seed: 1);

        public List<string> Messages { get; } = [];

        public IDataView View { get; }

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
