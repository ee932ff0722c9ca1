using AudioMLNet.TestSupport;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.StandIns.Tests.MicrosoftML.Trainers;

[TestClass]
public class MaximumEntropyTests
{
    private readonly MLContext _ml = new(1);

    public class Row
    {
        public string Word { get; set; } = "";

        [VectorType(2)]
        public float[] Features { get; set; } = [];

        public float Weight { get; set; } = 1;
    }

    [TestMethod]
    public void WithoutAPenaltyTheScoresAreTheFrequencies()
    {
        // Of the rows with feature 0 a quarter says "no", of those with feature 1 three quarters.
        IDataView data = Rows(
            ("yes", 0, 0), ("yes", 0, 0), ("yes", 0, 0), ("no", 0, 0), ("yes", 1, 0), ("no", 1, 0), ("no", 1, 0), ("no", 1, 0));

        IDataView scored = Fit(data, l1: 0, l2: 0).Transform(data);

        float[][] scores = scored.GetColumn<float[]>("Score").ToArray();
        Assert.AreEqual(0.75f, scores[0][0], 2e-3f);
        Assert.AreEqual(0.25f, scores[0][1], 2e-3f);
        Assert.AreEqual(0.25f, scores[7][0], 2e-3f);
        Assert.AreEqual(0.75f, scores[7][1], 2e-3f);
        CollectionAssert.AreEqual(
            new uint[] { 1, 1, 1, 1, 2, 2, 2, 2 }, scored.GetColumn<uint>("PredictedLabel").ToArray());
    }

    [TestMethod]
    [DataRow(0f, 1f)]
    [DataRow(2f, 0.5f)]
    [DataRow(1f, 1f)]
    public void TheWeightsAreOptimal(float l1, float l2)
    {
        IDataView data = Blobs();
        var model = Fit(data, l1, l2);
        IDataView scored = model.Transform(data);
        float[][] features = scored.GetColumn<float[]>("Features").ToArray();
        float[][] scores = scored.GetColumn<float[]>("Score").ToArray();
        uint[] labels = scored.GetColumn<uint>("Label").ToArray();
        VBuffer<float>[] weights = [];
        model.LastTransformer.Model.GetWeights(ref weights, out int classes);
        Assert.AreEqual(3, classes);

        // Where the loss is least, its slope in a weight is the slope of what the weight costs; a bias costs nothing.
        for (int c = 0; c < classes; c++)
        {
            double Slope(Func<int, double> feature)
                => Enumerable.Range(0, labels.Length)
                    .Sum(i => (scores[i][c] - (labels[i] == c + 1 ? 1 : 0)) * feature(i));
            Assert.AreEqual(0, Slope(_ => 1), 0.1, $"bias {c}");
            for (int f = 0; f < 2; f++)
            {
                double weight = weights[c].GetItemOrDefault(f);
                double slope = Slope(i => features[i][f]) + (l2 * weight);
                if (weight == 0)
                    Assert.IsTrue(Math.Abs(slope) <= l1 + 0.1, $"slope {slope} of the weight {f} of class {c}, which is 0");
                else
                    Assert.AreEqual(-Math.Sign(weight) * l1, slope, 0.1, $"weight {f} of class {c}");
            }
        }
    }

    [TestMethod]
    public void ALargePenaltyOnSizesMakesWeightsZero()
    {
        VBuffer<float>[] weights = [];
        Fit(Blobs(), l1: 1e4f, l2: 0).LastTransformer.Model.GetWeights(ref weights, out _);

        Assert.IsTrue(weights.All(w => w.DenseValues().All(value => value == 0)));
    }

    public class Sample
    {
        public uint Label { get; set; }

        [VectorType(20)]
        public float[] Features { get; set; } = [];
    }

    [TestMethod]
    public void TheTableIsThatOfThePackagesDocumentation()
    {
        var ml = new MLContext(0);
        ITransformer model = ml.Transforms.Conversion.MapValueToKey("Label")
            .Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy())
            .Fit(ml.Data.LoadFromEnumerable(Samples(1000, 0)));

        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(
            model.Transform(ml.Data.LoadFromEnumerable(Samples(500, 123))));

