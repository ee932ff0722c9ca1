using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Tests.Tasks;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tests.WrongInput;

/// <summary>Rows that trained classifiers, and ensembles of them, must refuse.</summary>
internal static class WrongScoringInput
{
    public static IEnumerable<WrongCall> Calls(TemporaryFolder folder)
    {
        Dictionary<string, AudioClassificationTransformer> models =
            Right.Models.ToDictionary(model => model.Key, model => Right.Train(model.Value()));
        using AudioTaggingTransformer tagger = Right.Context.AudioTagging().Trainer(Right.Models["HTS-AT"]())
            .Fit(Right.Keyed(TaggedClip.Make(8, seed: 1)));
        foreach (WrongCall call in models
            .SelectMany(model => Scored($"{model.Key} classifier", model.Value))
            .Concat(Scored("Audio tagger", tagger))
            .Concat(Scored("Action recognizer", Actions(), "VerbScore"))
            .Concat(Predicted(models["PaSST"]))
            .Concat(Inspected(models))
            .Concat(Ensembles(models, tagger))
            .Concat(Disposed()))
        {
            yield return call;
        }
    }

    private static IEnumerable<WrongCall> Scored(string name, ITransformer model, string score = "Score")
    {
        yield return new WrongCall(
            $"{name}: other mel bins", () => Score(Right.Silence(16, 4)), "'Features'", "16 frames x 4 mel bins",
            "16 frames x 8 mel bins");
        yield return new WrongCall(
            $"{name}: other frames", () => Score(Right.Silence(20, 8)), "'Features'", "20 frames x 8 mel bins",
            "16 frames x 8 mel bins");
        yield return new WrongCall(
            $"{name}: frames and mel bins swapped", () => Score(Right.Silence(8, 16)),
            "'Features'", "8 frames x 16 mel bins", "16 frames x 8 mel bins");
        yield return new WrongCall(
            $"{name}: features of unknown size", () => Score(Right.View(Right.Clips(), Right.Features(0))),
            "'Features'", "Vector<Single>", "two known sizes");
        yield return new WrongCall(
            $"{name}: features of one size", () => Score(Right.View(Right.Clips(), Right.Features(128))),
            "'Features'", "Vector<Single, 128>", "two known sizes");
        yield return new WrongCall(
            $"{name}: NaN", () => Score(Right.View(Right.With(float.NaN))), "'Features', row 5", "value 70 is NaN",
            "finite");
        yield return new WrongCall(
            $"{name}: infinity", () => Score(Right.View(Right.With(float.PositiveInfinity))), "'Features', row 5",
            "value 70 is", "finite");
        yield return new WrongCall(
            $"{name}: no features", () => Score(Right.Context.Transforms.DropColumns("Features")
                .Fit(Right.View(Right.Clips())).Transform(Right.View(Right.Clips()))), "'Features' not found", "Label");

        void Score(IDataView view) => Right.Read(model.Transform(view), score);
    }

    /// <summary>One clip at a time.</summary>
    private static IEnumerable<WrongCall> Predicted(ITransformer model)
    {
        yield return new WrongCall(
            "Prediction engine: a clip of fewer values", () => Predict(new TinyClip { Features = new float[100] }),
            "100", "128");
        yield return new WrongCall(
            "Prediction engine: a clip of no values", () => Predict(new TinyClip()), "128");
        yield return new WrongCall(
            "Prediction engine: NaN", () => Predict(Right.With(float.NaN, clip: 0, place: 3)[0]), "'Features'",
            "value 3 is NaN");

        void Predict(TinyClip clip)
        {
            using var engine = Right.Context.Model.CreatePredictionEngine<TinyClip, TinyScore>(
                model, new PredictionEngineOptions { OwnsTransformer = false });
            engine.Predict(clip);
        }
    }

    private static IEnumerable<WrongCall> Inspected(Dictionary<string, AudioClassificationTransformer> models)
    {
        AudioModelParameters datar = models["DATAR"].Model;
        yield return new WrongCall(
            "Deformable points: fewer features", () => datar.GetDeformablePoints(new float[100]), "100 features",
            "16 frames x 8 mel bins");
        yield return new WrongCall(
            "Deformable points: a stage that is none", () => datar.GetDeformablePoints(new float[128], stage: 9),
            "stage 9");
        yield return new WrongCall(
            "Deformable points: a block that is none", () => datar.GetDeformablePoints(new float[128], block: -2),
            "Block -2 of stage 3");
        yield return new WrongCall(
            "Deformable points: NaN", () => datar.GetDeformablePoints(Right.With(float.NaN)[5].Features), "70", "NaN",
            "finite");
        yield return new WrongCall(
            "Deformable points: another model", () => models["AST"].Model.GetDeformablePoints(new float[128]),
            "Only DATAR", "AST");
    }

    private static IEnumerable<WrongCall> Ensembles(
        Dictionary<string, AudioClassificationTransformer> models, AudioTaggingTransformer tagger)
    {
        ITransformer passt = models["PaSST"];
        TinyClip[] others = TinyClip.Make(8, seed: 1, "low", "shrill");
        ITransformer otherClasses = Right.Trainer(Right.Models["AST"]()).Fit(Right.Keyed(others));
        ITransformer otherSize = Right.Trainer(Right.Models["AST"]()).Fit(Right.Silence(20, 8));
        yield return new WrongCall(
            "Ensemble: other classes", () => Score([passt, otherClasses]), "Model 1", "'low', 'high'", "Model 2",
            "'low', 'shrill'");
        yield return new WrongCall(
            "Ensemble: features of another size", () => Score([passt, otherSize]),
            "'Features'", "16 frames x 8 mel bins", "20 frames x 8 mel bins");
        yield return new WrongCall(
            "Ensemble: one label and any number", () => Score([passt, tagger]), "Model 1", "one label", "Model 2",
            "any number of labels");
        yield return new WrongCall("Ensemble: no models", () => Score([]), "no models", "one or more");
        yield return new WrongCall("Ensemble: a null", () => Score([passt, null!]), "Model 2 is null", "maps row to row");
        yield return new WrongCall(
            "Ensemble: NaN", () => Score([passt, models["AST"]], Right.View(Right.With(float.NaN))),
            "'Features', row 5", "NaN");

        static void Score(ITransformer[] models, IDataView? view = null) =>
            Right.Read(Right.Context.Model.CreateAudioEnsemble(models).Transform(view ?? Right.View(Right.Clips())));
    }

    private static IEnumerable<WrongCall> Disposed()
    {
        foreach ((string name, Func<AudioTrainerOptions> options) in Right.Models)
        {
            AudioClassificationTransformer model = Right.Train(options());
            IDataView before = model.Transform(Right.View(Right.Clips()));
            model.Dispose();
            yield return new WrongCall(
                $"{name} classifier: disposed before it scores", () => Right.Read(before), "disposed",
                model.Model.Network.GetType().Name);
        }
    }

    private static ActionRecognitionTransformer Actions()
    {
        IDataView view = Right.View(Tests.Tasks.ActionClip.Make(12, seed: 1));
        foreach (string column in new[] { "Verb", "Noun" })
        {
            view = Right.Context.Transforms.Conversion.MapValueToKey(column).Fit(view).Transform(view);
        }

        return Right.Context.ActionRecognition().Trainer(new() { Model = Right.Models["DATAR"]() }).Fit(view);
    }

    private static MulticlassClassificationCatalog.MulticlassClassificationTrainers Trainers =>
        Right.Context.MulticlassClassification.Trainers;

    private sealed class TinyScore
    {
        public float[] Score { get; set; } = [];
    }
}
