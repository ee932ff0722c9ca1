using System.Globalization;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

/// <summary>Training sets that memory does not hold.</summary>
[TestClass]
public sealed class StreamedClipsTests
{
    private const int Count = 50;
    private const int BatchSize = 8;
    private const int Buffer = 10;

    [TestMethod]
    public void BatchesAreThoseOfTheSameOrderInMemory()
    {
        var plan = new AugmentationPlan { Features = [new TimeRoll(1)] };
        ClipDataset streamed = Read(out _);
        ClipDataset inMemory = Read(out _, isStreamed: false);

        for (int epoch = 0; epoch < 2; epoch++)
        {
            ClipBatch[] expected = [.. Source(inMemory, plan).Batches(BatchSize, epoch)];
            ClipBatch[] actual = [.. Source(streamed, plan).Batches(BatchSize, epoch)];

            Assert.HasCount(7, actual);
            AssertSame(expected, actual);
        }
    }

    [TestMethod]
    public void ALaterStartGivesTheSameBatchesWithoutReadingWhatWasHad()
    {
        ClipDataset clips = Read(out Reader reader);
        ClipBatch[] whole = [.. Source(clips, AugmentationPlan.None).Batches(BatchSize, epoch: 3)];
        Assert.AreEqual(Count, reader.Reads);
        reader.Reads = 0;

        ClipBatch[] rest = [.. Source(clips, AugmentationPlan.None).Batches(BatchSize, epoch: 3, skip: 4)];

        AssertSame(whole[4..], rest);
        Assert.AreEqual(Count - (4 * BatchSize), reader.Reads);
    }

    [TestMethod]
    public void NoMoreClipsAreHeldThanTheBufferHas()
    {
        ClipDataset clips = Read(out Reader reader);
        Assert.AreEqual(0, reader.Reads, "labels alone were read");
        int[] order = Order(clips).Indices(1);
        using ClipRows.Stream stream = clips.Rows!.Open(order, 0);
        foreach (int clip in order)
        {
            Assert.AreEqual(clip, stream.Next().Read()[0]);
            Assert.IsLessThanOrEqualTo(Buffer, stream.BufferedCount);
        }

        Assert.AreEqual(0, stream.BufferedCount);
    }

    [TestMethod]
    public void TheHashKnowsLabelsAndSomeOfTheValues()
    {
        string hash = Read(out Reader reader).Hash();

        Assert.AreEqual(hash, Read(out _).Hash());
        Assert.AreNotEqual(hash, Read(out _, change: clip => clip.Features[1]++).Hash());
        Assert.AreNotEqual(hash, Read(out _, count: Count - 1).Hash());
        Assert.IsLessThan(Count, reader.Reads);
    }

    [TestMethod]
    public void WaveformsAreMixedWithThoseOfTheirBatch()
    {
        var plan = new AugmentationPlan { WaveformMixup = new Mixup(1, 1), MixLabels = true };
        ClipBatch[] batches = [.. Source(Read(out _), plan).Batches(BatchSize, epoch: 0)];
        int[] order = Order(Read(out _)).Indices(0);
        bool isMixed = false;
        for (int i = 0; i < batches.Length; i++)
        {
            int[] own = order[(i * BatchSize)..Math.Min(Count, (i + 1) * BatchSize)];
            for (int clip = 0; clip < own.Length; clip++)
            {
                // The first value is the clip's number.
                float mixed = batches[i].Features[clip * 4];
                Assert.IsTrue(mixed >= own.Min() && mixed <= own.Max(), "mixed with a clip that was not there");
                isMixed |= mixed != own[clip];
            }
        }

        Assert.IsTrue(isMixed);
    }

    [TestMethod]
    public void ValidationReadsEveryRowInOrder()
    {
        ClipBatch[] batches = [.. BatchLoader.ForValidation(Read(out _), new Reader()).Batches(BatchSize, epoch: 0)];

        CollectionAssert.AreEqual(
            Enumerable.Range(0, Count).Select(i => (float)i).ToArray(),
            batches.SelectMany(batch => Enumerable.Range(0, batch.Count).Select(i => batch.Features[i * 4])).ToArray());
    }

    [TestMethod]
    public void FewerRowsThanBeforeAreToldOf()
    {
        int count = Count;
        IDataView rows = new MLContext().Data.LoadFromEnumerable(
            Enumerable.Range(0, int.MaxValue).TakeWhile(i => i < count).Select(Clip));
        ClipDataset clips = Read(rows, isStreamed: true, new Reader());
        count = 30;

        var exception = Assert.ThrowsExactly<InvalidDataException>(
            () => Source(clips, AugmentationPlan.None).Batches(BatchSize, 0).Count());

        StringAssert.Contains(exception.Message, "training set ended after 30 rows");
    }

