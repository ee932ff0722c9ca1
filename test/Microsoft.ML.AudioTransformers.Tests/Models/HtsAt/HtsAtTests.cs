using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using TorchSharp;
using TorchSharp.Modules;
using static Microsoft.ML.AudioTransformers.Tests.Models.TinyHtsAt;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public class HtsAtTests
{
    private static readonly HtsAtConfig s_tiny = TinyHtsAt.Config;

    [TestMethod]
    public void HasThePapersParameters()
    {
        using HtsAt full = new(HtsAtConfig.HC, new Generator(1));
        using HtsAt hierarchy = new(HtsAtConfig.H, new Generator(1));

        // The two differ by the token-semantic layer and by what the head takes, classes or tokens.
        const int tokenSemantic = (768 * 527 * 2 * 3) + 527;
        Assert.AreEqual(30_241_687, Count(full));
        Assert.AreEqual(27_939_751, Count(hierarchy));
        Assert.AreEqual(tokenSemantic + (527 * 527) - (768 * 527), Count(full) - Count(hierarchy));

        // The paper writes 31 M and 28.8 M (Table 1). In its code the Fourier transform and the mel filters are parameters
        // too, though fixed; with them it is 31.3 M, and 28.896 M when only the token-semantic layer is taken off.
        const int frontEnd = (2 * 513 * 1024) + (513 * 64);
        Assert.AreEqual(31_325_143, Count(full) + frontEnd);
        Assert.AreEqual(28_896_200, Count(full) + frontEnd - tokenSemantic);
    }

    [TestMethod]
    public void SizesOfThePaper()
    {
        HtsAtConfig paper = HtsAtConfig.HC;

        Assert.AreEqual(1024, paper.Frames);
        Assert.AreEqual(4, paper.TimeWindows);
        Assert.AreEqual(32, paper.Steps);
        Assert.AreEqual(32, paper.FramesPerStep);
        Assert.AreEqual(768, paper.FinalDim);
    }

    /// <summary>
    /// Weights between tokens that were not neighbours are 0: the official code's score of -100 leaves 4e-44, which is no
    /// normal number, and slow.
    /// </summary>
    [TestMethod]
    public void MaskedWeightsAreZero()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1);
        using var attention = new WindowAttention(
            dim: 8, heads: 2, height: 8, width: 8, window: 4, shift: 2, generator);
        using IDisposable guard = no_grad();
        (_, Tensor weights) = attention.Attend(randn([1, 8, 8, 8], generator: generator));
        float[] actual = weights.data<float>().ToArray();

        // Of four windows the first holds neighbours alone, the next two halves, and the last quarters: in the last, for
        // each of 16 tokens 4 are of its region.
        Assert.AreEqual(2 * ((16 * 8) + (16 * 8) + (16 * 12)), actual.Count(weight => weight == 0));
        Assert.IsTrue(actual.All(weight => weight == 0 || float.IsNormal(weight)));
    }

    [TestMethod]
    public void SameSeedSameWeights()
    {
        using HtsAt first = new(s_tiny, new Generator(3));
        using HtsAt again = new(s_tiny, new Generator(3));
        using HtsAt other = new(s_tiny, new Generator(4));

        float[] weights = Weights(first);
        CollectionAssert.AreEqual(weights, Weights(again));
        CollectionAssert.AreNotEqual(weights, Weights(other));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void EveryParameterLearnsButTheUnusedHead(bool isTokenSemantic)
    {
        HtsAtConfig options = s_tiny with { TokenSemantic = isTokenSemantic, AbsolutePositions = true, DropPath = 0 };
        using HtsAt model = new(options, new Generator(1));
        using DisposeScope scope = NewDisposeScope();

        nn.functional.cross_entropy(model.call(Clips(4, 128)), tensor([0L, 1L, 2L, 0L])).backward();

        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            bool isUnused = isTokenSemantic && name.StartsWith("head.", StringComparison.Ordinal);
            bool learns = parameter.grad is { } gradient && gradient.abs().max().item<float>() > 0;
            Assert.AreEqual(!isUnused, learns, name);
        }
    }

    [TestMethod]
    public void LinearSoftmaxWeighsProbabilitiesByThemselves()
    {
        using HtsAt model = Evaluating(s_tiny with { Pooling = HtsAtPooling.LinearSoftmax });
        using DisposeScope scope = NewDisposeScope();
        Tensor clips = Clips(2, 128);

        PresenceDetection found = model.Detect(clips);

        Tensor expected = (found.Presence * found.Presence).sum(1) / found.Presence.sum(1);
        AssertClose(expected, found.Scores, HtsAtShortClips.Resize);
        AssertClose(found.Scores, model.call(clips).sigmoid(), HtsAtShortClips.Resize);
    }

    [TestMethod]
    public void StepsCanBeLearned()
    {
        using HtsAt model = new(s_tiny with { DropPath = 0 }, new Generator(1)) { LearnsSteps = true };
        using DisposeScope scope = NewDisposeScope();
        Tensor clips = Clips(2, 128);

        CollectionAssert.AreEqual(new long[] { 2, 16 * 3 }, model.call(clips).shape);
        model.eval();
        CollectionAssert.AreEqual(new long[] { 2, 3 }, model.call(clips).shape);
    }

    [TestMethod]
    public void TrainingFollowsFromTheGeneratorsSeed()
    {
        HtsAtConfig options = s_tiny with { DropPath = 0.5 };
        using HtsAt model = new(options, new Generator(1));
        using DisposeScope scope = NewDisposeScope();

        // Longer than an image, so that a part is chosen too.
        Tensor clips = Clips(4, 300);
        float[] Step(ulong seed)
        {
            model.Generator.manual_seed((long)seed);
            return Values(model.call(clips));
        }

        float[] first = Step(5);
        CollectionAssert.AreEqual(first, Step(5));
        CollectionAssert.AreNotEqual(first, Step(6));
    }

    [TestMethod]
    public void BatchesAreTheirClips()
    {
        foreach (HtsAtShortClips kind in Enum.GetValues<HtsAtShortClips>())
        {
            using HtsAt model = Evaluating(s_tiny with { ShortClips = kind, AttentionHeatmap = true });
            using DisposeScope scope = NewDisposeScope();
            Tensor clips = Clips(3, 100);

            PresenceDetection together = model.Detect(clips);
            PresenceDetection second = model.Detect(clips.narrow(0, 1, 1));

            AssertClose(second.Scores, together.Scores.narrow(0, 1, 1), kind);
            AssertClose(second.Presence, together.Presence.narrow(0, 1, 1), kind);
            AssertClose(second.Embedding, together.Embedding.narrow(0, 1, 1), kind);
            AssertClose(together.Embedding, model.Embed(clips), kind);
        }
    }

    [TestMethod]
    public void KeepsNoTensors()
    {
        using HtsAt model = new(s_tiny, new Generator(1));
        using DisposeScope scope = NewDisposeScope();
        Tensor clips = Clips(2, 300);

        LeakCheck.NoGrowth(() => LiveTensors.Count, () => model.call(clips).Dispose(), steps: 20, warmUp: 2);
        model.eval();
        LeakCheck.NoGrowth(
            () => LiveTensors.Count,
            () =>
            {
                using DisposeScope inner = NewDisposeScope();
                model.Detect(clips);
            },
            steps: 20,
            warmUp: 2);
    }

    [TestMethod]
    public void DisposedModelLeavesNoTables()
    {
        // Making a network moves TorchSharp's count by itself, so an unused one is what to compare with.
        static long Left(Action<HtsAt> use) => LiveTensors.LeftBy(() =>
        {
            using HtsAt model = Evaluating(s_tiny);
            use(model);
        });

        long unused = Left(_ => { });
        long used = Left(model =>
        {
            using DisposeScope scope = NewDisposeScope();
            model.call(Clips(1, 128));
        });

        Assert.AreEqual(unused, used);
    }

    [TestMethod]
    public void RunsInBfloat16()
    {
        using HtsAt model = Evaluating(s_tiny);
        using DisposeScope scope = NewDisposeScope();
        Tensor clips = Clips(1, 128);
        float[] wide = Values(model.Detect(clips).Scores);

        model.to(ScalarType.BFloat16);

        float[] narrow = Values(model.Detect(clips).Scores);
        Assert.IsTrue(wide.Zip(narrow).All(pair => Math.Abs(pair.First - pair.Second) < 0.02));
    }

    [TestMethod]
    [DataRow(new long[] { 1, 8, 128 })]
    [DataRow(new long[] { 1, 2, 128, 8 })]
    [DataRow(new long[] { 1, 1, 128, 9 })]
    [DataRow(new long[] { 1, 1, 0, 8 })]
    public void RefusesOtherShapes(long[] shape)
    {
        using HtsAt model = Evaluating(s_tiny);
        using DisposeScope scope = NewDisposeScope();

        var error = Assert.ThrowsExactly<ArgumentException>(() => model.call(zeros(shape)));

        StringAssert.Contains(error.Message, "(batch, 1, frames, 8)");
        StringAssert.Contains(error.Message, string.Join(", ", shape));
    }

    [TestMethod]
    public void OptionsOutOfRange()
    {
        (string Name, HtsAtConfig Options)[] wrong =
        [
            ("ImageSize", s_tiny with { ImageSize = 0 }),
            ("MelBins", s_tiny with { MelBins = 0 }),
            ("Config.ImageSize", s_tiny with { MelBins = 33 }),
            ("Config.ImageSize", s_tiny with { MelBins = 10 }),
            ("Config.ImageSize", s_tiny with { MelBins = 4 }),
            ("PatchSize", s_tiny with { PatchSize = 0 }),
            ("StrideTime", s_tiny with { StrideTime = 3 }),
            ("StrideTime", s_tiny with { StrideTime = 5 }),
            ("StrideFrequency", s_tiny with { StrideFrequency = 0 }),
            ("StrideFrequency", s_tiny with { Depths = [1, 1, 1, 1, 1], Heads = [1, 1, 1, 1, 1] }),
            ("EmbedDim", s_tiny with { EmbedDim = 0 }),
            ("Depths", s_tiny with { Depths = [] }),
            ("Depths[1]", s_tiny with { Depths = [1, 0] }),
            ("Heads", s_tiny with { Heads = [1] }),
            ("Heads[0]", s_tiny with { Heads = [3, 2] }),
            ("WindowSize", s_tiny with { WindowSize = 3 }),
            ("MlpRatio", s_tiny with { MlpRatio = double.NaN }),
            ("DropPath", s_tiny with { DropPath = 1 }),
            ("Classes", s_tiny with { Classes = 0 }),
            ("Pooling", s_tiny with { Pooling = (HtsAtPooling)9 }),
            ("ShortClips", s_tiny with { ShortClips = (HtsAtShortClips)9 }),
            ("LongClips", s_tiny with { LongClips = (HtsAtLongClips)9 }),
        ];
        foreach ((string name, HtsAtConfig options) in wrong)
        {
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(options.Validate, name);
            StringAssert.Contains(error.Message, $"Option {name} is ");
        }

        s_tiny.Validate();
    }

    private static float[] Weights(nn.Module module) => [.. module.parameters().SelectMany(Values)];

    private static long Count(nn.Module module) => module.parameters().Sum(parameter => parameter.numel());
}
