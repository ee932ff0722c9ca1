using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.FrontEnds;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public sealed class BatchCollatorTests
{
    private static readonly FeatureShape s_shape = new(2, 3);

    /// <summary>Clip i holds the number i everywhere and has the class i, so a feature tells the mixture.</summary>
    [TestMethod]
    public void MixedLabelsAreMixedAsTheFeaturesAre()
    {
        ClipBatch batch = Prepare(new AugmentationPlan { FeatureMixup = new Mixup(1, 1), MixLabels = true });

        Assert.IsNotNull(batch.Targets);
        for (int i = 0; i < 8; i++)
        {
            float[] targets = batch.Targets[(i * 8)..(i * 8 + 8)];
            Assert.AreEqual(1, targets.Sum(), 1e-5);
            Assert.IsTrue(targets[i] >= 0.5f, "the greater part is the clip's own");
            Assert.AreEqual(targets.Select((share, label) => share * label).Sum(), batch.Features[i * 6], 1e-5);
        }

        Assert.IsTrue(Enumerable.Range(0, 8).Any(i => batch.Targets[i * 8 + i] < 0.99f));
    }

    [TestMethod]
    public void WaveformsAreMixedWithAnyClipOfTheSet()
    {
        ClipBatch batch = Prepare(
            new AugmentationPlan { WaveformMixup = new Mixup(2, 1), MixLabels = true }, start: 0, count: 2);

        for (int i = 0; i < 2; i++)
        {
            float[] targets = batch.Targets![(i * 8)..(i * 8 + 8)];
            Assert.AreEqual(targets.Select((share, label) => share * label).Sum(), batch.Features[i * 6], 1e-5);
        }

        Assert.IsTrue(batch.Targets!.Count(share => share > 0) > 2);
    }

    [TestMethod]
    public void LabelsStayWhereOnlyClipsAreMixed()
    {
        ClipBatch batch = Prepare(new AugmentationPlan { FeatureMixup = new Mixup(1, 1), MixLabels = false });

        Assert.IsNull(batch.Targets);
        CollectionAssert.AreEqual(Enumerable.Range(0, 8).Select(i => (long)i).ToArray(), batch.Labels);
        Assert.IsTrue(Enumerable.Range(0, 8).Any(i => batch.Features[i * 6] != i));
    }

    [TestMethod]
    public void WhatHappensToAClipFollowsFromItsPlaceAlone()
    {
        var plan = new AugmentationPlan
        {
            BeforeMixing = [new RandomGain(7)],
            WaveformMixup = new Mixup(2, 0.5),
            AfterMixing = [new WaveformRoll(2)],
            Features = [new TimeMask(1, 1, 0)],
            MixLabels = true,
        };
        ClipBatch whole = Prepare(plan);
        ClipBatch part = Prepare(plan, start: 3, count: 2);

        CollectionAssert.AreEqual(whole.Features[18..30], part.Features);
        CollectionAssert.AreEqual(whole.Targets![24..40], part.Targets);
        CollectionAssert.AreNotEqual(whole.Features, Prepare(plan, epoch: 1).Features);
        CollectionAssert.AreNotEqual(whole.Features, Prepare(plan, seed: 12).Features);
    }

    [TestMethod]
    public void BandEdgesMoveFromBatchToBatchAndNotWithinOne()
    {
        LogMelOptions options = LogMelOptions.CreatePasst(4000);
        (options.MelBins, options.HighFrequency, options.TargetSamples) = (8, 1800, 800);
        var reader = new WaveformReader(options);
        var plan = new AugmentationPlan { BandEdges = new RandomBandEdges(options, 10, 300, "low", "high") };
        float[] waveform = [.. Enumerable.Range(0, 800).Select(i => (float)Math.Sin(0.01 * i * i))];
        var clips = new ClipDataset();
        for (int i = 0; i < 4; i++)
        {
            clips.Add(waveform, 0, i);
        }

        float[] Clip(AugmentationPlan plan, int start, int place, int epoch = 0)
        {
            ClipBatch batch = new BatchCollator(clips, reader, plan, 1, seed: 3).Collate([0, 1, 2, 3], start, new(0, 2, 2), epoch);
            return batch.Features[(place * reader.Shape.Length)..((place + 1) * reader.Shape.Length)];
        }

        CollectionAssert.AreEqual(Clip(plan, 0, 0), Clip(plan, 0, 1));
        CollectionAssert.AreEqual(Clip(plan, 2, 0), Clip(plan, 2, 0));
        CollectionAssert.AreNotEqual(Clip(plan, 0, 0), Clip(plan, 2, 0));
        CollectionAssert.AreNotEqual(Clip(plan, 0, 0), Clip(plan, 0, 0, epoch: 1));
        CollectionAssert.AreEqual(new LogMelExtractor(options).Extract(waveform), Clip(AugmentationPlan.None, 0, 0));
        CollectionAssert.AreNotEqual(Clip(AugmentationPlan.None, 0, 0), Clip(plan, 0, 0));
    }

    [TestMethod]
    public void SourceSkipsWhatAResumedRunHasHad()
    {
        ClipDataset clips = Clips();
        EpochSampler order = EpochSampler.Shuffled(8, seed: 2);
        BatchLoader source = BatchLoader.ForTraining(clips, new Reader(), order, AugmentationPlan.None, 8, seed: 2);

        long[][] all = [.. source.Batches(3, epoch: 1).Select(batch => batch.Labels)];
        long[][] rest = [.. source.Batches(3, epoch: 1, skip: 2).Select(batch => batch.Labels)];

        Assert.HasCount(3, all);
        CollectionAssert.AreEqual(all[2], rest.Single());
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 8).Select(i => (long)i).ToArray(), all.SelectMany(x => x).ToArray());
    }

    [TestMethod]
    public void BalancedEpochsHearRareClassesMore()
    {
        int[] labels = [.. Enumerable.Repeat(0, 90), .. Enumerable.Repeat(1, 10)];
        var options = new AudioSamplingOptions
        {
            Order = ClipOrder.Balanced, BalancedOffset = 0, SamplesPerEpoch = 1000, WithReplacement = true,
        };
        EpochSampler order = EpochSampler.Create(options, labels, 2, seed: 1);

        Assert.AreEqual(1000, order.Count);
        Assert.AreEqual(500, order.Indices(0).Count(clip => labels[clip] == 1), 60);
        CollectionAssert.AreEqual(order.Indices(1), order.Indices(1));
        CollectionAssert.AreNotEqual(order.Indices(0), order.Indices(1));

        options.WithReplacement = false;
        options.SamplesPerEpoch = 40;
        int[] drawn = EpochSampler.Create(options, labels, 2, seed: 1).Indices(0);
        Assert.AreEqual(40, drawn.Distinct().Count());
        Assert.IsTrue(drawn.Count(clip => labels[clip] == 1) >= 7);
    }

    [TestMethod]
    public void ShorterEpochsTakeOtherClipsEachTime()
    {
        var options = new AudioSamplingOptions { SamplesPerEpoch = 10 };
        EpochSampler order = EpochSampler.Create(options, new int[100], 1, seed: 1);

        Assert.AreEqual(10, order.Indices(0).Distinct().Count());
        Assert.IsTrue(Enumerable.Range(0, 60).SelectMany(order.Indices).Distinct().Count() > 95);
    }

    [TestMethod]
    public void MoreDifferentClipsThanThereAreAreRefused()
    {
        var options = new AudioSamplingOptions { SamplesPerEpoch = 11 };

        var exception = Assert.ThrowsExactly<InvalidDataException>(() => EpochSampler.Create(options, new int[10], 1, 1));

        StringAssert.Contains(exception.Message, "SamplesPerEpoch is 11, but the training set has 10");
    }

    [TestMethod]
    public void TagsAreTargets()
    {
        var clips = new ClipDataset();
        clips.Add([0, 0, 0, 0, 0, 0], [1, 0, float.NaN], 0);
        clips.Add([1, 1, 1, 1, 1, 1], [1, 1, 0], 1);

        ClipBatch plain = new BatchCollator(clips, new Reader(), AugmentationPlan.None, 3, seed: 1).Collate([0, 1], 0, new(0, 2, 2), 0);

        Assert.IsTrue(plain.HasTargets);
        CollectionAssert.AreEqual(new[] { 1, 0, float.NaN, 1, 1, 0 }, plain.Targets);
        CollectionAssert.AreEqual(new[] { 0 }, clips.LabelSets[0]);
        CollectionAssert.AreEqual(new[] { 0, 1 }, clips.LabelSets[1]);
        CollectionAssert.AreEqual(new[] { 2, 1, 0 }, clips.CountClasses(3));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void MixedClipsMixTheirTagsIfAsked(bool mixLabels)
    {
        var clips = new ClipDataset();
        clips.Add([0, 0, 0, 0, 0, 0], [1, 0], 0);
        clips.Add([1, 1, 1, 1, 1, 1], [1, 1], 1);
        var plan = new AugmentationPlan { FeatureMixup = new Mixup(1, 1), MixLabels = mixLabels };

        bool hasMixed = false;
        for (int epoch = 0; epoch < 20; epoch++)
        {
            ClipBatch batch = new BatchCollator(clips, new Reader(), plan, 2, seed: 1).Collate([0, 1], 0, new(0, 2, 2), epoch);
            for (int clip = 0; clip < 2; clip++)
            {
                // A feature is the second clip's share of the mixture, and so is its second tag.
                float second = batch.Features[clip * 6];
                hasMixed |= second is > 0 and < 1;
                Assert.AreEqual(1, batch.Targets![clip * 2], 1e-6);
                Assert.AreEqual(mixLabels ? second : clip, batch.Targets[(clip * 2) + 1], 1e-6);
            }
        }

        Assert.IsTrue(hasMixed);
    }

    private static ClipBatch Prepare(
        AugmentationPlan plan, int start = 0, int count = 8, int epoch = 0, int seed = 11) =>
        new BatchCollator(Clips(), new Reader(), plan, classCount: 8, seed)
            .Collate([.. Enumerable.Range(0, 8)], start, new(0, count, count), epoch);

    private static ClipDataset Clips()
    {
        var clips = new ClipDataset();
        for (int i = 0; i < 8; i++)
        {
            clips.Add([i, i, i, i, i, i], i, i);
        }

        return clips;
    }

    /// <summary>Takes the values as they are.</summary>
    private sealed class Reader() : FeatureReader(s_shape)
    {
        public override DataViewType ColumnType => NumberDataViewType.Single;

        public override void CheckColumn(DataViewSchema.Column column)
        {
        }

        public override void CheckValues(ReadOnlySpan<float> values, string column, long row)
        {
        }

        public override void ToFeatures(ReadOnlySpan<float> values, Span<float> features) => values.CopyTo(features);
    }
}
