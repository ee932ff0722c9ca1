using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.ClipEmbeddings;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring.Embeddings;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.AudioTransformers.Tests.Models;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Tests.WrongInput;

/// <summary>Recordings and weights that embedders and detectors of sound events must refuse.</summary>
internal static class WrongDetectorInput
{
    private const int SampleRate = 8000;
    private const int Mels = 8;

    public static IEnumerable<WrongCall> Calls(TemporaryFolder folder) =>
        [.. Embedders(folder), .. Detectors(folder), .. Streams(folder), .. Ensembles(folder)];

    private static IEnumerable<WrongCall> Embedders(TemporaryFolder folder)
    {
        yield return Wrong("no waveform", [], _ => { }, "'Features', row 0", "0 samples", "one frame");
        yield return Wrong("NaN", [0, float.NaN], _ => { }, "'Features', row 0", "value 1 is NaN", "finite");
        yield return Wrong(
            "windows longer than the model's clips", new float[800], options => options.WindowMilliseconds = 1e6,
            "WindowMilliseconds is 1000000", "at most the front end's length");
        yield return Wrong(
            "windows that do not move", new float[800], options => options.HopMilliseconds = 0, "HopMilliseconds is 0",
            "at least a sample");
        yield return Wrong(
            "no front end", new float[800], options => options.Model.FrontEnd = null, "Model.FrontEnd is null",
            "features of waveforms");
        yield return Wrong(
            "weights of another model", new float[800],
            options => options.Model.PretrainedWeights = Weights(folder, Mels),
            "weights 8", "holds no weights for Passt");
        yield return Wrong(
            "no file of weights", new float[800], options => options.Model.PretrainedWeights = folder.File("none.pt"),
            "none.pt", "no file");
        yield return new WrongCall(
            "Embedding: a front end of no rate",
            () => Embed(folder, Right.View(Right.Clips()), options => options.Model.FrontEnd!.SampleRate = 0),
            "SampleRate is 0", "1 or more");
        yield return new WrongCall(
            "Embedding: a transformer that was disposed",
            () =>
            {
                IDataView view = Waveforms(new float[800]);
                AudioEmbeddingTransformer transformer =
                    Right.Context.Transforms.ExtractAudioEmbedding("Embedding", "Features", Options(folder)).Fit(view);
                transformer.Dispose();
                Right.Read(transformer.Transform(view), "Embedding");
            },
            "disposed", nameof(Passt));

        WrongCall Wrong(string what, float[] waveform, Action<AudioEmbeddingOptions> change, params string[] parts) =>
            new($"Embedding: {what}", () => Embed(folder, Waveforms(waveform), change), parts);
    }

    private static IEnumerable<WrongCall> Detectors(TemporaryFolder folder)
    {
        yield return Wrong(
            "features of other mel bins", Right.Silence(16, 4), "'Features'", "Vector<Single, 16, 4>",
            "frames x 8 mel bins");
        yield return Wrong("features of three sizes", Right.View(Right.Clips(), Right.Features(2, 8, 4)),
            "'Features'", "Vector<Single, 2, 8, 4>", "frames x 8 mel bins");
        yield return Wrong(
            "values that fill no frame", Waveforms(new float[Mels + 1]), "'Features', row 0", "9 values",
            "frames of 8 mel bins");
        yield return Wrong("no values", Waveforms([]), "'Features', row 0", "0 values", "frames of 8 mel bins");
        yield return Wrong("NaN", Right.View(Right.With(float.NaN)), "'Features', row 5", "value 70 is NaN", "finite");
        yield return Wrong("labels in place of features", Right.Context.Transforms.CopyColumns("Features", "Label")
            .Fit(Right.View(Right.Clips())).Transform(Right.View(Right.Clips())), "'Features'", "String",
            "frames x 8 mel bins");
        yield return new WrongCall(
            "Detection: weights of other classes",
            () => Detector(folder, options => options.ClassNames = ["one", "two"]).Dispose(), "tscam_conv", "2 classes");
        yield return new WrongCall(
            "Detection: weights of other sizes",
            () => Detector(folder, options => ((HtsAtOptions)options.Model).Config.Depths = [1, 2]).Dispose(),
            "layers.1.blocks.1", "these classes and sizes");
        yield return new WrongCall(
            "Detection: thresholds for other classes",
            () => Detector(folder).Decoding = new EventDecodingOptions { Thresholds = [0.5, 0.5] },
            "Thresholds is of 2 values", "3 classes");
        yield return new WrongCall(
            "Detection: NaN in an event's row",
            () => Right.Context.Data.CreateEnumerable<EventRow>(
                Detector(folder).DetectEvents(Right.View(Right.With(float.NaN))), reuseRowObject: false).Count(),
            "'Features', row 5", "value 70 is NaN");
        yield return new WrongCall(
            "Detection: a transformer that was disposed",
            () =>
            {
                SoundEventDetectionTransformer detector = Detector(folder);
                IDataView view = detector.Transform(Right.View(Right.Clips()));
                detector.Dispose();
                Right.Read(view);
            },
            "disposed", nameof(HtsAt));

        WrongCall Wrong(string what, IDataView view, params string[] parts) =>
            new($"Detection: {what}", () => Right.Read(Detector(folder).Transform(view)), parts);
    }

