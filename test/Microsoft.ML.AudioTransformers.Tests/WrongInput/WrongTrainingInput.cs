using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Tests.Tasks;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tests.WrongInput;

/// <summary>Features and labels that trainers must refuse, and folders that they must not resume from.</summary>
internal static class WrongTrainingInput
{
    public static IEnumerable<WrongCall> Calls(TemporaryFolder folder) =>
    [
        .. Right.Models.SelectMany(model => Classifier(model.Key, model.Value)),
        .. SmallClips(),
        .. Tagging(),
        .. Events(),
        .. Actions(),
        .. Waveforms(),
        .. Resumed(folder),
    ];

    private static IEnumerable<WrongCall> Classifier(string name, Func<AudioTrainerOptions> options)
    {
        yield return new WrongCall(
            $"{name} trainer: features of unknown size", () => Fit(Right.Keyed(Right.Clips(), Right.Features(0))),
            "'Features'", "Vector<Single>", "two known sizes, frames x mel bins");
        yield return new WrongCall(
            $"{name} trainer: features of one size", () => Fit(Right.Keyed(Right.Clips(), Right.Features(128))),
            "'Features'", "Vector<Single, 128>", "two known sizes, frames x mel bins");
        yield return new WrongCall(
            $"{name} trainer: features of three sizes", () => Fit(Right.Keyed(Right.Clips(), Right.Features(2, 8, 8))),
            "'Features'", "Vector<Single, 2, 8, 8>", "two known sizes, frames x mel bins");
        yield return new WrongCall(
            $"{name} trainer: a row of fewer values than its type has",
            () => Fit(Right.Keyed(Array.ConvertAll(Right.Clips(), Shorter))), "100", "128");
        yield return new WrongCall(
            $"{name} trainer: NaN", () => Fit(Right.Keyed(Right.With(float.NaN))),
            "'Features', row 5", "value 70 is NaN", "expected finite numbers");
        yield return new WrongCall(
            $"{name} trainer: infinity", () => Fit(Right.Keyed(Right.With(float.NegativeInfinity))),
            "'Features', row 5", "value 70 is -", "expected finite numbers");
        yield return new WrongCall(
            $"{name} trainer: validation features of another size",
            () => Fit(Right.Keyed(Right.Clips()), Right.Silence(16, 4)),
            "'Features'", "16 frames x 4 mel bins", "16 frames x 8 mel bins");
        yield return new WrongCall(
            $"{name} trainer: keys of hashes",
            () => Fit(Right.Context.Transforms.Conversion.Hash("Label", numberOfBits: 30)
                .Fit(Right.View(Right.Clips())).Transform(Right.View(Right.Clips()))),
            "'Label'", "Key<UInt32, 0-1073741823>", "at most 1048576 classes");

        void Fit(IDataView data, IDataView? validation = null)
        {
            AudioTrainerOptions own = options();
            own.ValidationSet = validation;
            Right.Trainer(own).Fit(data).Dispose();
        }
    }

    private static IEnumerable<WrongCall> SmallClips()
    {
        yield return new WrongCall(
            "PaSST trainer: fewer mel bins than a patch", () => Fit("PaSST", 16, 3), "Config.PatchSize is 4", "3 mel bins");
        yield return new WrongCall(
            "PaSST trainer: fewer frames than a patch", () => Fit("PaSST", 3, 8), "Config.PatchSize is 4", "3 frames");
        yield return new WrongCall(
            "AST trainer: fewer frames than a patch", () => Fit("AST", 3, 8), "Config.PatchSize is 4", "3 frames");
        yield return new WrongCall(
            "HTS-AT trainer: more mel bins than the image", () => Fit("HTS-AT", 16, 17), "Config.ImageSize is 16", "17 mel bins");
        yield return new WrongCall(
            "HTS-AT trainer: clips too long for two crops",
            () =>
            {
                var options = (HtsAtOptions)Right.Models["HTS-AT"]();
                options.Config.LongClips = HtsAtLongClips.AveragedCrops;
                Right.Trainer(options).Fit(Right.Silence(67, 8)).Dispose();
            },
            "LongClips is AveragedCrops", "67 frames", "at most 66");

        static void Fit(string model, int frames, int mels) =>
            Right.Trainer(Right.Models[model]()).Fit(Right.Silence(frames, mels)).Dispose();
    }

