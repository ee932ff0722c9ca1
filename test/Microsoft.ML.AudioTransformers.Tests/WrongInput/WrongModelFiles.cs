using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Tests.Models;

namespace Microsoft.ML.AudioTransformers.Tests.WrongInput;

/// <summary>Saved models that are damaged or tampered with.</summary>
internal static class WrongModelFiles
{
    public static IEnumerable<WrongCall> Calls(TemporaryFolder folder)
    {
        foreach ((string name, Func<AudioTrainerOptions> options) in Right.Models)
        {
            using AudioClassificationTransformer model = Right.Train(options());
            Right.Context.Model.Save(model, Right.View(Right.Clips()).Schema, folder.File($"{name}.zip"));
        }

        IDataView silence = Right.Context.Transforms.CopyColumns("Waveform", "Features").Fit(Right.Silence(16, 8))
            .Transform(Right.Silence(16, 8));
        using AudioEmbeddingTransformer embedder = Right.Context.Transforms
            .ExtractAudioEmbedding("Score", "Waveform", WrongDetectorInput.Options(folder)).Fit(silence);
        Right.Context.Model.Save(embedder, silence.Schema, folder.File("Embedder.zip"));
        using SoundEventDetectionTransformer detector = WrongDetectorInput.Detector(folder);
        Right.Context.Model.Save(detector, silence.Schema, folder.File("Detector.zip"));
        return Right.Models.Keys.SelectMany(model => Calls(folder, model))
            .Concat(Embedder(new SavedModels(folder, "Embedder", silence, hasTask: false)))
            .Concat(Detector(new SavedModels(folder, "Detector", silence, hasTask: false)));
    }

    private static IEnumerable<WrongCall> Embedder(SavedModels saved)
    {
        yield return saved.With("windows that do not move", "\"Hop\":", "\"Hop\":-", "damaged", "Windows.Hop is -");
        yield return saved.With(
            "windows of nothing", "\"Windows\":{\"Length\":", "\"Windows\":{\"Length\":-", "damaged",
            "Windows.Length is -");
        yield return saved.With("no windows at once", "\"BatchSize\":16", "\"BatchSize\":0", "damaged", "BatchSize is 0");
        yield return saved.With("no front end", "\"FrontEnd\":{", "\"FrontEnd\":null,\"Older\":{", "damaged", "FrontEnd");
        yield return saved.With("no hop", "\"HopLength\":", "\"HopLength\":-", "damaged", "HopLength is -");
        yield return saved.With("other mel bins", "\"MelBins\":8", "\"MelBins\":16", "expected [");
    }

    private static IEnumerable<WrongCall> Detector(SavedModels saved)
    {
        yield return saved.With(
            "no time", "\"SecondsPerFrame\":", "\"SecondsPerFrame\":-", "damaged", "SecondsPerFrame is -");
        yield return saved.With("other mel bins", "\"Mels\":8", "\"Mels\":4", "expected [");
        yield return saved.With("mel bins of none", "\"Mels\":8", "\"Mels\":0", "damaged", "Mels is 0");
        yield return saved.With("fewer classes", "\"ping\",", "", "expected [");
        yield return saved.With("no classes", "\"ClassNames\":[", "\"ClassNames\":[],\"Older\":[", "damaged");
        yield return saved.With(
            "an image of nothing", "\"ImageSize\":16", "\"ImageSize\":0", "damaged", "ImageSize is 0");
        yield return saved.With(
            "an image that no memory holds", "\"ImageSize\":16", "\"ImageSize\":1048576", "damaged", "ImageSize 1048576");
        yield return saved.With(
            "thresholds for other classes", "\"Thresholds\":[0.5", "\"Thresholds\":[0.5,0.5", "damaged",
            "Thresholds is of 2 values");
        yield return saved.With(
            "a model without a presence map", $"\"Architecture\":{saved.Part("Architecture")}",
            "\"Architecture\":{\"$type\":\"AST\",\"Sizes\":{}}", "damaged", "AST gives no presence map");
        yield return saved.With(
            "a class without a name", "\"ClassNames\":[\"ping\"", "\"ClassNames\":[null", "damaged", "ClassNames is ''");
        yield return saved.With("two classes of one name", "\"ping\",", "\"pong\",", "damaged", "'pong', 'pong'", "all different");
        yield return saved.With(
            "a mapping without sources", "\"MappedNames\":null", "\"MappedNames\":[\"tone\"]", "damaged", "0 lists of sources");
        yield return saved.With(
            "a mapping of null", "\"MappedNames\":null,\"MappedSources\":null",
            "\"MappedNames\":[\"tone\"],\"MappedSources\":[null]", "damaged", "'tone' has no source");
        yield return saved.With("a model that is null", "\"Others\":[]", "\"Others\":[null]", "damaged", "Others[0] is null");
        yield return saved.With(
            "a model with other steps", "\"Others\":[]",
            "\"Others\":[{\"Architecture\":"
            + saved.Part("Architecture").Replace("\"ImageSize\":16", "\"ImageSize\":32", StringComparison.Ordinal)
            + ",\"ClassNames\":[\"ping\",\"pong\",\"hum\"]}]",
            "damaged", "Others[0].Architecture is", "Frames = ");
        yield return saved.With(
            "a model more than it holds", "\"Others\":[]",
            $"\"Others\":[{{\"Architecture\":{saved.Part("Architecture")},\"ClassNames\":[\"ping\",\"pong\",\"hum\"]}}]",
            "ends within the header's length");
    }