    private static IEnumerable<WrongCall> Streams(TemporaryFolder folder)
    {
        yield return Wrong(
            "NaN in a short recording", stream => _ = (stream.Write([0, float.NaN]), stream.Finish()), "1", "NaN");
        yield return Wrong(
            "NaN in a long recording", stream => stream.Write([.. new float[9000], float.NaN, .. new float[9000]]),
            "9000", "NaN");
        yield return Wrong("no samples", stream => stream.Finish(), "waveform is empty");
        yield return Wrong(
            "samples after the end", stream => _ = (stream.Write(new float[800]), stream.Finish(), stream.Write([1])),
            "finished");
        yield return new WrongCall(
            "Streaming detector: a model without a front end",
            () => Detector(folder).CreateStreamingDetector("x"), "log-mel features", "FrontEnd");
        yield return new WrongCall(
            "Streaming detector: a model that was disposed",
            () =>
            {
                SoundEventDetectionTransformer detector = Detector(folder, HearWaveforms);
                StreamingSoundEventDetector stream = detector.CreateStreamingDetector("x");
                detector.Dispose();
                stream.Write(new float[800]);
                stream.Finish();
            },
            "disposed", nameof(HtsAt));
        yield return new WrongCall(
            "Presence of events: no frames",
            () =>
            {
                using HtsAt network = new(Sizes(Mels, 3), new torch.Generator(5));
                new PresenceStream(new PresenceEnsemble([network], torch.CPU)).Finish([]);
            },
            "no frames", "at least one");

        WrongCall Wrong(string what, Action<StreamingSoundEventDetector> use, params string[] parts) => new(
            $"Streaming detector: {what}",
            () =>
            {
                using SoundEventDetectionTransformer detector = Detector(folder, HearWaveforms);
                use(detector.CreateStreamingDetector("x"));
            },
            parts);
    }

    private static IEnumerable<WrongCall> Ensembles(TemporaryFolder folder)
    {
        yield return Wrong(
            "other mel bins", () => [Detector(folder), Detector(folder, mels: 4)], "Detector 2", "features",
            "4 mel bins");
        yield return Wrong(
            "other images",
            () => [Detector(folder), Detector(folder, options => ((HtsAtOptions)options.Model).Config.ImageSize = 32)],
            "Detector 2", "images");
        yield return Wrong(
            "other classes",
            () => [Detector(folder), Detector(folder, options => options.ClassNames = ["ping", "pong", "roar"])],
            "Detector 2", "roar");
        yield return Wrong(
            "waveforms and features", () => [Detector(folder), Detector(folder, HearWaveforms)], "Detector 2",
            "features");
        yield return Wrong("no detectors", () => [], "no detectors", "one or more");
        yield return Wrong("a null", () => [Detector(folder), null!], "Detector 2 is null");

        static WrongCall Wrong(string what, Func<SoundEventDetectionTransformer[]> detectors, params string[] parts) =>
            new($"Ensemble of detectors: {what}", () => Right.Context.Model.CreateSoundEventEnsemble(detectors()).Dispose(), parts);
    }

    private static void Embed(TemporaryFolder folder, IDataView view, Action<AudioEmbeddingOptions> change)
    {
        AudioEmbeddingOptions options = Options(folder);
        change(options);
        using AudioEmbeddingTransformer transformer =
            Right.Context.Transforms.ExtractAudioEmbedding("Embedding", "Features", options).Fit(view);
        Right.Read(transformer.Transform(view), "Embedding");
    }

    /// <summary>An embedder by PaSST.</summary>
    internal static AudioEmbeddingOptions Options(TemporaryFolder folder)
    {
        AudioTrainerOptions model = Right.Models["PaSST"]();
        (model.FrontEnd, model.PretrainedWeights) = (FrontEnd(), folder.File("passt.safetensors"));
        if (!File.Exists(model.PretrainedWeights))
        {
            using AudioModel network = TinyModel.Build(
                model, new WaveformReader(model.FrontEnd).Shape, EmbeddingModelDescription.Classes, seed: 5);
            ModuleWeights.Save(network, model.PretrainedWeights);
        }

        return new AudioEmbeddingOptions { Model = model };
    }

    /// <summary>A detector by HTS-AT, of features unless it is changed.</summary>
    internal static SoundEventDetectionTransformer Detector(
        TemporaryFolder folder, Action<SoundEventDetectionEstimator.Options>? change = null, int mels = Mels)
    {
        HtsAtOptions model = HtsAtTrainerTests.Options();
        model.PretrainedWeights = Weights(folder, mels);
        var options = new SoundEventDetectionEstimator.Options { Model = model, ClassNames = ["ping", "pong", "hum"] };
        change?.Invoke(options);
        return Right.Context.SoundEventDetection().Pretrained(options).Fit(Right.Silence(16, mels));
    }

    internal static void HearWaveforms(SoundEventDetectionEstimator.Options options) => options.Model.FrontEnd = FrontEnd();

    /// <summary>The file of an HTS-AT for so many mel bins and three classes.</summary>
    private static string Weights(TemporaryFolder folder, int mels)
    {
        string path = folder.File($"weights {mels}.safetensors");
        using HtsAt network = new(Sizes(mels, 3), new torch.Generator(5));
        ModuleWeights.Save(network, path);
        return path;
    }

    private static HtsAtConfig Sizes(int mels, int classes) =>
        HtsAtTrainerTests.Options().Config with { MelBins = mels, Classes = classes };

    private static LogMelOptions FrontEnd()
    {
        LogMelOptions frontEnd = LogMelOptions.CreateHtsAt(SampleRate);
        (frontEnd.WindowLength, frontEnd.MelBins, frontEnd.TargetSamples) = (256, Mels, 4000);
        return frontEnd;
    }

    private static IDataView Waveforms(float[] waveform) =>
        Right.Context.Data.LoadFromEnumerable(new[] { new Waveform { Features = waveform } });

    private sealed class Waveform
    {
        public float[] Features { get; set; } = [];
    }

    private sealed class EventRow
    {
        public string Label { get; set; } = "";
    }
}