    private static IEnumerable<WrongCall> Tagging()
    {
        yield return new WrongCall(
            "Audio tagging trainer: features of one size", () => Fit(TaggedClip.Make(8, seed: 1), Right.Features(128)),
            "'Features'", "Vector<Single, 128>", "two known sizes, frames x mel bins");
        yield return new WrongCall(
            "Audio tagging trainer: NaN", () => Fit(Broken(TaggedClip.Make(8, seed: 1))),
            "'Features', row 2", "value 9 is NaN", "expected finite numbers");
        yield return new WrongCall(
            "Audio tagging trainer: a slot that is neither 0 nor 1",
            () => Right.Context.AudioTagging().Trainer(Right.Models["PaSST"]()).Fit(Right.View(Slotted())),
            "'Label', row 1", "is 0.5", "expected 0, 1, or NaN");
        yield return new WrongCall(
            "Audio tagging trainer: validation features of another size",
            () =>
            {
                AudioTrainerOptions options = Right.Models["HTS-AT"]();
                options.ValidationSet = Right.Keyed(TaggedClip.Make(8, seed: 1), Right.Features(8, 16));
                Right.Context.AudioTagging().Trainer(options).Fit(Right.Keyed(TaggedClip.Make(8, seed: 1))).Dispose();
            },
            "'Features'", "8 frames x 16 mel bins", "16 frames x 8 mel bins");

        static void Fit(TaggedClip[] clips, DataViewType? type = null) =>
            Right.Context.AudioTagging().Trainer(Right.Models["PaSST"]()).Fit(Right.Keyed(clips, type)).Dispose();
    }

    private static IEnumerable<WrongCall> Events()
    {
        yield return new WrongCall(
            "Sound event trainer: features of one size", () => Fit(_ => { }, type: Right.Features(256)),
            "'Features'", "Vector<Single, 256>", "two known sizes, frames x mel bins");
        yield return new WrongCall(
            "Sound event trainer: an event that ends before it begins", () => Fit(clip => clip.Offsets[0] = 0),
            "Row 1", "event 0", "to 0 s", "a later offset");
        yield return new WrongCall(
            "Sound event trainer: fewer onsets than labels", () => Fit(clip => clip.Onsets = []),
            "Row 1", "1 labels in column 'Label'", "0 onsets in 'Onsets'", "as many of each");
        yield return new WrongCall(
            "Sound event trainer: an image shorter than the clips",
            () => Fit(_ => { }, options => ((HtsAtOptions)options.Model).Config.ImageSize = 8),
            "8 frames", "all 32 of a clip");

        static void Fit(
            Action<SoundEventDetectionTrainerTests.EventClip> change,
            Action<SoundEventDetectionTrainer.Options>? set = null,
            DataViewType? type = null)
        {
            SoundEventDetectionTrainerTests.EventClip[] clips = SoundEventDetectionTrainerTests.EventClip.Make(8, seed: 1);
            change(clips[1]);
            SoundEventDetectionTrainer.Options options = SoundEventDetectionTrainerTests.Options();
            (options.Supervision, options.Model.Epochs) = (EventSupervision.Strong, 1);
            set?.Invoke(options);
            Right.Context.SoundEventDetection().Trainer(options).Fit(Right.Keyed(clips, type)).Dispose();
        }
    }

    private static IEnumerable<WrongCall> Actions()
    {
        yield return new WrongCall(
            "Action recognition trainer: features of unknown size",
            () => Fit(Tests.Tasks.ActionClip.Make(12, seed: 1), Right.Features(0)),
            "'Features'", "Vector<Single>", "two known sizes, frames x mel bins");
        yield return new WrongCall(
            "Action recognition trainer: NaN", () => Fit(Broken(Tests.Tasks.ActionClip.Make(12, seed: 1))),
            "'Features', row 2", "value 9 is NaN", "expected finite numbers");

        static void Fit(Tests.Tasks.ActionClip[] clips, DataViewType? type = null)
        {
            IDataView view = Right.View(clips, type);
            foreach (string column in new[] { "Verb", "Noun" })
            {
                view = Right.Context.Transforms.Conversion.MapValueToKey(column).Fit(view).Transform(view);
            }

            Right.Context.ActionRecognition().Trainer(new() { Model = Right.Models["DATAR"]() }).Fit(view).Dispose();
        }
    }

