#:project ../../src/Microsoft.ML.AudioTransformers
#:package Microsoft.ML
#:property UsesTorchBackend=true
#:property PublishAot=false

// Learns from scenes of which it is told only what is heard in them, not when; then finds words and other sounds, with
// their onsets and offsets, in scenes of voices that it has never heard.
//   dotnet run SoundEvents.cs              makes scenes, trains, tunes thresholds and margins, tests
//   dotnet run SoundEvents.cs -- folder    and keeps the scenes, the events of the test's, the model and the chart of one
//                                          scene in the folder

using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using TorchSharp;

// A model this small gains nothing from a second thread, and loses much to it on a busy machine.
torch.set_num_threads(1);
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string folder = args.Length > 0 ? args[0] : Path.Combine(Path.GetTempPath(), $"sound-events-{Environment.ProcessId}");
string data = Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, "..", "SpokenCommands", "data");
Word[] words = [.. Word.ReadAll(data).Where(word => SceneMaker.Words.Contains(word.Label))];

// Two of the training voices are heard in validation only, so that thresholds and margins are tuned on voices that are new
// to the model. Training is told what is heard in a scene; validation and test know the times as well.
string[] voices = [.. words.Where(word => word.Split == "train").Select(word => word.Voice).Distinct()];
Word[] Spoken(IEnumerable<string> by) => [.. words.Where(word => by.Contains(word.Voice))];
Scene[] training = Make("train", 1300, new SceneMaker(Spoken(voices[..^2]), new Random(1), variety: 0.12));
Scene[] validation = Make("validation", 120, new SceneMaker(Spoken(voices[^2..]), new Random(2)));
Scene[] test = Make("test", 150, new SceneMaker([.. words.Where(word => word.Split == "test")], new Random(4)));

// HTS-AT's front end at the recordings' 16 kHz, with a frame every 20 ms.
LogMelOptions frontEnd = LogMelOptions.CreateHtsAt(SceneMaker.SampleRate);
frontEnd.HopLength = SceneMaker.SampleRate / 50;
frontEnd.TargetSamples = SceneMaker.Length;

var mlContext = new MLContext(seed: 1);
ITransformer featurization = mlContext.Transforms.Conversion.MapValueToKey("Tags", "Label")
    .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: SceneMaker.SampleRate))
    .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", frontEnd))
    .Fit(mlContext.Data.LoadFromEnumerable(training));
IDataView Features(Scene[] scenes) => featurization.Transform(mlContext.Data.LoadFromEnumerable(scenes));

// An event is found if its onset is right to 200 ms, and its offset to 200 ms or a fifth of its length (DCASE).
var matching = new EventBasedMetrics.Options { Collar = 0.2, PercentageOfLength = 0.2 };
var trainer = mlContext.SoundEventDetection().Trainer(new SoundEventDetectionTrainer.Options
{
    Supervision = EventSupervision.Weak,
    TuneThresholds = true,
    TuneMargins = true,
    Matching = matching,
    Decoding = new EventDecodingOptions { MinimumGaps = [0.15] },
    Model = new HtsAtOptions
    {
        // An image of 2 x 128 frames holds a scene of five seconds, in 64 steps of 80 ms. Few blocks see little of what is
        // around a step, so that the presence of a sound stays where it is heard.
        Config =
        {
            ImageSize = 128,
            StrideTime = 2,
            EmbedDim = 64,
            Depths = [2, 1],
            Heads = [4, 8],
            DropPath = 0,
            Pooling = HtsAtPooling.LinearSoftmax,
        },
        LabelColumnName = "Tags",
        Augmentation = { TimeRollFrames = 100, FrequencyMaskBins = 6, MaskValue = -60 },
        Epochs = 3,
        BatchSize = 8,
        LearningRate = 2e-3,
        LearningRateSchedule = new CosineSchedule(warmupEpochs: 0.5),
        Optimization = { GradientClipNorm = 1 },
        ValidationSet = Features(validation),
        MetricsCallback = Console.WriteLine,
    },
});

Console.WriteLine($"training on {training.Length} scenes with weak labels");
var clock = Stopwatch.StartNew();
using SoundEventDetectionTransformer detector = trainer.Fit(Features(training));
Console.WriteLine($"trained in {clock.Elapsed.TotalSeconds:F0} s");

IDataView scenesToTest = Features(test);
IDataView found = detector.DetectEvents(scenesToTest, "Name");
var reference = new SoundEventColumns { Clip = "Name", Onset = "Onsets", Offset = "Offsets" };
EventBasedMetrics events = mlContext.SoundEventDetection().Evaluate(scenesToTest, found, new SoundEventDetectionCatalog.EvaluationOptions
{
    ReferenceColumns = reference,
    EventBased = matching,
}).EventBased;
AudioTaggingMetrics tags = mlContext.AudioTagging().Evaluate(detector.Transform(scenesToTest), "Tags");
Console.WriteLine(events.GetFormattedTable());

