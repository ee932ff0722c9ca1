using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

/// <summary>Sizes, random choices and checks of PaSST, which need no reference values.</summary>
[TestClass]
public class PasstPatchoutTests
{
    private static readonly PasstConfig s_small = new()
    {
        InputFrequency = 48, InputTime = 120, EmbedDim = 16, Depth = 2, Heads = 2, Classes = 3,
    };

    [TestMethod]
    public void PresetsHaveTheSequenceLengthsOfTable1()
    {
        Assert.AreEqual(1190, PasstConfig.B.TrainingSequenceLength);
        Assert.AreEqual(790, PasstConfig.U.TrainingSequenceLength);
        Assert.AreEqual(474, PasstConfig.S.TrainingSequenceLength);
        Assert.AreEqual(474, PasstConfig.SL.TrainingSequenceLength);
        Assert.AreEqual(498, PasstConfig.N.TrainingSequenceLength);
        Assert.AreEqual(254, PasstConfig.SN.TrainingSequenceLength);
        Assert.AreEqual(1190, PasstConfig.S.SequenceLength);
        Assert.AreEqual(498, PasstConfig.SN.SequenceLength);
        Assert.AreEqual(1190, PasstConfig.L.TrainingSequenceLength);
    }

    [TestMethod]
    public void ThePapersModelHas86MillionParametersAndTheLightOne50()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        using Passt model = new(PasstConfig.B, generator);
        Dictionary<string, long> sizes = model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter.NumberOfElements);
        long block = sizes.Where(pair => pair.Key.StartsWith("blocks.0.", StringComparison.Ordinal)).Sum(pair => pair.Value);
        long all = sizes.Values.Sum();
        int removed = PasstConfig.L.Depth - PasstConfig.L.KeptBlocks().Count;

        Assert.AreEqual(86.2, Math.Round(all / 1e6, 1));
        Assert.AreEqual(50.7, Math.Round((all - (removed * block)) / 1e6, 1));
        Assert.AreEqual(7, PasstConfig.L.KeptBlocks().Count);
    }

    [TestMethod]
    [DataRow(12, 0, new[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 })]
    [DataRow(12, -2, new[] { 0, 1, 3, 5, 7, 9, 11 })]
    [DataRow(6, -2, new[] { 0, 1, 3, 5 })]
    [DataRow(12, -3, new[] { 0, 1, 4, 7, 10, 11 })]
    [DataRow(5, 2, new[] { 0, 3, 4 })]
    [DataRow(1, -2, new[] { 0 })]
    public void ALightModelKeepsTheBlocksOfTheOfficialCode(int depth, int cutDepth, int[] kept) =>
        CollectionAssert.AreEqual(kept, new PasstConfig { Depth = depth, CutDepth = cutDepth }.KeptBlocks().ToArray());

    [TestMethod]
    public void PatchoutShortensTheSequenceInTrainingOnly()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        PasstConfig options = s_small with { PatchoutTime = 3, PatchoutFrequency = 1, PatchoutUnstructured = 5 };
        Passt model = new(options, generator);
        Tensor input = randn(2, 1, 48, 120);
        Tensor patches = model.patch_embed.call(input);

        Assert.AreEqual((3 * 8) - 5 + 2, options.TrainingSequenceLength);
        Assert.AreEqual(options.TrainingSequenceLength, model.Tokens(patches, model.DrawPatchout(input)).shape[1]);
        Assert.AreEqual(options.SequenceLength, model.Tokens(patches, PasstPatchout.None).shape[1]);
        model.eval();
        Assert.IsTrue(model.call(input).allclose(model.call(input)));
        model.train();
        Assert.IsFalse(model.call(input).allclose(model.call(input)));
    }

    [TestMethod]
    public void PatchoutKeepsEveryPatchAboutAsOften()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        Passt model = new(s_small with { PatchoutTime = 4, PatchoutFrequency = 1, PatchoutUnstructured = 6 }, generator);
        Tensor input = zeros(1, 1, 48, 120);
        int[] times = new int[11];
        int[] frequencies = new int[4];
        int[] tokens = new int[3 * 7];
        const int draws = 3000;
        for (int i = 0; i < draws; i++)
        {
            PasstPatchout patchout = model.DrawPatchout(input);
            Count(times, patchout.Times!);
            Count(frequencies, patchout.Frequencies!);
            Count(tokens, patchout.Tokens!);
        }

        AssertEven(times, draws * 7 / 11.0);
        AssertEven(frequencies, draws * 3 / 4.0);
        AssertEven(tokens, draws * 15 / 21.0);
    }

    [TestMethod]
    public void AShorterClipTakesEveryPlaceInTraining()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        Passt model = new(s_small, generator);
        Tensor input = zeros(1, 1, 48, 100);

        // 9 columns of patches lie at 12 positions.
        int[] offsets = [.. Enumerable.Range(0, 200).Select(_ => model.DrawPatchout(input).TimeOffset)];

        CollectionAssert.AreEquivalent(new[] { 0, 1, 2, 3 }, offsets.Distinct().ToArray());
    }

    [TestMethod]
    public void ASeedFixesWeightsAndPatchout()
    {
        using DisposeScope scope = NewDisposeScope();
        PasstConfig options = s_small with { PatchoutTime = 3, DropPath = 0.3 };
        Tensor input = randn(4, 1, 48, 100);
        Tensor[] logits = [.. new ulong[] { 7, 7, 8 }.Select(seed =>
        {
            Generator generator = new(seed);
            return new Passt(options, generator).call(input);
        })];

        Assert.IsTrue(logits[0].allclose(logits[1], 0, 0));
        Assert.IsFalse(logits[0].allclose(logits[2]));
    }

    [TestMethod]
    public void InitialWeightsAreThoseOfAVisionTransformer()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        Passt model = new(s_small with { EmbedDim = 64 }, generator);
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            float[] values = parameter.detach().data<float>().ToArray();
            double deviation = Math.Sqrt(values.Average(value => (double)value * value));
            double expected = name switch
            {
                _ when name.Contains("norm", StringComparison.Ordinal) || name.StartsWith("head.0", StringComparison.Ordinal) =>
                    name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0,
                "patch_embed.proj.weight" or "patch_embed.proj.bias" => 1 / Math.Sqrt(3) / 16,
                _ => name.EndsWith("bias", StringComparison.Ordinal) ? 0 : 0.02,
            };
            Assert.AreEqual(expected, deviation, expected is 0 or 1 ? 0 : expected * 4 / Math.Sqrt(values.Length), name);
        }
    }

    [TestMethod]
    public void SixtyFourBinsWithAStrideOfTenWork()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        Passt model = new(s_small with { InputFrequency = 64 }, generator);

        Assert.AreEqual(5, model.Options.FrequencyPatches);
        CollectionAssert.AreEqual(new long[] { 1, 3 }, model.call(randn(1, 1, 64, 120)).shape);
    }

    [TestMethod]
    public void ALongerClipIsCutWithOneWarning()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        List<string> warnings = [];
        Passt model = new(s_small, generator) { Warning = warnings.Add };
        model.eval();
        Tensor input = randn(1, 1, 48, 200);

        Tensor whole = model.call(input);
        Tensor cut = model.call(input.narrow(3, 0, 126));
        model.call(input.narrow(3, 0, 120));

        Assert.IsTrue(whole.allclose(cut, 0, 1e-6));
        Assert.HasCount(1, warnings);
        StringAssert.Contains(warnings[0], "200 frames is longer than the 120");
    }

    [TestMethod]
    public void AnInputOfAnotherShapeIsAnError()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        Passt model = new(s_small with { PatchoutTime = 6 }, generator);
        foreach (Tensor input in new[] { zeros(1, 1, 47, 120), zeros(1, 2, 48, 120), zeros(1, 48, 120), zeros(1, 1, 48, 15) })
        {
            ArgumentException exception = Assert.ThrowsExactly<ArgumentException>(() => model.call(input));
            StringAssert.Contains(exception.Message, "PaSST takes (batch, 1, 48, at least 16 frames)");
        }

        // In training, Patchout must leave something.
        ArgumentException nothingLeft = Assert.ThrowsExactly<ArgumentException>(() => model.call(zeros(1, 1, 48, 60)));
        StringAssert.Contains(nothingLeft.Message, "PatchoutTime 6");
        model.eval();
        model.call(zeros(1, 1, 48, 60));
    }

    [TestMethod]
    public void AnOptionOutOfRangeIsNamed()
    {
        AssertRefused(s_small with { Heads = 3 }, "EmbedDim is 16; expected a multiple of Heads, 3");
        AssertRefused(s_small with { InputTime = 15 }, "Config.PatchSize is 16; expected at most the 15 frames of the features");
        AssertRefused(s_small with { PatchoutTime = 11 }, "PatchoutTime is 11; expected less than the 11 columns");
        AssertRefused(s_small with { PatchoutFrequency = 4 }, "PatchoutFrequency is 4; expected less than the 4 rows");
        AssertRefused(s_small with { PatchoutUnstructured = 44 }, "PatchoutUnstructured is 44; expected less than the 44 patches");
        AssertRefused(s_small with { CutDepth = 1 }, "CutDepth is 1");
        AssertRefused(s_small with { DropPath = 1 }, "DropPath is 1");
        AssertRefused(s_small with { Classes = 0 }, "Classes is 0; expected 1 or more");

        static void AssertRefused(PasstConfig options, string message) => StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(options.Validate).Message, message);
    }

    [TestMethod]
    public void OptionsGoThroughJson()
    {
        PasstConfig options = PasstConfig.SN with { EmbedDim = 24, Heads = 3, CutDepth = -2, Distilled = false, DropPath = 0.1 };
        Assert.AreEqual(options, JsonSerializer.Deserialize<PasstConfig>(JsonSerializer.Serialize(options)));
    }

    [TestMethod]
    public void StochasticDepthDropsWholeSamplesInTrainingAndNothingElse()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(3);
        DropPath path = new(0.25, generator);
        Tensor input = ones(2000, 3, 2);

        float[] values = path.call(input).data<float>().ToArray();

        double kept = values.Chunk(6).Count(sample => sample.All(value => Math.Abs(value - (1 / 0.75)) < 1e-6)) / 2000.0;
        double dropped = values.Chunk(6).Count(sample => sample.All(value => value == 0)) / 2000.0;
        Assert.AreEqual(1, kept + dropped, 1e-9);
        Assert.AreEqual(0.75, kept, 0.04);
        path.eval();
        Assert.IsTrue(path.call(input).allclose(input, 0, 0));
    }

    [TestMethod]
    public void BFloat16IsCloseToFloat32()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        Passt model = new(s_small, generator);
        model.eval();
        Tensor input = randn(2, 1, 48, 120);
        Tensor exact = model.call(input);

        model.to(ScalarType.BFloat16);
        Tensor rounded = model.call(input);

        Assert.AreEqual(ScalarType.Float32, rounded.dtype);
        Assert.IsTrue(rounded.allclose(exact, 0.05, 0.02), "bfloat16 is further off than its eight bits explain");
    }

    [TestMethod]
    public void NoTensorIsLeftBehind()
    {
        using Generator generator = new(1);
        using Passt model = new(s_small with { PatchoutTime = 3, PatchoutUnstructured = 2, DropPath = 0.1 }, generator);
        LeakCheck.NoGrowth(() => LiveTensors.Count, Predict, 20);
        LeakCheck.NoGrowth(() => LiveTensors.Count, Train, 20);

        void Predict()
        {
            using IDisposable guard = no_grad();
            using Tensor input = zeros(2, 1, 48, 120);
            model.eval();
            model.call(input).Dispose();
        }

        void Train()
        {
            using DisposeScope scope = NewDisposeScope();
            model.train();
            model.call(zeros(2, 1, 48, 100)).sum().backward();
        }
    }

    private static void Count(int[] counts, long[] indices)
    {
        Assert.IsTrue(indices.SequenceEqual(indices.Distinct().Order()), "kept indices are in order and distinct");
        foreach (long index in indices)
        {
            counts[index]++;
        }
    }

    private static void AssertEven(int[] counts, double expected)
    {
        foreach (int count in counts)
        {
            // Five deviations of a binomial distribution, at most.
            Assert.AreEqual(expected, count, 5 * Math.Sqrt(expected), string.Join(", ", counts));
        }
    }
}
