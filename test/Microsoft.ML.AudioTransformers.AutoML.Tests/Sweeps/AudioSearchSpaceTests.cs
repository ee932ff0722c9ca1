using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Space = Microsoft.ML.SearchSpace.SearchSpace;

namespace Microsoft.ML.AudioTransformers.AutoML.Tests.Sweeps;

[TestClass]
public sealed class AudioSearchSpaceTests
{
    private static readonly string[] s_common =
    [
        "FrequencyMaskBins", "LearningRate", "MixupAlpha", "Precision", "TimeMaskFrames", "TimeRollFrames", "WeightDecay",
    ];

    [TestMethod]
    public void KeysAreTheNamesOfTheOptions()
    {
        Assert.AreEqual("Depth", KeysOf(AudioSearchSpace.Of(new AstOptions())));
        Assert.AreEqual("DropPath, TokenSemantic", KeysOf(AudioSearchSpace.Of(new HtsAtOptions())));
        Assert.AreEqual("Adaptor, AdaptorStrength, DropPath", KeysOf(AudioSearchSpace.Of(new DatarOptions())));
        Assert.AreEqual(
            "Depth, Patchout, PatchoutFrequency, PatchoutTime, PatchoutUnstructured",
            KeysOf(AudioSearchSpace.Of(new PasstOptions())));
        Assert.AreEqual(
            "HopLength, MelBins, WindowLength",
            string.Join(", ", AudioSearchSpace.Of(LogMelOptions.Passt).Keys.Order(StringComparer.Ordinal)));

        static string KeysOf(Space space)
        {
            CollectionAssert.IsSubsetOf(s_common, space.Keys.ToArray());
            return string.Join(", ", space.Keys.Except(s_common).Order(StringComparer.Ordinal));
        }
    }

    [TestMethod]
    public void EveryFamilyHasASpaceThatBeginsAtItsOptionsAndWhosePointsPassTheirChecks()
    {
        foreach (ModelFamily family in ModelFamilies.All)
        {
            foreach (AudioTrainerOptions options in new[] { family.CreateOptions(), family.CreateSmall(16_000) })
            {
                Space space = AudioSearchSpace.Of(options);

                AudioTrainerOptions first = AudioSearchSpace.Apply(space.SampleFromFeatureSpace(space.Default), options);

                AssertEqualOptions(options, first, family.Name);
                Assert.IsTrue(space.Keys.All(key => !key.Contains('.', StringComparison.Ordinal)), string.Join(", ", space.Keys));
                CollectionAssert.IsSubsetOf(s_common, space.Keys.ToArray());
                foreach (double place in new[] { 0, 0.3, 0.7, 1 })
                {
                    OptionCheck.All(AudioSearchSpace.Apply(
                        space.SampleFromFeatureSpace([.. Enumerable.Repeat(place, space.FeatureSpaceDim)]), options));
                }
            }
        }
    }

    [TestMethod]
    public void TasksHaveTheSpacesOfTheirModels()
    {
        Space actions = AudioSearchSpace.Of(new ActionRecognitionTrainer.Options { Model = new PasstOptions() });
        Space weak = AudioSearchSpace.Of(new SoundEventDetectionTrainer.Options());
        Space strong = AudioSearchSpace.Of(new SoundEventDetectionTrainer.Options { Supervision = EventSupervision.Strong });

        CollectionAssert.AreEquivalent(AudioSearchSpace.Of(new PasstOptions()).Keys.ToArray(), actions.Keys.ToArray());
        CollectionAssert.AreEquivalent(AudioSearchSpace.Of(new HtsAtOptions()).Keys.ToArray(), weak.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { "TimeRollFrames" }, weak.Keys.Except(strong.Keys).ToArray());
        Assert.AreEqual(0.25, AudioSearchSpace.Apply(
            Point("DropPath", Parameter.FromDouble(0.25)), new SoundEventDetectionTrainer.Options()).Model is HtsAtOptions model
                ? model.Config.DropPath : -1);
        Assert.AreEqual(7, AudioSearchSpace.Apply(
            Point("TopActions", Parameter.FromInt(7)), new ActionRecognitionTrainer.Options()).TopActions);
    }

    [TestMethod]
    public void LearningRatesAreSweptAroundTheModelsOwn()
    {
        AssertRange(1e-6, 1e-4, "LearningRate", new PasstOptions());
        AssertRange(1e-4, 1e-2, "LearningRate", new HtsAtOptions());
        AssertRange(0.1, 1, "LearningRate", new HtsAtOptions { LearningRate = 1 });
    }

