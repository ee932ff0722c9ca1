#:project ../src/Microsoft.ML.AudioTransformers
#:package Spectre.Console
#:property PublishAot=false

// Learns when sounds begin and end, by scenes mixed of the recordings of a folder with a folder for each class, of which the
// first four are taken, and shows what it hears in scenes of recordings that it was not trained on.
//   dotnet run samples/events.cs -c Release                           the spoken words of the repository
//   dotnet run samples/events.cs -c Release -- my-sounds 400 15       your recordings, 400 scenes of four seconds, 15 epochs

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Spectre.Console;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int rate = 16_000, slot = 2 * rate;
string folder = args.Length > 0 ? args[0]
    : Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, "SpokenCommands", "data");
(int count, int epochs) = args.Length > 2 ? (int.Parse(args[1]), int.Parse(args[2])) : (400, 15);
(MLContext mlContext, Random random) = (new(seed: 1), new(1));
ILookup<bool, Scene> recordings = mlContext.Data
    .CreateEnumerable<Scene>(mlContext.Data.LoadAudioFolders(folder).All, false, ignoreMissingColumns: true)
    .GroupBy(recording => recording.Label).Take(4)
    .SelectMany(kind => kind.Index())
    .ToLookup(one => one.Index % 5 == 0, one => one.Item);
Scene[] test = [.. Enumerable.Range(0, count / 10).Select(_ => Mix([.. recordings[true]]))];
Scene[] training = [.. Enumerable.Range(0, count).Select(_ => Mix([.. recordings[false]]))];

ITransformer reader = mlContext.Transforms.Conversion.MapValueToKey("Label", "Labels")
    .Append(mlContext.Transforms.LoadAudio("Waveform", "Wav", sampleRate: rate))
    .Fit(mlContext.Data.LoadFromEnumerable(training));
IDataView View(Scene[] scenes) => reader.Transform(mlContext.Data.LoadFromEnumerable(scenes));
using SoundEventDetectionTransformer detector = AnsiConsole.Progress().Start(progress =>
{
    ProgressTask bar = progress.AddTask("reading scenes");
    SoundEventDetectionTrainer.Options chosen = mlContext.SoundEventDetection().OptionsFor(View(training), options =>
    {
        options.Supervision = EventSupervision.Strong;  // Weak, where labels have no times
        options.Model.Epochs = epochs;
        options.Model.MetricsEverySteps = 1;
        options.Model.MetricsCallback = metrics =>
        {
            (bar.MaxValue, bar.Value) = (metrics.StepCount, metrics.Step);
            bar.Description = $"{metrics.Epoch}/{metrics.EpochCount} loss {metrics.Loss:F3}";
        };
    });
    return mlContext.SoundEventDetection().Trainer(chosen).Fit(View(training));
});

IReadOnlyList<SoundEvent> found = mlContext.SoundEventDetection().ReadEvents(detector.DetectEvents(View(test)));
var table = new Table().AddColumns("scene", "heard", "from", "to", "score");
foreach (SoundEvent item in found.Take(12))
{
    table.AddRow(item.Clip, Markup.Escape(item.Label), $"{item.Onset:F2} s", $"{item.Offset:F2} s", $"{item.Score:F2}");
}

SoundEvent[] annotated = [.. test.SelectMany((scene, i) => scene.Labels.Select(
    (label, j) => new SoundEvent($"{i}", label, scene.Onsets[j], scene.Offsets[j])))];
var metrics = EventBasedMetrics.Compute(annotated, [.. found], new() { Collar = 0.2, PercentageOfLength = 0.2 });
AnsiConsole.Write(table);
Console.WriteLine($"{found.Count} events found, {annotated.Length} annotated, event-based F1 {metrics.Overall.F1:F3}");

// A scene has two slots of two seconds; in each of them, a recording or silence, over noise.
Scene Mix(Scene[] from)
{
    (float[] samples, List<(string Label, int Start, int Length)> events) = (new float[2 * slot], []);
    for (int i = 0; i < 2; i++)
    {
        if (random.Next(4) > 0 && from[random.Next(from.Length)] is { } chosen)
        {
            using AudioReader file = AudioReader.Open(chosen.Path, rate, duration: 1.9);
            float[] clip = file.ReadToEnd();
            int start = (i * slot) + random.Next(slot - clip.Length);
            clip.CopyTo(samples, start);
            events.Add((chosen.Label, start, clip.Length));
        }
    }

    using var wav = new MemoryStream();
    AudioFile.Write(wav, [.. samples.Select(sample => sample + (0.004f * (random.NextSingle() - 0.5f)))], rate);
    return new Scene
    {
        Wav = wav.ToArray(),
        Labels = [.. events.Select(item => item.Label)],
        Onsets = [.. events.Select(item => item.Start / (float)rate)],
        Offsets = [.. events.Select(item => (item.Start + item.Length) / (float)rate)],
    };
}

internal sealed class Scene
{
    public string Path { get; set; } = "";
    public string Label { get; set; } = "";
    public byte[] Wav { get; set; } = [];
    public string[] Labels { get; set; } = [];
    public float[] Onsets { get; set; } = [];
    public float[] Offsets { get; set; } = [];
}
