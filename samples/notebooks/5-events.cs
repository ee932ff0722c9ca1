#:project ../../src/Microsoft.ML.AudioTransformers.Interactive
#:package Microsoft.ML
#:property UsesTorchBackend=true
#:property PublishAot=false

// %% [markdown]
// # 5. Events in a long recording
//
// Which sounds are heard, and from when to when. A small HTS-AT learns from short scenes, and then reads a recording of half
// a minute, in overlapping windows.
//
// The notebook makes the sounds itself: beeps, hums and hisses over noise.

// %%
using System.IO;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using static Microsoft.ML.AudioTransformers.AudioNotebook;

// %% [program]
Environment.CurrentDirectory = (string)AppContext.GetData("EntryPointFileDirectoryPath")!;
using NotebookPage page = NotebookPage.Open("../../artifacts/notebooks/5-events.html", Console.Out);

// %% [markdown]
// ## Scenes

// %%
const int Rate = 16_000;
string[] kinds = ["beep", "hiss", "hum"];
var random = new Random(1);

// A sound of a kind, faded in and out.
float[] Sound(string kind, double seconds)
{
    double pitch = kind == "beep" ? 900 + (600 * random.NextDouble()) : 90 + (40 * random.NextDouble());
    var sound = new float[(int)(seconds * Rate)];
    for (int i = 0; i < sound.Length; i++)
    {
        double phase = 2 * Math.PI * pitch * i / Rate;
        double value = kind switch
        {
            "beep" => Math.Sin(phase),
            "hum" => Math.Sin(phase) + (0.5 * Math.Sin(2 * phase)) + (0.3 * Math.Sin(3 * phase)),
            _ => 2 * (random.NextDouble() - 0.5),
        };
        sound[i] = (float)(0.2 * value * Math.Min(1, Math.Min(i, sound.Length - i) / 320.0));
    }

    return sound;
}

// A recording with sounds one after another, and what is heard in it.
(float[] Samples, List<SoundEvent> Events) Scene(string name, double seconds, int sounds)
{
    float[] samples = new float[(int)(seconds * Rate)];
    for (int i = 0; i < samples.Length; i++)
    {
        samples[i] = (float)(0.01 * (random.NextDouble() - 0.5));
    }

    List<SoundEvent> events = [];
    for (int i = 0; i < sounds; i++)
    {
        string kind = kinds[random.Next(kinds.Length)];
        float[] sound = Sound(kind, 0.4 + (0.4 * random.NextDouble()));
        double room = seconds / sounds;
        int start = (int)(((i * room) + (random.NextDouble() * (room - 0.85))) * Rate);
        for (int k = 0; k < sound.Length; k++)
        {
            samples[start + k] += sound[k];
        }

        events.Add(new SoundEvent(name, kind, start / (double)Rate, (start + sound.Length) / (double)Rate));
    }

    return (samples, events);
}

var scenes = Enumerable.Range(0, 120).Select(number => Scene($"scene {number}", 2.56, random.Next(1, 3))).ToArray();
Show(scenes.Take(3).Select(scene => new AudioPlayer(
    scene.Samples, Rate, string.Join(", ", scene.Events.Select(sound => sound.Label)))).ToArray<object>());

// %% [markdown]
// ## Training
//
// Each scene is told what is heard in it and when (strong labels); `EventSupervision.Weak` does with what alone, given more
// scenes. A step of the model's map is 80 ms.

// %%
LogMelOptions frontEnd = LogMelOptions.CreateHtsAt(Rate);
frontEnd.MelBins = 32;
frontEnd.HopLength = Rate / 50;
frontEnd.TargetFrames = 128;
frontEnd.TargetSamples = 0;
var mlContext = new MLContext(seed: 1);
IDataView train = mlContext.Data.LoadFromEnumerable(scenes.Select(scene => new
{
    Waveform = scene.Samples,
    Label = scene.Events.Select(sound => sound.Label).ToArray(),
    Onsets = scene.Events.Select(sound => (float)sound.Onset).ToArray(),
    Offsets = scene.Events.Select(sound => (float)sound.Offset).ToArray(),
}));
IDataView training = mlContext.Transforms.Conversion.MapValueToKey("Tags", "Label").Fit(train).Transform(train);
SoundEventDetectionTransformer detector = mlContext.SoundEventDetection().Trainer(new SoundEventDetectionTrainer.Options
{
    Supervision = EventSupervision.Strong,
    Decoding = new EventDecodingOptions { MinimumGaps = [0.15], MinimumDurations = [0.15] },
    Model = new HtsAtOptions
    {
        Config = { ImageSize = 64, StrideTime = 2, EmbedDim = 24, Depths = [1, 1], Heads = [2, 4], DropPath = 0 },
        FrontEnd = frontEnd,
        FeatureColumnName = "Waveform",
        LabelColumnName = "Tags",
        Epochs = 10,
        BatchSize = 8,
        LearningRate = 3e-3,
        MetricsCallback = Progress("HTS-AT"),
    },
}).Fit(training);

// %% [markdown]
// ## A recording
//
// Thirty seconds, as a file. The detector reads it piece by piece; an hour takes no more memory.

// %%
string path = Path.Combine(Path.GetTempPath(), $"half-a-minute-{Environment.ProcessId}.wav");
(float[] samples, List<SoundEvent> made) = Scene("recording", 30, 16);
AudioFile.Write(path, samples, Rate, format: AudioFileFormat.WavPcm16);
List<SoundEvent> found = [];
StreamingSoundEventDetector stream = detector.CreateStreamingDetector("recording");
foreach (float[] second in AudioPlayer.Open(path, seconds: 60).Samples.ToArray().Chunk(Rate))
{
    found.AddRange(stream.Write(second));
}

found.AddRange(stream.Finish());
Show(new AudioPlayer(samples, Rate, "recording", seconds: 5));
Show(Table(found.Take(8)));

// %% [markdown]
// ## Timeline
//
// Above what was put in, below what was found; the darker, the surer.

// %%
var whole = LogMelOptions.CreateHtsAt(Rate);
whole.TargetSamples = samples.Length;
float[] spectrogram = new LogMelExtractor(whole).Extract(samples);
Show(EventTimeline.Draw("recording", 30, made, found, spectrogram, whole.MelBins));

// %% [markdown]
// An event counts as found if its onset is right to 200 ms, and its offset to 200 ms or a fifth of its length.

// %%
File.Delete(path);
Show(EventBasedMetrics.Compute(made, found, new EventBasedMetrics.Options { Collar = 0.2, PercentageOfLength = 0.2 }));