    [TestMethod]
    public void ARangeIsWidenedToTheOptionsOwnValue()
    {
        AssertRange(1e-6, 1e-1, "WeightDecay", new PasstOptions());
        AssertRange(5e-7, 1e-1, "WeightDecay", new AstOptions());
        AssertRange(1e-6, 1e-1, "WeightDecay", new AstOptions { WeightDecay = 0 });
        Assert.IsFalse(AudioSearchSpace.Of(new AstOptions { Config = { Depth = 1 } }).ContainsKey("Depth"), "one value");
        AssertRange(3, 24, "Depth", new AstOptions { Config = { Depth = 24 } });
        var options = new PasstOptions { WeightDecay = 0, Augmentation = { MixupAlpha = 0.2 } };

        Space space = AudioSearchSpace.Of(options);

        PasstOptions first = AudioSearchSpace.Apply(space.SampleFromFeatureSpace(space.Default), options);
        Assert.AreEqual((1e-6, 0.2), (first.WeightDecay, first.Augmentation.MixupAlpha));
        CollectionAssert.AreEqual(
            new[] { 0, 0.1, 0.2, 0.3, 0.5 },
            ((ChoiceOption)space["MixupAlpha"]).Choices.Select(choice => choice.AsType<double>()).ToArray());
    }

    [TestMethod]
    public void RangesAreBoundedByTheOptionsAndTheGridOfTheirFrontEnd()
    {
        // 0.8 s are 80 frames, in 64 mel bins: 13 columns of 16 frames at a stride of 5, 9 rows at 6, 117 patches.
        PasstOptions small = PasstOptions.Small();
        AssertRange(3, 4, "Depth", small);
        AssertRange(1e-4, 1e-2, "LearningRate", small);
        AssertRange(0, 7, "PatchoutTime", small);
        AssertRange(0, 5, "PatchoutFrequency", small);
        AssertRange(0, 59, "PatchoutUnstructured", small);
        AssertRange(0, 40, "TimeMaskFrames", small);
        AssertRange(0, 32, "FrequencyMaskBins", small);
        AssertRange(0, 40, "TimeRollFrames", small);
        small.Config.PatchoutTime = 12;
        AssertRange(0, 12, "PatchoutTime", small);

        // 99 columns and 12 rows.
        AssertRange(0, 50, "PatchoutTime", new PasstOptions());
        AssertRange(0, 6, "PatchoutFrequency", new PasstOptions());
        AssertRange(0, 594, "PatchoutUnstructured", new PasstOptions());
        AssertRange(0, 7, "PatchoutTime", PasstOptions.Small(), options => AudioSearchSpace.Of(
            new ActionRecognitionTrainer.Options { Model = options }));
    }

    [TestMethod]
    [DataRow(0, 6, false)]
    [DataRow(3, 12, false)]
    [DataRow(0, 600, false)]
    [DataRow(1, 100, true)]
    public void WholeNumbersReachBothEndsAndComeBackAsTheyWere(int minimum, int maximum, bool isLogarithmic)
    {
        for (int value = minimum; value <= maximum; value++)
        {
            var option = new WholeNumberOption(minimum, maximum, isLogarithmic, value);
            Assert.AreEqual(value, option.SampleFromFeatureSpace(option.Default!).AsType<int>());
        }

        var range = new WholeNumberOption(minimum, maximum, isLogarithmic, minimum);
        Assert.AreEqual(minimum, range.SampleFromFeatureSpace([0]).AsType<int>());
        Assert.AreEqual(maximum, range.SampleFromFeatureSpace([1]).AsType<int>());
        Assert.AreEqual(maximum, range.SampleFromFeatureSpace([1 - 1e-12]).AsType<int>());
        int[] drawn = [.. Enumerable.Range(0, 70).Select(i => range.SampleFromFeatureSpace([(i + 0.5) / 70]).AsType<int>())];
        double share = isLogarithmic ? Math.Log(2) / Math.Log(101) : 1.0 / (maximum - minimum + 1);
        Assert.AreEqual(share, drawn.Count(value => value == minimum) / 70.0, 1 / 70.0);
    }

    [TestMethod]
    public void OneAlternativeTurnsTheOthersOff()
    {
        var options = new PasstOptions { Config = { PatchoutTime = 5, PatchoutFrequency = 4, PatchoutUnstructured = 9 } };

        PasstConfig structured = AudioSearchSpace.Apply(Point("Patchout", Parameter.FromString("Structured")), options).Config;
        PasstConfig unstructured = AudioSearchSpace.Apply(
            Point(("PatchoutUnstructured", Parameter.FromInt(7)), ("Patchout", Parameter.FromString("Unstructured"))), options).Config;

        Assert.AreEqual(
            (5, 4, 0), (structured.PatchoutTime, structured.PatchoutFrequency, structured.PatchoutUnstructured));
        Assert.AreEqual(
            (0, 0, 7), (unstructured.PatchoutTime, unstructured.PatchoutFrequency, unstructured.PatchoutUnstructured));
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(
            () => AudioSearchSpace.Apply(Point("Patchout", Parameter.FromString("Both")), options));
        Assert.AreEqual("A sweep sets the choice 'Patchout' to 'Both'; expected one of Structured, Unstructured.", e.Message);
    }