        // What its sample of this trainer prints. (The accuracies there are 0.91, which its own table does not give.)
        Assert.AreEqual(0.24, metrics.LogLoss, 0.005);
        Assert.AreEqual(0.79, metrics.LogLossReduction, 0.005);
        string[] expected =
        [
            "",
            "Confusion table",
            "          ||========================",
            "PREDICTED ||     0 |     1 |     2 | Recall",
            "TRUTH     ||========================",
            "        0 ||   148 |     0 |    12 | 0.9250",
            "        1 ||     0 |   165 |    12 | 0.9322",
            "        2 ||    11 |     7 |   145 | 0.8896",
            "          ||========================",
            "Precision ||0.9308 |0.9593 |0.8580 |",
            "",
        ];
        CollectionAssert.AreEqual(
            expected, metrics.ConfusionMatrix.GetFormattedConfusionTable().ReplaceLineEndings("\n").Split('\n'));
    }

    [TestMethod]
    public void ARowCountsWithItsWeight()
    {
        IDataView data = _ml.Data.LoadFromEnumerable<Row>(
            [new() { Word = "yes", Features = [0, 0], Weight = 3 }, new() { Word = "no", Features = [0, 0] }]);
        var options = new LbfgsMaximumEntropyMulticlassTrainer.Options
        {
            ExampleWeightColumnName = "Weight", L1Regularization = 0, L2Regularization = 0,
        };

        IDataView scored = _ml.Transforms.Conversion.MapValueToKey("Label", "Word")
            .Append(_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(options))
            .Fit(data)
            .Transform(data);

        Assert.AreEqual(0.75f, scored.GetColumn<float[]>("Score").First()[0], 2e-3f);
    }

    [TestMethod]
    public void ScoresAndPredictionsHaveTheWordsOfTheLabels()
    {
        IDataView data = Blobs();

        IDataView scored = Fit(data).Append(
            (ITransformer)_ml.Transforms.Conversion.MapKeyToValue("Said", "PredictedLabel").Fit(Fit(data).Transform(data)))
            .Transform(data);

        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, names.DenseValues().Select(n => n.ToString()).ToArray());
        ReadOnlyMemory<char> kind = default;
        scored.Schema["Score"].Annotations.GetValue("ScoreColumnKind", ref kind);
        Assert.AreEqual("MulticlassClassification", kind.ToString());
        CollectionAssert.AreEqual(
            data.GetColumn<string>("Word").ToArray(), scored.GetColumn<string>("Said").ToArray());
        Assert.AreEqual(1, _ml.MulticlassClassification.Evaluate(scored).MicroAccuracy);
    }

    [TestMethod]
    public void ASavedModelScoresTheSameInAnotherProcess()
    {
        IDataView data = Blobs();
        ITransformer model = Fit(data);
        using var folder = new TemporaryFolder();
        string path = folder.File("model.zip");
        _ml.Model.Save(model, data.Schema, path);

        Assert.AreEqual(Describe(model.Transform(data)), FreshProcess.Run(LoadAndDescribe, path));
    }

    [TestMethod]
    public void WrongColumnsAreErrorsThatNameThem()
    {
        IDataView data = Blobs();
        var trainers = _ml.MulticlassClassification.Trainers;
        IDataView keyed = _ml.Transforms.Conversion.MapValueToKey("Label", "Word").Fit(data).Transform(data);

        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainers.LbfgsMaximumEntropy().Fit(data)).Message,
            "Could not find label column 'Label'");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainers.LbfgsMaximumEntropy("Word").Fit(data)).Message,
            "Schema mismatch for label column 'Word': expected Key<UInt32>, got String");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => trainers.LbfgsMaximumEntropy(featureColumnName: "Word").Fit(keyed)).Message,
            "Schema mismatch for feature column 'Word': expected Vector<Single>, got String");
        ITransformer model = trainers.LbfgsMaximumEntropy().Fit(keyed);
        IDataView longer = _ml.Transforms.Concatenate("Features", "Features", "Weight").Fit(keyed).Transform(keyed);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.GetOutputSchema(longer.Schema)).Message,
            "Schema mismatch for feature column 'Features': expected Vector<Single, 2>, got Vector<Single, 3>");
        Assert.ThrowsExactly<InvalidOperationException>(() => model.Transform(longer));
    }

    [TestMethod]
    public void TrainingWithoutAUsableRowIsAnError()
    {
        IDataView data = Rows(("yes", float.NaN, 0));

        Assert.ThrowsExactly<InvalidOperationException>(() => Fit(data));
    }

    private static string LoadAndDescribe(string[] arguments)
    {
        var ml = new MLContext();
        return Describe(ml.Model.Load(arguments[0], out _).Transform(new MaximumEntropyTests().Blobs()));
    }

    private static string Describe(IDataView scored)
        => string.Join(
            "\n",
            scored.GetColumn<float[]>("Score")
                .Zip(scored.GetColumn<uint>("PredictedLabel"))
                .Select(pair => $"{pair.Second}: {string.Join(" ", pair.First.Select(BitConverter.SingleToInt32Bits))}")
                .Prepend(scored.Schema["PredictedLabel"].ToString()));

    private TransformerChain<MulticlassPredictionTransformer<MaximumEntropyModelParameters>> Fit(
        IDataView data, float l1 = 1, float l2 = 1)
        => _ml.Transforms.Conversion.MapValueToKey("Label", "Word")
            .Append(_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(
                l1Regularization: l1, l2Regularization: l2, optimizationTolerance: 1e-8f))
            .Fit(data);

    /// <summary>The rows of the documentation's sample: each feature is noise plus a fifth of the label.</summary>
    private static IEnumerable<Sample> Samples(int count, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            int label = random.Next(1, 4);
            var features = new float[20];
            for (int f = 0; f < features.Length; f++)
                features[f] = (float)(random.NextDouble() - 0.5) + (label * 0.2f);
            yield return new Sample { Label = (uint)label, Features = features };
        }
    }

    /// <summary>Three words around the corners of a triangle.</summary>
    private IDataView Blobs()
    {
        var random = new Random(7);
        float Noise() => (float)(random.NextDouble() - 0.5);
        return _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(i => (i % 3) switch
        {
            0 => new Row { Word = "a", Features = [2 + Noise(), Noise()] },
            1 => new Row { Word = "b", Features = [Noise(), 2 + Noise()] },
            _ => new Row { Word = "c", Features = [-2 + Noise(), -2 + Noise()] },
        }).ToList());
    }

    private IDataView Rows(params (string Word, float X, float Y)[] rows)
        => _ml.Data.LoadFromEnumerable(rows.Select(row => new Row { Word = row.Word, Features = [row.X, row.Y] }));
}