IReadOnlyList<SoundEvent> annotated = mlContext.SoundEventDetection().ReadEvents(scenesToTest, reference);
IReadOnlyList<SoundEvent> detected =
    mlContext.SoundEventDetection().ReadEvents(found, new SoundEventColumns { Score = "Score" });
static SoundEvent[] WordsOf(IEnumerable<SoundEvent> all) => [.. all.Where(item => !SceneMaker.Sounds.Contains(item.Label))];
EventBasedMetrics spoken = EventBasedMetrics.Compute(WordsOf(annotated), WordsOf(detected), matching);

if (args.Length > 0)
{
    mlContext.Model.SaveAudioModel(detector, scenesToTest.Schema, Path.Combine(folder, "detector.zip"));
    File.WriteAllLines(Path.Combine(folder, "test.tsv"), annotated
        .Select(item => FormattableString.Invariant($"{item.Clip}.wav\t{item.Onset}\t{item.Offset}\t{item.Label}"))
        .Prepend("filename\tonset\toffset\tevent_label"));
    Scene shown = test.MaxBy(scene => scene.Label.Length)!;
    using AudioReader reader = AudioReader.Open(shown.Path);
    float[] spectrogram = new LogMelExtractor(frontEnd).Extract(reader.ReadToEnd());
    string chart = Path.Combine(folder, "scene.svg");
    EventTimeline.Draw(
        shown.Name, SceneMaker.Length / (double)SceneMaker.SampleRate, annotated, detected, spectrogram, frontEnd.MelBins)
        .Save(chart);
    Console.WriteLine($"scene {shown.Name}: {chart}");
}
else
{
    Directory.Delete(folder, recursive: true);
}

Console.WriteLine($"{test.Length} scenes of unheard voices, {annotated.Count} events");
Console.WriteLine($"clip-level mAP: {tags.MeanAveragePrecision:F3}");
Console.WriteLine($"event-based F1 of the words: {spoken.Overall.F1:F3}");
Console.WriteLine($"event-based F1: {events.Overall.F1:F3}");
return 0;

Scene[] Make(string set, int count, SceneMaker maker)
{
    string path = Path.Combine(folder, set);
    Directory.CreateDirectory(path);
    return [.. Enumerable.Range(0, count).Select(number => maker.Make(Path.Combine(path, $"{set}-{number:D4}.wav")))];
}

/// <summary>A recording, what is heard in it, and when, which training is not told.</summary>
internal sealed class Scene
{
    public string Path { get; set; } = "";

    public string Name { get; set; } = "";

    public string[] Label { get; set; } = [];

    public float[] Onsets { get; set; } = [];

    public float[] Offsets { get; set; } = [];
}

/// <summary>A spoken word, from its first sound to its last.</summary>
internal sealed record Word(string Label, string Voice, string Split, float[] Samples)
{
    public static Word[] ReadAll(string folder) => [.. File.ReadLines(Path.Combine(folder, "clips.csv"))
        .Skip(1)
        .Select(line => line.Split(','))
        .Select(fields => new Word(fields[1], fields[2], fields[3], Trim(Read(Path.Combine(folder, fields[0])))))];

    private static float[] Read(string path)
    {
        using AudioReader reader = AudioReader.Open(path, SceneMaker.SampleRate);
        return reader.ReadToEnd();
    }

    /// <summary>Cuts what is 30 dB below the loudest 10 ms at both ends.</summary>
    private static float[] Trim(float[] samples)
    {
        const int block = SceneMaker.SampleRate / 100;
        double[] powers = [.. samples.Chunk(block).Select(part => part.Sum(sample => (double)sample * sample))];
        double floor = powers.Max() / 1000;
        int first = Array.FindIndex(powers, power => power > floor) * block;
        int end = Math.Min((Array.FindLastIndex(powers, power => power > floor) + 1) * block, samples.Length);
        return samples[first..end];
    }
}

/// <summary>Mixes scenes of spoken words and other sounds over noise.</summary>
internal sealed class SceneMaker(Word[] words, Random random, double variety = 0)
{
    public const int SampleRate = 16_000;
    public const int Length = 5 * SampleRate;
    public static readonly string[] Words = ["go", "left", "no", "right", "stop", "yes"];
    public static readonly string[] Sounds = ["beep", "clicks", "hiss", "hum"];

    private const double Loudness = 0.08;