    [TestMethod]
    public void TheFirstAlternativeIsTheOneInUseAndOptionsThatCombineThemHaveNone()
    {
        Assert.AreEqual("Structured", First(new PasstOptions()));
        Assert.AreEqual("Structured", First(PasstOptions.Esc50()));
        Assert.AreEqual("Unstructured", First(new PasstOptions { Config = PasstConfig.U }));
        Assert.IsFalse(AudioSearchSpace
            .Of(new PasstOptions { Config = { PatchoutTime = 1, PatchoutUnstructured = 1 } }).ContainsKey("Patchout"));

        static string First(PasstOptions options)
        {
            Space space = AudioSearchSpace.Of(options);
            return space.SampleFromFeatureSpace(space.Default)["Patchout"].AsType<string>();
        }
    }

    [TestMethod]
    public void AnyOptionCanBeAddedByItsNameOrPath()
    {
        var options = new DatarOptions { FrontEnd = LogMelOptions.Passt };
        Parameter point = Point(
            ("BatchSize", Parameter.FromInt(3)),
            ("Config.StemDim", Parameter.FromInt(48)),
            ("Stages[1].Heads", Parameter.FromInt(2)),
            ("MelBins", Parameter.FromInt(64)),
            ("MaskValue", Parameter.FromDouble(0.5)),
            ("Order", Parameter.FromString("Balanced")),
            ("Adaptor", Parameter.FromString("Laplacian")),
            ("ClassWeights", Parameter.FromIEnumerable(new[] { 1.0, 2.0 })),
            ("Seed", Parameter.FromInt(5)));

        DatarOptions changed = AudioSearchSpace.Apply(point, options);

        Assert.AreEqual((3, 48, 2, 64), (
            changed.BatchSize, changed.Config.StemDim, changed.Config.Stages[1].Heads, changed.FrontEnd!.MelBins));
        Assert.AreEqual((0.5f, ClipOrder.Balanced, DatarAdaptor.Laplacian, 5), (
            changed.Augmentation.MaskValue, changed.Sampling.Order, changed.Config.Adaptor, changed.Seed));
        CollectionAssert.AreEqual(new[] { 1f, 2f }, changed.Optimization.ClassWeights);
        AssertEqualOptions(new DatarOptions { FrontEnd = LogMelOptions.Passt }, options, "the sweep's options stay");
    }

    [TestMethod]
    public void ListsAreChoicesToo()
    {
        var space = new Space { ["Depths"] = new ChoiceOption(new[] { 2, 2 }, new[] { 2, 4, 2 }) };

        HtsAtOptions changed = AudioSearchSpace.Apply(space.SampleFromFeatureSpace([0.9]), new HtsAtOptions());

        CollectionAssert.AreEqual(new[] { 2, 4, 2 }, changed.Config.Depths.ToArray());
    }

    [TestMethod]
    public void WhatMeansNoOptionIsNamedWithThoseThereAre()
    {
        string unknown = Refused("PatchoutTmie", new ChoiceOption(1, 2));
        StringAssert.StartsWith(unknown, "A sweep names 'PatchoutTmie', which is no option of PasstOptions that can be swept; "
            + "expected one of LabelColumnName, ", StringComparison.Ordinal);
        foreach (string known in (string[])["PatchoutTime", "LearningRate", "TimeMaskFrames", "Precision", "Patchout"])
        {
            StringAssert.Contains(unknown, $", {known}", StringComparison.Ordinal);
        }

        StringAssert.Contains(Refused("ValidationSet", new ChoiceOption("a", "b")), "'ValidationSet', which is no option");
        StringAssert.Contains(Refused("Config", new Space { ["Depth"] = new ChoiceOption(3, 4) }), "'Config', which is no option");
        StringAssert.Contains(Refused("RecipeName", new ChoiceOption("a", "b")), "'RecipeName', which is no option");
        Assert.AreEqual(
            "A sweep names 'Heads', which means several options of DatarOptions; expected the path of one of "
                + "Config.Stages[0].Heads, Config.Stages[1].Heads, Config.Stages[2].Heads, Config.Stages[3].Heads.",
            Assert.ThrowsExactly<ArgumentException>(
                () => AudioSearchSpace.Apply(Point("Heads", Parameter.FromInt(2)), new DatarOptions())).Message);
    }

