using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.StandIns.Tests.MicrosoftML.Evaluation;

[TestClass]
public class CrossValidationTests
{
    private const int Count = 200;

    private readonly MLContext _ml = new(1);

    public class Row
    {
        public int Index { get; set; }

        public string Word { get; set; } = "";

        public string Voice { get; set; } = "";
    }

    public class Keyed
    {
        public int Index { get; set; }

        [KeyType(2)]
        public uint Label { get; set; }
    }

    public class Scored
    {
        [VectorType(2)]
        public float[] Score { get; set; } = [];

        [KeyType(2)]
        public uint PredictedLabel { get; set; }
    }

    [TestMethod]
    public void EveryFoldIsEvaluatedByAModelThatHasNotSeenIt()
    {
        var prior = new PriorEstimator(_ml);
        var results = _ml.MulticlassClassification.CrossValidate(
            Rows(),
            _ml.Transforms.Conversion.MapValueToKey("Label", "Word").Append(prior),
            numberOfFolds: 4,
            samplingKeyColumnName: "Voice");

        Assert.HasCount(4, results);
        Assert.HasCount(4, prior.Seen);
        var tested = new List<int>();
        for (int i = 0; i < 4; i++)
        {
            Assert.AreEqual(i, results[i].Fold);
            int[] heldOut = results[i].ScoredHoldOutSet.GetColumn<int>("Index").ToArray();
            Assert.IsEmpty(heldOut.Intersect(prior.Seen[i]).ToArray());
            Assert.AreEqual(Count, heldOut.Length + prior.Seen[i].Length);
            tested.AddRange(heldOut);

            // The prior predicts the word that is more frequent in the rows it has seen.
            int yes = heldOut.Count(IsYes);
            int seenYes = prior.Seen[i].Count(IsYes);
            bool predictsYes = seenYes > prior.Seen[i].Length - seenYes;
            double right = predictsYes ? yes : heldOut.Length - yes;
            Assert.AreEqual(right / heldOut.Length, results[i].Metrics.MicroAccuracy, 1e-12);
            Assert.AreEqual(heldOut.Length, results[i].Metrics.ConfusionMatrix.Counts.Sum(row => row.Sum()));
            Assert.IsNotNull(results[i].Model.Transform(Rows()).Schema.GetColumnOrNull("Score"));
        }

        CollectionAssert.AreEqual(Enumerable.Range(0, Count).ToArray(), tested.Order().ToArray());
    }

    [TestMethod]
    public void TheSeedDecidesTheFolds()
    {
        int[] FirstFold(int seed)
            => _ml.MulticlassClassification
                .CrossValidate(
                    Rows(),
                    _ml.Transforms.Conversion.MapValueToKey("Label", "Word").Append(new PriorEstimator(_ml)),
                    seed: seed)[0]
                .ScoredHoldOutSet.GetColumn<int>("Index").ToArray();

        CollectionAssert.AreEqual(FirstFold(3), FirstFold(3));
        CollectionAssert.AreNotEqual(FirstFold(3), FirstFold(4));
    }

    [TestMethod]
    public void LabelsThatAreMappedOnlyInTrainingAreMappedInTheHeldOutRows()
    {
        var estimator = new EstimatorChain<ITransformer>()
            .Append(_ml.Transforms.Conversion.MapValueToKey("Label", "Word"), TransformerScope.TrainTest)
            .Append(new PriorEstimator(_ml) { NeedsLabel = false });

        var results = _ml.MulticlassClassification.CrossValidate(Rows(), estimator, numberOfFolds: 2);

        Assert.HasCount(2, results);
        Assert.IsNull(results[0].Model.Transform(Rows()).Schema.GetColumnOrNull("Label"));
    }

    [TestMethod]
    public void ALabelThatIsNotThereIsAnErrorThatNamesIt()
    {
        var estimator = _ml.Transforms.Conversion.MapValueToKey("Label", "Word").Append(new PriorEstimator(_ml));

        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _ml.MulticlassClassification.CrossValidate(Rows(), estimator, labelColumnName: "Nothing")).Message,
            "Nothing");
    }

    private static bool IsYes(int index) => index % 5 < 3;

    private IDataView Rows()
        => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, Count).Select(i => new Row
        {
            Index = i,
            Word = IsYes(i) ? "yes" : "no",
            Voice = $"voice {i / 5}",
        }));

    /// <summary>Predicts the frequencies of the labels that it was fitted on.</summary>
    private sealed class PriorEstimator(MLContext ml) : IEstimator<ITransformer>
    {
        public List<int[]> Seen { get; } = [];

        public bool NeedsLabel { get; init; } = true;

        public ITransformer Fit(IDataView input)
        {
            Seen.Add(input.GetColumn<int>("Index").ToArray());
            uint[] labels = input.GetColumn<uint>("Label").ToArray();
            float first = labels.Count(label => label == 1) / (float)labels.Length;
            void Predict(Scored output)
            {
                output.Score = [first, 1 - first];
                output.PredictedLabel = first >= 0.5f ? 0u : 1u;
            }

            return NeedsLabel
                ? ml.Transforms.CustomMapping<Keyed, Scored>((_, output) => Predict(output), null).Fit(input)
                : ml.Transforms.CustomMapping<Row, Scored>((_, output) => Predict(output), null).Fit(input);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;
    }
}
