using System.Diagnostics;
using System.Globalization;
using AudioMLNet.Benchmarks.Trainers;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Onnx;

/// <summary>
/// What the precisions of exported models cost: accuracy on unheard voices of the spoken commands, with the small presets of the
/// models, and event-based F1 on the scenes of samples/SoundEvents.
/// </summary>
internal static class Int8Benchmark
{
    private const string Events = "events";
    private const int SampleRate = 16_000;
    private const int SceneLength = 5 * SampleRate;
    private static readonly OnnxPrecision[] s_precisions = Enum.GetValues<OnnxPrecision>();

    /// <summary>Names of presets, and <c>events</c>, which a folder of the sample may follow.</summary>
    public static bool Accepts(string[] options)
    {
        int place = Array.IndexOf(options, Events);
        string[] names = place < 0 ? options : options[..place];
        return Array.TrueForAll(names, name => Array.Exists(TrainerPresets.All, preset => preset.Is(name)))
            && options.Length - names.Length <= 2;
    }

    /// <param name="report">Takes what is measured.</param>
    /// <param name="options">See <see cref="Accepts"/>; none for PaSST's preset and the events.</param>
    /// <returns>The exit code.</returns>
    public static int Run(Report report, string[] options)
    {
        if (!OneThread.IsGiven)
        {
            return OneThread.RunAgain();
        }

        set_num_threads(1);
        options = options.Length > 0 ? options : ["PaSST", Events];
        string folder = Directory.CreateTempSubdirectory("audioml-int8-").FullName;
        try
        {
            foreach (TrainerPreset preset in TrainerPresets.All.Where(preset => Array.Exists(options, preset.Is)))
            {
                MeasureWords(report, preset, folder);
            }

            int place = Array.IndexOf(options, Events);
            if (place >= 0)
            {
                MeasureEvents(report, folder, options.ElementAtOrDefault(place + 1) ?? MakeScenes(Path.Combine(folder, "scenes")));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        report.Write();
        return 0;
    }

    private static void MeasureWords(Report report, TrainerPreset preset, string folder)
    {
        var mlContext = new MLContext(seed: 1);
        SpokenCommands words = SpokenCommands.Read(mlContext, isValidation: false);
        using AudioClassificationTransformer model = TrainerPresets.Fit(mlContext, preset.Create(), words.Training);
        double own = Accuracy(model);
        Say(report, $"{preset.Name}, accuracy on unheard voices, %", own, folder, model.SaveOnnx, Accuracy);

        double Accuracy(ITransformer scorer) =>
            100 * mlContext.MulticlassClassification.Evaluate(scorer.Transform(words.Test)).MicroAccuracy;
    }

    private static void MeasureEvents(Report report, string folder, string scenes)
    {
        var mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
        SoundEvent[] annotated = [.. File.ReadLines(Path.Combine(scenes, "test.tsv")).Skip(1)
            .Select(line => line.Split('\t'))
            .Select(fields => new SoundEvent(
                fields[0], fields[3], double.Parse(fields[1], CultureInfo.InvariantCulture),
                double.Parse(fields[2], CultureInfo.InvariantCulture)))];
        Scene[] clips = [.. annotated.Select(item => item.Clip).Distinct()
            .Select(name => new Scene { Path = Path.Combine(scenes, "test", name), Name = name })];
        LogMelOptions frontEnd = LogMelOptions.CreateHtsAt(SampleRate);
        frontEnd.HopLength = SampleRate / 50;
        frontEnd.TargetSamples = SceneLength;
        IDataView view = mlContext.Data.LoadFromEnumerable(clips);
        IDataView features = mlContext.Transforms.LoadAudio("Waveform", "Path", sampleRate: SampleRate)
            .Append(mlContext.Transforms.ExtractLogMel("Features", "Waveform", frontEnd)).Fit(view).Transform(view);
        ITransformer loaded = mlContext.Model.Load(Path.Combine(scenes, "detector.zip"), out _);
        using SoundEventDetectionTransformer detector = loaded as SoundEventDetectionTransformer
            ?? ((IEnumerable<ITransformer>)loaded).OfType<SoundEventDetectionTransformer>().Single();
        var matching = new EventBasedMetrics.Options { Collar = 0.2, PercentageOfLength = 0.2 };
        Say(report, "sound events, event-based F1, %", F1(detector.DetectEvents(features, "Name")), folder, detector.SaveOnnx,
            served => F1(served.DetectEvents(features, "Name")));

        double F1(IDataView found) => 100 * EventBasedMetrics.Compute(
            annotated,
            mlContext.SoundEventDetection().ReadEvents(found, new SoundEventColumns { Score = "Score" }), matching).Overall.F1;
    }

    private static void Say(
        Report report, string what, double own, string folder, Action<string, OnnxExportOptions?> save,
        Func<OnnxAudioTransformer, double> measure)
    {
        var mlContext = new MLContext(seed: 1);
        long whole = 0;
        foreach (OnnxPrecision precision in s_precisions)
        {
            string path = Path.Combine(folder, $"{precision}.onnx");
            save(path, new() { Precision = precision });
            long bytes = new FileInfo(path).Length;
            whole = precision == OnnxPrecision.Float32 ? bytes : whole;
            using OnnxAudioTransformer served = mlContext.Model.LoadOnnxAudioModel(path, new() { Threads = 1 });
            report.Add($"{what}, {precision}", "", measure(served), "TorchSharp", own);
            report.Add(
                $"{what}, {precision}, file", "MB", bytes / 1e6,
                precision == OnnxPrecision.Float32 ? null : "Float32", precision == OnnxPrecision.Float32 ? null : whole / 1e6);
        }
    }

    /// <summary>Has the sample make its scenes, and train its detector.</summary>
    private static string MakeScenes(string folder)
    {
        string sample = Path.Combine(SpokenCommands.Folder(), "..", "..", "SoundEvents", "SoundEvents.cs");
        using Process process = Process.Start("dotnet", ["run", sample, "-c", "Release", "--", folder]);
        process.WaitForExit();
        return process.ExitCode == 0
            ? folder
            : throw new InvalidOperationException($"{sample} ended with exit code {process.ExitCode}.");
    }

    private sealed class Scene
    {
        public string Path { get; set; } = "";

        public string Name { get; set; } = "";
    }
}