    private static IEnumerable<WrongCall> Waveforms()
    {
        yield return new WrongCall(
            "Trainer with a front end: an empty waveform", () => Fit([], _ => { }), "'Features', row 5", "0 samples",
            "one frame");
        yield return new WrongCall(
            "Trainer with a front end: a waveform shorter than a frame",
            () => Fit(new float[40], options =>
                (options.Alignment, options.TargetSamples, options.TargetFrames) = (FrameAlignment.Inside, 0, 9)),
            "'Features', row 5", "40 samples", "one frame");
        yield return new WrongCall(
            "Trainer with a front end: NaN", () => Fit([0, float.NaN], _ => { }), "'Features', row 5", "value 1 is NaN",
            "finite");
        yield return new WrongCall(
            "Trainer with a front end that gives clips no one length",
            () => Fit(new float[800], options => options.TargetSamples = 0),
            "FrontEnd.TargetSamples is 0", "all clips get one shape");

        static void Fit(float[] waveform, Action<LogMelOptions> change)
        {
            AudioTrainerOptions options = Right.Models["PaSST"]();
            options.FrontEnd = LogMelOptions.CreatePasst(4000);
            (options.FrontEnd.MelBins, options.FrontEnd.TargetSamples) = (8, 800);
            change(options.FrontEnd);
            WaveformClip[] clips = [.. Right.Clips().Select((clip, i) =>
                new WaveformClip { Label = clip.Label, Features = i == 5 ? waveform : new float[800] })];
            Right.Trainer(options).Fit(Right.Keyed(clips)).Dispose();
        }
    }

    /// <summary>A folder that another run has left, or that was tampered with.</summary>
    private static IEnumerable<WrongCall> Resumed(TemporaryFolder folder)
    {
        string last = Path.Combine(folder.File("run"), "last.safetensors");
        Train(Right.Models["PaSST"]());
        const string bias = "blocks.0.attn.proj.bias";
        yield return Tampered("cut short", TamperedFile.Cut, "last.safetensors");
        yield return Tampered(
            "two of its moments swapped", file => file.Swap("optimizer.exp_avg.cls_token", $"optimizer.exp_avg.{bias}"),
            "optimizer.exp_avg.", "[1, 1, 16]");
        yield return Tampered(
            "two of its weights swapped", file => file.Swap("model.cls_token", $"model.{bias}"), "'model.", "[16]",
            "[1, 1, 16]");
        yield return Tampered(
            "a moment is missing", file => file.Remove($"optimizer.exp_avg.{bias}"),
            $"lacks 'optimizer.exp_avg.{bias}' [16]");
        yield return Tampered(
            "its steps are of another type", file => file.Retype("optimizer.step"), "'optimizer.step'", "Float32",
            "Int64");
        yield return Tampered(
            "an epoch below 0", file => file.Replace("training_state", "\"Epoch\":1", "\"Epoch\":-7"), "Epoch is -7",
            "0 to 2");
        yield return Tampered(
            "more steps than an epoch has",
            file => file.Replace("training_state", "\"StepOfEpoch\":0", "\"StepOfEpoch\":2000000000"),
            "StepOfEpoch is 2000000000", "0 to 1");
        yield return Tampered(
            "no history", file => file.Replace("training_state", "\"History\":[", "\"History\":null,\"Older\":["),
            "History");
        yield return new WrongCall(
            "Resumed training: another model's folder", () => Train(Right.Models["AST"]()),
            "last.safetensors", "another training run", "WorkspacePath of its own");

        WrongCall Tampered(string what, Action<TamperedFile> change, params string[] parts) => new(
            $"Resumed training: {what}",
            () =>
            {
                byte[] whole = File.ReadAllBytes(last);
                try
                {
                    TamperedFile.Change(last, last, change);
                    AudioTrainerOptions options = Right.Models["PaSST"]();
                    Train(options);
                }
                finally
                {
                    File.WriteAllBytes(last, whole);
                }
            },
            parts);

        void Train(AudioTrainerOptions options)
        {
            (options.Epochs, options.WorkspacePath) = (2, folder.File("run"));
            using var source = new CancellationTokenSource();
            options.CancellationToken = source.Token;
            options.MetricsCallback = metrics => source.Cancel();
            Right.Train(options).Dispose();
        }
    }

    private static TinyClip Shorter(TinyClip clip)
    {
        clip.Features = clip.Features[..100];
        return clip;
    }

    private static T[] Broken<T>(T[] clips)
    {
        switch (clips[2])
        {
            case TaggedClip clip:
                clip.Features[9] = float.NaN;
                break;
            case Tests.Tasks.ActionClip clip:
                clip.Features[9] = float.NaN;
                break;
        }

        return clips;
    }

    private static SlottedClip[] Slotted()
    {
        SlottedClip[] clips = SlottedClip.Make(8, seed: 1);
        clips[1].Label[0] = 0.5f;
        return clips;
    }

    private sealed class WaveformClip
    {
        public string Label { get; set; } = "";

        public float[] Features { get; set; } = [];
    }
}