    [TestMethod]
    public void AValueThatIsNoNumberIsNamedWithItsRow()
    {
        ClipDataset clips = Read(out _, change: clip => clip.Features[2] = clip.Features[0] == 17 ? float.NaN : 0);

        var exception = Assert.ThrowsExactly<InvalidDataException>(
            () => Source(clips, AugmentationPlan.None).Batches(BatchSize, 0).Count());

        StringAssert.Contains(exception.Message, "Column 'Features', row 21: value 2 is NaN");
    }

    /// <summary>200 MB go by, a few of which are held at a time.</summary>
    [TestMethod]
    public void MemoryStaysFlat()
    {
        long streamed = long.Parse(FreshProcess.Run(HeldInProcess, "true"), CultureInfo.InvariantCulture);
        long inMemory = long.Parse(FreshProcess.Run(HeldInProcess, "false"), CultureInfo.InvariantCulture);

        Assert.IsLessThan(20_000_000, streamed);
        Assert.IsGreaterThan(200_000_000, inMemory);
    }

    /// <returns>How many bytes were in use at most while batches were taken.</returns>
    private static string HeldInProcess(string[] arguments)
    {
        const int values = 1 << 16;
        IDataView data = new MLContext().Data.LoadFromEnumerable(Enumerable.Range(0, 800).Select(i =>
        {
            var features = new float[values];
            Array.Fill(features, i);
            return new WideClip { Key = (uint)(i % 2), Features = features };
        }));
        var reader = new LogMelReader(new FeatureShape(values / 64, 64));
        ClipDataset clips = Read(data, arguments[0] == "true", reader);
        BatchLoader source = BatchLoader.ForTraining(clips, reader, Order(clips), AugmentationPlan.None, 2, seed: 1);
        long most = 0;
        foreach (ClipBatch batch in source.Batches(BatchSize, epoch: 0))
        {
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true));
        }

        return most.ToString(CultureInfo.InvariantCulture);
    }

    private static EpochSampler Order(ClipDataset clips) => EpochSampler.Create(
        new AudioSamplingOptions { ShuffleBuffer = Buffer }, clips.LabelSets, 2, seed: 6);

    private static BatchLoader Source(ClipDataset clips, AugmentationPlan plan) =>
        BatchLoader.ForTraining(clips, new Reader(), Order(clips), plan, classCount: 2, seed: 6);

    private static void AssertSame(ClipBatch[] expected, ClipBatch[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            CollectionAssert.AreEqual(expected[i].Features, actual[i].Features);
            CollectionAssert.AreEqual(expected[i].Labels, actual[i].Labels);
        }
    }

    /// <summary>
    /// Clips of four values whose first is the clip's number; before each fifth is a row without a label.
    /// </summary>
    private static ClipDataset Read(
        out Reader reader, bool isStreamed = true, int count = Count, Action<FourValues>? change = null)
    {
        reader = new Reader();
        return Read(Rows(count, change), isStreamed, reader);
    }

    private static IDataView Rows(int count, Action<FourValues>? change = null) =>
        new MLContext().Data.LoadFromEnumerable(Enumerable.Range(0, int.MaxValue)
            .TakeWhile(i => i < count)
            .SelectMany(i => i % 5 == 0 ? [new FourValues(), Clip(i)] : new[] { Clip(i) })
            .Select(clip =>
            {
                change?.Invoke(clip);
                return clip;
            }));

    private static ClipDataset Read(IDataView data, bool isStreamed, FeatureReader reader)
    {
        IHostEnvironment environment = new MLContext();
        using IChannel channel = environment.Register("Test").Start("Reading");
        var options = new PasstOptions { LabelColumnName = "Key", Sampling = { ShuffleBuffer = isStreamed ? 1 : 0 } };
        return new ClassificationReader(options, TinyTraining.Task(["a", "b"]), reader, channel).ReadTraining(data);
    }

    private static FourValues Clip(int i) => new() { Key = (uint)(i % 2), Features = [i, 0, 0, 0] };

    private sealed class FourValues
    {
        // Keys of objects are counted from 0; what is no key is no label.
        [KeyType(2)]
        public uint Key { get; set; } = uint.MaxValue;

        [VectorType(4)]
        public float[] Features { get; set; } = [-1, -1, -1, -1];
    }

    private sealed class WideClip
    {
        [KeyType(2)]
        public uint Key { get; set; }

        [VectorType(1024, 64)]
        public float[] Features { get; set; } = [];
    }

    /// <summary>Takes the values as they are, and counts how often it is asked to check some.</summary>
    private sealed class Reader() : FeatureReader(new FeatureShape(2, 2))
    {
        public int Reads { get; set; }

        public override DataViewType ColumnType => NumberDataViewType.Single;

        public override void CheckColumn(DataViewSchema.Column column)
        {
        }

        public override void CheckValues(ReadOnlySpan<float> values, string column, long row)
        {
            Reads++;
            CheckFinite(values, column, row);
        }

        public override void ToFeatures(ReadOnlySpan<float> values, Span<float> features) => values.CopyTo(features);
    }
}