    /// <summary>Writes a scene of one to three words, none upon another, and up to two other sounds.</summary>
    public Scene Make(string path)
    {
        List<(string Label, float[] Samples, int Start)> events = [];
        int wordCount = random.Next(1, 4);
        for (int i = 0; i < wordCount; i++)
        {
            Word word = words[random.Next(words.Length)];
            Place(events, word.Label, Vary(word.Samples), other => !Sounds.Contains(other) || other == word.Label);
        }

        int soundCount = random.Next(0, 3);
        for (int i = 0; i < soundCount; i++)
        {
            string sound = Sounds[random.Next(Sounds.Length)];
            Place(events, sound, Synthesize(sound), other => other == sound);
        }

        float[] mixture = Noise(Length, random.NextDouble() * 1.6);
        Scale(mixture, Loudness * Decibels(-30, -18));
        foreach ((string label, float[] samples, int start) in events)
        {
            float[] scaled = [.. samples];
            Scale(scaled, Loudness * (Sounds.Contains(label) ? Decibels(-12, -4) : Decibels(-4, 4)));
            for (int i = 0; i < scaled.Length; i++)
            {
                mixture[start + i] += scaled[i];
            }
        }

        AudioFile.Write(path, mixture, SampleRate, format: AudioFileFormat.WavPcm16);
        events.Sort((a, b) => a.Start.CompareTo(b.Start));
        return new Scene
        {
            Path = path,
            Name = System.IO.Path.GetFileNameWithoutExtension(path),
            Label = [.. events.Select(item => item.Label)],
            Onsets = [.. events.Select(item => (float)item.Start / SampleRate)],
            Offsets = [.. events.Select(item => (float)(item.Start + item.Samples.Length) / SampleRate)],
        };
    }

    /// <summary>Finds a place with a quarter of a second around it that others leave free, if there is one.</summary>
    private void Place(
        List<(string Label, float[] Samples, int Start)> events, string label, float[] samples, Func<string, bool> mustNotTouch)
    {
        const int gap = SampleRate / 4;
        for (int attempt = 0; attempt < 50; attempt++)
        {
            int start = random.Next(Length - samples.Length);
            if (!events.Any(item => mustNotTouch(item.Label)
                && start < item.Start + item.Samples.Length + gap && item.Start < start + samples.Length + gap))
            {
                events.Add((label, samples, start));
                return;
            }
        }
    }

    /// <summary>Plays a word up to so much slower and lower, or faster and higher: as if by another voice.</summary>
    private float[] Vary(float[] samples)
    {
        double speed = Math.Exp(variety * ((2 * random.NextDouble()) - 1));
        var varied = new float[(int)((samples.Length - 1) / speed)];
        for (int i = 0; i < varied.Length; i++)
        {
            int before = (int)(i * speed);
            float share = (float)((i * speed) - before);
            varied[i] = (samples[before] * (1 - share)) + (samples[before + 1] * share);
        }

        return varied;
    }

    private float[] Synthesize(string sound)
    {
        var samples = new float[(int)(SampleRate * (0.4 + random.NextDouble()))];
        double frequency = sound == "beep" ? 700 * Math.Pow(4, random.NextDouble()) : 70 + (80 * random.NextDouble());
        double period = SampleRate / (8.0 + (8 * random.NextDouble()));
        float[] noise = Noise(samples.Length, -1);
        for (int i = 0; i < samples.Length; i++)
        {
            double phase = 2 * Math.PI * frequency * i / SampleRate;
            double sinceClick = i % period;
            samples[i] = (float)(sound switch
            {
                "beep" => Math.Sin(phase),
                "hum" => Enumerable.Range(1, 8).Sum(harmonic => Math.Sin(harmonic * phase) / harmonic),
                "clicks" => Math.Exp(-sinceClick / 40) * Math.Sin(sinceClick),
                _ => noise[i],
            });
            samples[i] *= Math.Min(1, Math.Min(i + 1, samples.Length - i) / (0.01f * SampleRate));
        }

        return samples;
    }

    /// <summary>Noise whose power falls with this power of the frequency: 0 is white, 1 pink, 2 brown, -1 blue.</summary>
    private float[] Noise(int length, double color)
    {
        // White noise through the fractional sum of order color / 2 (Kasdin 1995), cut after 128 terms.
        var kernel = new double[128];
        kernel[0] = 1;
        for (int k = 1; k < kernel.Length; k++)
        {
            kernel[k] = kernel[k - 1] * (k - 1 + (color / 2)) / k;
        }

        double[] white = [.. Enumerable.Range(0, length + kernel.Length).Select(_ => random.NextDouble() + random.NextDouble() - 1)];
        var noise = new float[length];
        for (int i = 0; i < length; i++)
        {
            double sum = 0;
            for (int k = 0; k < kernel.Length; k++)
            {
                sum += kernel[k] * white[i + kernel.Length - k];
            }

            noise[i] = (float)sum;
        }

        return noise;
    }

    private double Decibels(double from, double to) => Math.Pow(10, (from + ((to - from) * random.NextDouble())) / 20);

    /// <summary>Gives samples a root mean square.</summary>
    private static void Scale(float[] samples, double target)
    {
        float factor = (float)(target / Math.Sqrt(samples.Average(sample => (double)sample * sample)));
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] *= factor;
        }
    }
}