    private static IEnumerable<WrongCall> Calls(TemporaryFolder folder, string model)
    {
        var saved = new SavedModels(folder, model, Right.View(Right.Clips()), hasTask: true);
        string other = Right.Models.Keys.First(name => name != model);
        var others = new SavedModels(folder, other, Right.View(Right.Clips()), hasTask: true);
        yield return Wrong(
            $"the weights of {other}", content => content with { Weights = others.Open().Weights }, "holds '",
            "has not");
        yield return Wrong(
            $"the description of {other}", content => content with { Description = others.Open().Description },
            "holds '", "has not");
        yield return Wrong(
            "weights cut short", content => content with { Weights = content.Weights[..(content.Weights.Length / 2)] },
            "ends within");
        yield return Wrong("no weights", content => content with { Weights = [] }, "ends within the header's length");
        yield return Wrong(
            "two tensors swapped",
            content => content with { Weights = Changed(content.Weights, file => file.SwapFirstThatDiffer()) }, "expected [");
        yield return Wrong(
            "a weight that is not a number",
            content => content with { Weights = Changed(content.Weights, file => file.SetFirst(float.NaN)) },
            "element 3 of '", "NaN", "finite");
        yield return Replaced("no architecture", "\"Architecture\":{", "\"Architecture\":null,\"Older\":{", "damaged");
        yield return Replaced("an unknown model", $"\"$type\":\"{model}\"", "\"$type\":\"GPT\"", "damaged", "GPT");
        yield return Replaced("no labels", "\"Labels\":{", "\"Labels\":null,\"Older\":{", "damaged");
        yield return Replaced("fewer frames than none", "\"Frames\":16", "\"Frames\":-16", "damaged", "-16");
        yield return Replaced(
            "frames that no memory holds", "\"Frames\":16", "\"Frames\":2000000000", "damaged", "Frames");
        yield return Replaced("more classes than weights", "\"low\",", "\"low\",\"middle\",", "expected [");
        yield return Replaced("a class without a name", "\"low\",", "null,", "damaged", "ClassNames is");
        yield return Replaced(
            "labels of an unknown kind", "\"ValueKind\":\"Text\"", "\"ValueKind\":\"Complex\"", "'Complex' are not known");
        yield return Replaced("labels that are no numbers", "\"ValueKind\":\"Text\"", "\"ValueKind\":\"Single\"", "damaged", "low");
        yield return Replaced("a model whose name is a number", $"\"$type\":\"{model}\"", "\"$type\":5", "damaged", "no model '5'");
        yield return Wrong(
            "a description that is no object", content => content with { Description = "[1]" }, "damaged", "not a JSON object");
        yield return Wrong(
            "earlier actions that are no object",
            content => content with { Description = "{\"Labels\":null,\"Actions\":5," + content.Description[1..] }, "damaged",
            "\"Actions\" is not a JSON object");
        yield return Replaced(
            "batches of none", "\"ScoringBatchSize\":16", "\"ScoringBatchSize\":0", "damaged", "ScoringBatchSize is 0");
        yield return Replaced("no time shift", "\"TimeShifts\":1", "\"TimeShifts\":0", "damaged", "TimeShifts is 0");
        yield return Replaced("a patch of nothing", "\"PatchSize\":", "\"PatchSize\":-", "damaged", "PatchSize is -");
        yield return Replaced(
            "no name for its column", "\"FeatureColumnName\":\"Features\"", "\"FeatureColumnName\":null", "damaged");
        yield return model switch
        {
            "HTS-AT" => Replaced("a width that no memory holds", "\"EmbedDim\":8", "\"EmbedDim\":80000000", "damaged", "EmbedDim"),
            "DATAR" => Replaced("a width that no memory holds", "\"StemDim\":8", "\"StemDim\":2000000000", "damaged", "StemDim"),
            _ => Replaced("a width that no memory holds", "\"EmbedDim\":16", "\"EmbedDim\":160000000", "damaged", "EmbedDim"),
        };

        WrongCall Replaced(string what, string part, string by, params string[] parts) => saved.With(what, part, by, parts);

        WrongCall Wrong(string what, Func<SavedContent, SavedContent> change, params string[] parts) => saved.With(what, change, parts);
    }

    private static byte[] Changed(byte[] weights, Action<TamperedFile> change)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("weights");
        File.WriteAllBytes(path, weights);
        TamperedFile.Change(path, path, change);
        return File.ReadAllBytes(path);
    }
}
