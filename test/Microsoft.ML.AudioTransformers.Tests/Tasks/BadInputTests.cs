using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

/// <summary>Each error names the column or row, what was found and what was expected.</summary>
[TestClass]
public sealed class BadInputTests
{
    [TestMethod]
    public void LabelColumnMissing()
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.LabelColumnName = "Word";

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => mlContext.MulticlassClassification.Trainers.Passt(options).Fit(TinyModel.Data(mlContext)));

        AssertMentions(error, "Label", "'Word'", "not found", "Features");
    }

    [TestMethod]
    public void LabelColumnOfTheWrongType()
    {
        var mlContext = new MLContext(seed: 1);

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => mlContext.MulticlassClassification.Trainers.Passt(TinyModel.Options()).Fit(TinyModel.Data(mlContext)));

        AssertMentions(error, "'Label'", "String", "key", "MapValueToKey");
    }

    [TestMethod]
    public void LabelColumnOfTheWrongTypeIsSeenInTheSchemaAlready()
    {
        var mlContext = new MLContext(seed: 1);
        var pipeline = mlContext.Transforms.CopyColumns("Copy", "Label")
            .Append(mlContext.MulticlassClassification.Trainers.Passt(TinyModel.Options()));

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pipeline.Fit(TinyModel.Data(mlContext)));

        AssertMentions(error, "'Label'", "key", "MapValueToKey");
    }

    [TestMethod]
    public void FeatureColumnOfTheWrongType()
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.FeatureColumnName = "Name";

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => FitMapped(mlContext, options, Clips()));

        AssertMentions(error, "'Name'", "String", "vector of Single");
    }

    [TestMethod]
    public void OneClassOnly()
    {
        var mlContext = new MLContext(seed: 1);
        TinyClip[] clips = TinyClip.Make(10, seed: 1, "yes");

        var error = Assert.ThrowsExactly<InvalidDataException>(() => FitMapped(mlContext, TinyModel.Options(), clips));

        AssertMentions(error, "'Label'", "one class only", "'yes'", "10 rows", "at least two");
    }

    [TestMethod]
    public void NoRows()
    {
        var mlContext = new MLContext(seed: 1);
        var map = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(TinyModel.Data(mlContext));
        IDataView empty = map.Transform(mlContext.Data.LoadFromEnumerable(Array.Empty<TinyClip>()));

        var error = Assert.ThrowsExactly<InvalidDataException>(
            () => mlContext.MulticlassClassification.Trainers.Passt(TinyModel.Options()).Fit(empty));

        AssertMentions(error, "training set", "no rows");
    }

    [TestMethod]
    public void RowsWithoutLabelAreLeftOutAndAllOfThemIsAnError()
    {
        var mlContext = new MLContext(seed: 1);
        List<string> messages = [];
        mlContext.Log += (_, e) => messages.Add(e.Message);
        var map = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(TinyModel.Data(mlContext));
        TinyClip[] clips = Clips();
        clips[3].Label = "unknown";
        clips[5].Label = "unknown";
        mlContext.MulticlassClassification.Trainers.Passt(Quick())
            .Fit(map.Transform(mlContext.Data.LoadFromEnumerable(clips))).Dispose();
        Assert.IsTrue(messages.Exists(message => message.Contains("2 of 20 rows", StringComparison.Ordinal)));

        foreach (TinyClip clip in clips)
        {
            clip.Label = "unknown";
        }

        var error = Assert.ThrowsExactly<InvalidDataException>(() => mlContext.MulticlassClassification.Trainers
            .Passt(Quick()).Fit(map.Transform(mlContext.Data.LoadFromEnumerable(clips))));
        AssertMentions(error, "None of the 20 rows", "'Label'");
    }

    [TestMethod]
    public void NotANumberInTheFeatures()
    {
        var mlContext = new MLContext(seed: 1);
        TinyClip[] clips = Clips();
        clips[13].Features[70] = float.NaN;

        var error = Assert.ThrowsExactly<InvalidDataException>(() => FitMapped(mlContext, TinyModel.Options(), clips));

        AssertMentions(error, "'Features'", "row 13", "value 70", "NaN", "finite");
    }

    [TestMethod]
    public void ClassInTheValidationSetThatTrainingLacks()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView three = mlContext.Data.LoadFromEnumerable(TinyClip.Make(30, seed: 1, "low", "high", "middle"));
        var map = mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(three);
        PasstOptions options = TinyModel.Options();
        options.ValidationSet = map.Transform(three);

        var error = Assert.ThrowsExactly<InvalidDataException>(() => mlContext.MulticlassClassification.Trainers
            .Passt(options).Fit(map.Transform(TinyModel.Data(mlContext))));

        AssertMentions(error, "Row 2", "validation set", "'middle'", "training set");
    }

    [TestMethod]
    public void ModelTrainedForAnotherFeatureShape()
    {
        var mlContext = new MLContext(seed: 1);
        IDataView mapped = PasstTrainerTests.MapLabels(mlContext, out _);
        using AudioClassificationTransformer model =
            mlContext.MulticlassClassification.Trainers.Passt(Quick()).Fit(mapped);
        IDataView longer = mlContext.Data.LoadFromEnumerable(new[] { new LongerClip() });

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.Transform(longer));

        AssertMentions(error, "'Features'", "20 frames x 8 mel bins", "16 frames x 8 mel bins");
    }

    [TestMethod]
    public void PatchoutThatLeavesNothing()
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.Config.PatchoutTime = 4;

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => FitMapped(mlContext, options, Clips()));

        AssertMentions(error, "Option Config.PatchoutTime is 4; expected less than the 4 columns of patches.");
    }

    internal static void AssertMentions(Exception error, params string[] parts)
    {
        foreach (string part in parts)
        {
            StringAssert.Contains(error.Message, part, StringComparison.Ordinal);
        }
    }

    private static PasstOptions Quick()
    {
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        return options;
    }

    private static TinyClip[] Clips() => TinyClip.Make(20, seed: 1, TinyModel.Classes);

    private static void FitMapped(MLContext mlContext, PasstOptions options, TinyClip[] clips) =>
        TinyModel.Pipeline(mlContext, options).Fit(mlContext.Data.LoadFromEnumerable(clips));

    private sealed class LongerClip
    {
        [VectorType(20, TinyClip.Mels)]
        public float[] Features { get; set; } = new float[20 * TinyClip.Mels];
    }
}