    [TestMethod]
    public void AValueOfAnotherTypeIsNamed()
    {
        Assert.AreEqual(
            "A sweep sets the option 'Precision' to \"Half\"; expected one of Auto, Float32, BFloat16.",
            Refused("Precision", new ChoiceOption("Half", "Quarter")));
        Assert.AreEqual(
            "A sweep sets the option 'Depth' to 2.5; expected a value of type Int32.",
            Refused("Depth", new UniformDoubleOption(2, 3, defaultValue: 2.5)));
    }

    [TestMethod]
    public void ATrialLeavesTheOptionsOfTheSweepAsTheyAre()
    {
        var options = new PasstOptions();
        var mlContext = new MLContext(seed: 1);

        SweepableEstimator sweepable = mlContext.Auto().Passt(options);
        sweepable.BuildFromOption(mlContext, Point(("MixupAlpha", Parameter.FromDouble(0.5)), ("Depth", Parameter.FromInt(4))));

        Assert.AreEqual((0.0, 12), (options.Augmentation.MixupAlpha, options.Config.Depth));
    }

    [TestMethod]
    public void WhatIsNotSweptStays()
    {
        var options = new AstOptions { Config = { Depth = 5 }, Augmentation = { TimeRollFrames = 6 } };

        AstOptions changed = AudioSearchSpace.Apply(
            Point(
                ("MixupAlpha", Parameter.FromDouble(0.3)),
                ("FrequencyMaskBins", Parameter.FromInt(2)),
                ("Precision", Parameter.FromString("BFloat16"))),
            options);

        Assert.AreEqual((5, 6, 1e-5), (changed.Config.Depth, changed.Augmentation.TimeRollFrames, changed.LearningRate));
        Assert.AreEqual(AudioPrecision.BFloat16, changed.Optimization.Precision);
        Assert.AreEqual((0.3, 2), (changed.Augmentation.MixupAlpha, changed.Augmentation.FrequencyMaskBins));
    }

    [TestMethod]
    public void EveryTaskHasASweepableTrainer()
    {
        var mlContext = new MLContext(seed: 1);

        foreach (ModelFamily family in ModelFamilies.All)
        {
            AudioTrainerOptions options = family.CreateOptions();
            Assert.IsInstanceOfType<AudioClassificationTrainer>(Build(mlContext.Auto().AudioClassification(options)));
            Assert.IsInstanceOfType<AudioTaggingTrainer>(Build(mlContext.Auto().AudioTagging(options)));
            Assert.IsInstanceOfType<ActionRecognitionTrainer>(Build(mlContext.Auto().ActionRecognition(new() { Model = options })));
            if (family.HasPresenceMap)
            {
                Assert.IsInstanceOfType<SoundEventDetectionTrainer>(
                    Build(mlContext.Auto().SoundEventDetection(new() { Model = options })));
            }
        }

        IEstimator<ITransformer> Build(SweepableEstimator sweepable) => sweepable.BuildFromOption(mlContext, sweepable.Parameter);
    }

    private static string Refused(string name, OptionBase option)
    {
        var mlContext = new MLContext(seed: 1);
        return Assert.ThrowsExactly<ArgumentException>(
            () => mlContext.Auto().Passt(searchSpace: new Space { [name] = option })).Message;
    }

    private static void AssertRange(
        double minimum, double maximum, string name, AudioTrainerOptions options, Func<AudioTrainerOptions, Space>? spaceOf = null)
    {
        var range = (UniformNumericOption)(spaceOf ?? AudioSearchSpace.Of)(options)[name];
        Assert.AreEqual(minimum, range.Min, 1e-9 * minimum);
        Assert.AreEqual(maximum, range.Max, 1e-9 * maximum);
    }

    private static void AssertEqualOptions(IOptionGroup expected, IOptionGroup actual, string message)
    {
        foreach ((OptionPath one, OptionPath other) in OptionPath.All(expected).Zip(OptionPath.All(actual)))
        {
            Assert.AreEqual(one.Path, other.Path, message);
            if (one.Value is double value)
            {
                Assert.AreEqual(value, (double)other.Value!, 1e-12 * Math.Abs(value), $"{message}: {one.Path}");
            }
            else if (one.Declaration is { IsPlain: true, IsList: false })
            {
                Assert.AreEqual(one.Value, other.Value, $"{message}: {one.Path}");
            }
        }
    }

    private static Parameter Point(string name, Parameter value) => Point((name, value));

    private static Parameter Point(params (string Name, Parameter Value)[] values) =>
        Parameter.CreateNestedParameter([.. values.Select(item => KeyValuePair.Create(item.Name, item.Value))]);
}
