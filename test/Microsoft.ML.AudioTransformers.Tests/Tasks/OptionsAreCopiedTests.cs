using System.IO.Compression;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Tests.SavedModels;
using Microsoft.ML.AudioTransformers.Tests.WrongInput;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Tasks;

/// <summary>
/// A trainer takes its options as they are when it is made, where it checks them: what the caller changes later changes
/// neither the training nor a trained model.
/// </summary>
[TestClass]
public sealed class OptionsAreCopiedTests
{
    public static IEnumerable<object[]> Trainers =>
        new[] { "PaSST", "AST", "HTS-AT", "DATAR", "tagging", "actions", "events" }.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Trainers))]
    public void AChangeAfterFitLeavesTheModelAsItIs(string trainer)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView clips = Data(mlContext);
        Case tested = Create(mlContext, trainer);
        ITransformer model = tested.Fit(clips);
        string content = Content(mlContext, model, clips);
        string scores = Scores(model, clips);

        List<string> acting = [];
        foreach ((string name, Action<AudioTrainerOptions> change) in tested.Changes)
        {
            change(tested.Model);
            (string contentNow, string scoresNow) = (Content(mlContext, model, clips), Scores(model, clips));
            acting.AddRange(contentNow == content ? [] : [$"{name} (file)"]);
            acting.AddRange(scoresNow == scores ? [] : [$"{name} (scores)"]);
            (content, scores) = (contentNow, scoresNow);
        }

        Assert.IsEmpty(acting, string.Join(", ", acting));
    }

    [TestMethod]
    [DynamicData(nameof(Trainers))]
    public void AChangeAfterTheTrainerIsMadeChangesNoTraining(string trainer)
    {
        var mlContext = new MLContext(seed: 1);
        IDataView clips = Data(mlContext);
        string expected = Train(mlContext, Create(mlContext, trainer), clips);
        Assert.AreEqual(expected, Train(mlContext, Create(mlContext, trainer), clips), "without a change");

        List<string> acting = [];
        foreach (string name in Create(mlContext, trainer).Changes.Select(change => change.Name))
        {
            Case tested = Create(mlContext, trainer);
            tested.Changes.Single(change => change.Name == name).Apply(tested.Model);
            string trained = Train(mlContext, tested, clips);
            acting.AddRange(trained == expected ? [] : [name]);
        }

        Assert.IsEmpty(acting, string.Join(", ", acting));
    }

    private static Case Create(MLContext mlContext, string trainer)
    {
        var trainers = mlContext.MulticlassClassification.Trainers;
        int[] heads = [1, 2];
        switch (trainer)
        {
            case "PaSST":
                PasstOptions passt = With(TinyModel.Options());
                return new Case(passt, trainers.Passt(passt).Fit, [("EmbedDim", _ => passt.Config.EmbedDim = 8)]);
            case "AST":
                AstOptions ast = With(AstTrainerTests.Options());
                return new Case(ast, trainers.Ast(ast).Fit, [("EmbedDim", _ => ast.Config.EmbedDim = 8)]);
            case "HTS-AT":
                HtsAtOptions htsAt = With(HtsAtTrainerTests.Options());
                htsAt.Config.Heads = heads;
                return new Case(htsAt, trainers.HtsAt(htsAt).Fit, [("Heads[1]", _ => heads[1] = 4)]);
            case "DATAR":
                DatarOptions datar = With(DatarTrainerTests.Options());
                return new Case(
                    datar, trainers.Datar(datar).Fit, [("Stages[3].Blocks", _ => datar.Config.Stages[3].Blocks = "L")]);
            case "tagging":
                HtsAtOptions tags = With(HtsAtTrainerTests.Options());
                (tags.LabelColumnName, tags.Config.Heads) = ("Labels", heads);
                return new Case(tags, mlContext.AudioTagging().Trainer(tags).Fit, [("Heads[1]", _ => heads[1] = 4)]);
            case "actions":
                var actions = new ActionRecognitionTrainer.Options
                {
                    Model = With(TinyModel.Options()),
                    VerbColumnName = "Label",
                    NounColumnName = "Half",
                };
                return new Case(actions.Model, mlContext.ActionRecognition().Trainer(actions).Fit,
                [
                    ("TopActions", _ => actions.TopActions = 2),
                    ("VerbScoreColumnName", _ => actions.VerbScoreColumnName = ""),
                ]);
            default:
                HtsAtOptions detector = With(HtsAtTrainerTests.Options());
                (detector.LabelColumnName, detector.Config.Heads) = ("Labels", heads);
                var events = new SoundEventDetectionTrainer.Options { Model = detector };
                return new Case(events.Model, mlContext.SoundEventDetection().Trainer(events).Fit,
                [
                    ("Heads[1]", _ => heads[1] = 4),
                    ("EventColumnPrefix", _ => events.EventColumnPrefix = "Sound"),
                    ("Decoding.Thresholds[0]", _ => events.Decoding.Thresholds[0] = 0.1),
                    ("Decoding.OnsetMargins", _ => events.Decoding.OnsetMargins = [-1]),
                ]);
        }
    }

    /// <summary>A training of two steps, of waveforms.</summary>
    private static T With<T>(T options)
        where T : AudioTrainerOptions
    {
        options.FeatureColumnName = "Waveform";
        options.FrontEnd = LogMelOptions.CreatePasst(SavedModelRow.SampleRate);
        (options.FrontEnd.MelBins, options.FrontEnd.TargetSamples) = (8, 2000);
        (options.Epochs, options.BatchSize) = (1, 6);
        return options;
    }

    private static IDataView Data(MLContext mlContext)
    {
        Clip[] rows = [.. Enumerable.Range(0, 12).Select(row => SavedModelRow.Fill(row, new Clip
        {
            Labels = [SavedModelRow.Classes[SavedModelRow.ClassOf(row)]],
            Half = $"{SavedModelRow.HalfOf(row)}",
        }))];
        IDataView clips = mlContext.Data.LoadFromEnumerable(rows);
        foreach (string column in new[] { "Label", "Labels", "Half" })
        {
            clips = mlContext.Transforms.Conversion.MapValueToKey(column).Fit(clips).Transform(clips);
        }

        return clips;
    }

    private static string Train(MLContext mlContext, Case tested, IDataView clips)
    {
        try
        {
            ITransformer model = tested.Fit(clips);
            using (model as IDisposable)
            {
                return Content(mlContext, model, clips);
            }
        }
        catch (Exception exception)
        {
            return exception.Message;
        }
    }

    /// <summary>What is saved of a model: its description and weights.</summary>
    private static string Content(MLContext mlContext, ITransformer model, IDataView clips)
    {
        try
        {
            using var file = new MemoryStream();
            mlContext.Model.Save(model, clips.Schema, file);
            using var zip = new ZipArchive(file);
            using Stream stream = zip.Entries.Single(entry => entry.Name == "Model.bin").Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            return Convert.ToBase64String(content.ToArray());
        }
        catch (Exception exception)
        {
            return exception.Message;
        }
    }

    private static string Scores(ITransformer model, IDataView clips)
    {
        try
        {
            return ViewRecord.Of(clips.Schema, clips, model.Transform(clips)).ToJsonString();
        }
        catch (Exception exception)
        {
            return exception.Message;
        }
    }

    private sealed class Clip : SavedModelRow
    {
        public string[] Labels { get; set; } = [];

        public string Half { get; set; } = "";
    }

    /// <summary>A trainer that was made, and what its caller may then do to the options.</summary>
    private sealed class Case(
        AudioTrainerOptions model,
        Func<IDataView, ITransformer> fit,
        (string Name, Action<AudioTrainerOptions> Apply)[] own)
    {
        public AudioTrainerOptions Model => model;

        public Func<IDataView, ITransformer> Fit => fit;

        public (string Name, Action<AudioTrainerOptions> Apply)[] Changes { get; } =
        [
            ("FrontEnd.NormalizationMean", options => options.FrontEnd!.NormalizationMean += 3),
            ("FrontEnd.PreEmphasis", options => options.FrontEnd!.PreEmphasis = 0),
            ("Epochs", options => options.Epochs = 0),
            ("LearningRate", options => options.LearningRate = -1),
            ("ScoreColumnName", options => options.ScoreColumnName = ""),
            ("ScoringBatchSize", options => options.ScoringBatchSize = 0),
            ("Optimization.GradientClipNorm", options => options.Optimization.GradientClipNorm = 1e-3),
            ("Augmentation.MixupAlpha", options => options.Augmentation.MixupAlpha = 0.5),
            ("Sampling.WithReplacement", options => options.Sampling.WithReplacement = true),
            .. own,
        ];
    }
}
