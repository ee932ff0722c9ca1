using System.Globalization;
using AudioMLNet.Benchmarks;
using AudioMLNet.Benchmarks.Ablation;
using AudioMLNet.Benchmarks.Defaults;
using AudioMLNet.Benchmarks.Features;
using AudioMLNet.Benchmarks.Feeding;
using AudioMLNet.Benchmarks.LongClips;
using AudioMLNet.Benchmarks.MainJob;
using AudioMLNet.Benchmarks.Models;
using AudioMLNet.Benchmarks.Soak;
using AudioMLNet.Benchmarks.Steadiness;
using AudioMLNet.Benchmarks.Trainers;
using AudioMLNet.Benchmarks.Training;

Report report = Report.FromArguments(ref args);
switch (args)
{
    case ["features"]:
        FeaturesBenchmark.Run(report);
        break;
    case ["parts", .. string[] options]:
        FeatureParts.Run(report, options);
        break;
    case ["models", .. string[] options] when ModelsBenchmark.Accepts(options):
        ModelsBenchmark.Run(report, options);
        break;
    case [ModelWorker.Command, .. string[] options]:
        ModelWorker.Run(options);
        return 0;
    case ["ablation"]:
        AblationBenchmark.Run(report);
        break;
    case ["trainers", .. string[] options] when TrainersBenchmark.Accepts(options):
        return TrainersBenchmark.Run(report, options);
    case ["defaults", .. string[] options] when DefaultsBenchmark.Accepts(options):
        return DefaultsBenchmark.Run(report, options);
    case ["steadiness", .. string[] options] when SteadinessBenchmark.Accepts(options):
        return SteadinessBenchmark.Run(report, options);
    case ["training", "table1"]:
        PasstTable1.Run(report);
        break;
    case ["training", .. string[] options] when ModelsBenchmark.Accepts(options):
        TrainingBenchmark.Run(report, options);
        break;
    case [TrainingWorker.Command, .. string[] options]:
        TrainingWorker.Run(options);
        return 0;
    case ["sizes"]:
        SizesTable.Run(report);
        break;
    case ["feeding", .. string[] options] when options is [] || int.TryParse(options[0], out _):
        FeedingBenchmark.Run(report, options is [string clips] ? int.Parse(clips, CultureInfo.InvariantCulture) : 16);
        break;
    case ["mainjob", .. string[] options] when options is [] || int.TryParse(options[0], out _):
        return MainJobBenchmark.Run(report, options is [string runs] ? int.Parse(runs, CultureInfo.InvariantCulture) : 10);
    case ["soak", .. string[] options] when options is [] or ["control"] || long.TryParse(options[0], out _):
        string count = options.FirstOrDefault(option => option != "control") ?? "10000000";
        long calls = long.Parse(count, CultureInfo.InvariantCulture);
        return SoakBenchmark.Run(report, calls, options is [.., "control"]);
    case ["onehour"]:
        return OneHourBenchmark.Run(report);
    case ["longclips"]:
        return LongClipsBenchmark.Run(report, hours: 8);
    case ["longclips", string text] when double.TryParse(text, CultureInfo.InvariantCulture, out double hours):
        return LongClipsBenchmark.Run(report, hours);
    case ["metrics"]:
        MetricsBenchmark.Run(report);
        break;
    default:
        string families = string.Join(' ', BenchmarkedModel.Names.Select(name => $"[{name}]"));
        string presets = string.Join(' ', TrainerPresets.All.Select(preset => $"[{preset.Name.ToLowerInvariant()}]"));
        Console.Error.WriteLine($"""
            usage: dotnet run -c Release --project benchmarks -- <benchmark> [--json FILE]
              features   the front ends and resampling, beside torchaudio, torch.stft and librosa where Python has them
              models {families} [float32] [bfloat16]
                         models that score: size, time and memory, beside plain PyTorch ones
              training {families} [float32] [bfloat16]
                         training steps: speed, memory and waiting for clips, beside plain PyTorch loops
              training table1
                         the models of PaSST's Table 1 in training, beside PaSST-B and plain PyTorch loops
              mainjob [runs]
                         the sample that learns spoken commands, ten times in a row: accuracy, time, standard error
              sizes      parameters and work of the models at their papers' sizes
              ablation   DATAR with and without its parts, as its paper's Table 4 has them, on the spoken commands
              trainers {presets} [validation]
                         the trainers of all models with their small presets on the spoken commands, about two minutes
                         each; validation hears training voices that are held out in place of the test's
              defaults {presets} [words] [tones] [kinds]
                         the trainers of all models without any option, on spoken commands and two made data sets
              steadiness [trainings] {presets}
                         20 short trainings of HTS-AT's and DATAR's small presets, or others: whether all stays finite
              feeding [clips]
                         how long HTS-AT waits for clips while it trains on WAV files
              onehour    sound events of an hour by HTS-AT, read in pieces of two sizes: whether they agree, and the memory
              longclips [hours]
                         a WAV of eight hours in windows by HTS-AT: windows a second beside the model's own, and memory
              soak [calls] [control]
                         ten million operator calls while garbage is collected without pause: exceptions, wrong numbers;
                         control calls TorchSharp's own operators, of which some throw
              metrics    evaluators at the size of AudioSet's evaluation set
              parts      the parts of the front ends by BenchmarkDotNet; its options may follow
            Of models and types without any named, all are measured, bfloat16 where the processor is fast in it.
            docs/benchmarks.md tells what is compared, with which settings, and how long each takes.
            """);
        return 2;
}

report.Write();
return 0;
