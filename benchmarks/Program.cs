using System.Globalization;
using AudioMLNet.Benchmarks;
using AudioMLNet.Benchmarks.Ablation;
using AudioMLNet.Benchmarks.Decoding;
using AudioMLNet.Benchmarks.Defaults;
using AudioMLNet.Benchmarks.Features;
using AudioMLNet.Benchmarks.Feeding;
using AudioMLNet.Benchmarks.Flat;
using AudioMLNet.Benchmarks.Kills;
using AudioMLNet.Benchmarks.LongClips;
using AudioMLNet.Benchmarks.MainJob;
using AudioMLNet.Benchmarks.Models;
using AudioMLNet.Benchmarks.Performance;
using AudioMLNet.Benchmarks.Onnx;
using AudioMLNet.Benchmarks.Serving;
using AudioMLNet.Benchmarks.Ranks;
using AudioMLNet.Benchmarks.ScalePlan;
using AudioMLNet.Benchmarks.Shards;
using AudioMLNet.Benchmarks.Soak;
using AudioMLNet.Benchmarks.Steadiness;
using AudioMLNet.Benchmarks.SweepKills;
using AudioMLNet.Benchmarks.Threads;
using AudioMLNet.Benchmarks.Trainers;
using AudioMLNet.Benchmarks.Training;

Report report = Report.FromArguments(ref args);
switch (args)
{
    case ["features"]:
        FeaturesBenchmark.Run(report);
        break;
    case ["decoding"]:
        DecodingBenchmark.Run(report);
        break;
    case [CorpusComparison.Command, .. string[] options] when options.Length > 3:
        return CorpusComparison.Run(options);
    case ["parts", .. string[] options]:
        FeatureParts.Run(report, options);
        break;
    case ["performance", .. string[] options] when PerformanceBenchmark.Accepts(options):
        PerformanceBenchmark.Run(report, options);
        break;
    case [GraphWorker.Command, .. string[] options]:
        GraphWorker.Run(options);
        return 0;
    case [LoadWorker.Command, .. string[] options]:
        LoadWorker.Run(options);
        return 0;
    case [ProductWorker.Command]:
        ProductWorker.Run();
        return 0;
    case ["models", .. string[] options] when ModelsBenchmark.Accepts(options):
        ModelsBenchmark.Run(report, options);
        break;
    case [ModelWorker.Command, .. string[] options]:
        ModelWorker.Run(options);
        return 0;
    case ["onnx", "files", string folder, .. string[] names]:
        OnnxFiles.WriteAll(
            report, folder, names.Length == 0 ? OnnxVariant.Main : OnnxVariant.Main.Concat(OnnxVariant.Others).Where(
                variant => Array.Exists(names, name => variant.Name.StartsWith(name, StringComparison.Ordinal))));
        break;
    case ["onnx", "products"]:
        ProductsBenchmark.Run(report);
        break;
    case ["onnx", "int8", .. string[] options] when Int8Benchmark.Accepts(options):
        return Int8Benchmark.Run(report, options);
    case ["onnx", .. string[] options] when OnnxBenchmark.Accepts(options):
        OnnxBenchmark.Run(report, options);
        break;
    case [OnnxWorker.Command, .. string[] options]:
        OnnxWorker.Run(options);
        return 0;
    case ["ablation", .. string[] options] when AblationBenchmark.Accepts(options):
        AblationBenchmark.Run(report, options);
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
    case ["threads"]:
        ThreadsBenchmark.Run(report);
        break;
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
    case ["kills", .. string[] options] when KillsBenchmark.Accepts(options):
        return KillsBenchmark.Run(report, options);
    case [KillWorker.Command, .. string[] options]:
        KillWorker.Run(options);
        return 0;
    case ["flat", .. string[] options] when FlatBenchmark.Accepts(options):
        return FlatBenchmark.Run(report, options);
    case ["selftest"]:
        SelfTestBenchmark.Run(report);
        break;
    case ["onehour"]:
        return OneHourBenchmark.Run(report);
    case ["longclips", .. string[] options] when LongClipsBenchmark.Accepts(options):
        return LongClipsBenchmark.Run(report, options);
    case ["serving", .. string[] options] when ServingBenchmark.Accepts(options):
        await ServingBenchmark.Run(report, options);
        break;
    case ["shards"]:
        return ShardsBenchmark.Run(report);
    case ["shards", "kills", .. string[] options] when options is [] || int.TryParse(options[0], out _):
        return ShardsBenchmark.Kill(report, options is [string shardKills] ? int.Parse(shardKills, CultureInfo.InvariantCulture) : 20);
    case [ShardsBenchmark.Worker, string root, string output, string shard]:
        ShardsBenchmark.Score(root, output, shard);
        return 0;
    case ["sweepkills", .. string[] options] when options is [] || int.TryParse(options[0], out _):
        int sweepsExit = SweepKillsBenchmark.Run(
            report, options is [string sweeps] ? int.Parse(sweeps, CultureInfo.InvariantCulture) : 5);
        report.Write();
        return sweepsExit;
    case [SweepKillsBenchmark.Worker, string sweepFolder]:
        return SweepKillsBenchmark.Work(sweepFolder);
    case ["scaleplan", .. string[] options] when options.Length <= 1:
        return ScalePlanBenchmark.Run(report, options is [string planLauncher] ? planLauncher : "mpirun");
    case [ScalePlanBenchmark.Worker]:
        return ScalePlanBenchmark.Measure();
    case ["ranks", "kills", string killLauncher, .. string[] options] when options is [] || int.TryParse(options[0], out _):
        return RankKillsBenchmark.Run(
            report, killLauncher, options is [string rankKills] ? int.Parse(rankKills, CultureInfo.InvariantCulture) : 6);
    case [RankKillsBenchmark.Worker, string killed]:
        return RankKillsBenchmark.Train(killed);
    case ["ranks", "table", string tableLauncher, .. string[] options] when RanksBenchmark.Accepts([tableLauncher, .. options]):
        int tableExit = RanksTable.Run(report, tableLauncher, options);
        report.Write();
        return tableExit;
    case ["ranks", .. string[] options] when RanksBenchmark.Accepts(options):
        int exitCode = RanksBenchmark.Run(report, options);
        report.Write();
        return exitCode;
    case [RanksBenchmark.Worker, string preset, string batch, .. { Length: <= 1 } weights]:
        return RanksBenchmark.Train(preset, int.Parse(batch, CultureInfo.InvariantCulture), weights.FirstOrDefault());
    case ["metrics"]:
        MetricsBenchmark.Run(report);
        break;
    default:
        string families = string.Join(' ', BenchmarkedModel.Names.Select(name => $"[{name}]"));
        string presets = string.Join(' ', TrainerPresets.All.Select(preset => $"[{preset.Name.ToLowerInvariant()}]"));
        Console.Error.WriteLine($"""
            usage: dotnet run -c Release --project benchmarks -- <benchmark> [--json FILE]
              features   the front ends and resampling, beside torchaudio, torch.stft and librosa where Python has them
              decoding   compressed formats beside libsndfile, with the largest difference from ffmpeg's samples
              corpus FILE DIFFERENCE OFPARTS PROGRAM ARGUMENTS
                         a recording of any length beside a program that decodes it to float32 on its standard output
              performance [{string.Join("] [", PerformanceBenchmark.Parts)}] [quick]
                         the tables of docs/performance.md: default precision and float32 beside plain PyTorch, ONNX Runtime, the
                         machine's peak and the floors that were set; quick only to see that it runs
              models {families} [float32] [bfloat16]
                         models that score: size, time and memory, beside plain PyTorch ones
              training {families} [float32] [bfloat16]
                         training steps: speed, memory and waiting for clips, beside plain PyTorch loops
              training table1
                         the models of PaSST's Table 1 in training, beside PaSST-B and plain PyTorch loops
              mainjob [runs]
                         the sample that learns spoken commands, ten times in a row: accuracy, time, standard error
              onnx [quick] [models]
                         exported models on ONNX Runtime beside TorchSharp: nodes, sizes, differences, speed and memory;
                         all, or those whose names begin so, as PaSST-B; quick: one turn, and if none is named the four models
                         at their papers' sizes
              onnx products
                         ONNX Runtime's matrix products beside LibTorch's, at the models' sizes
              onnx int8 {presets} [events [folder]]
                         what float16 and int8 cost in accuracy on the spoken commands and in event-based F1 on the scenes of
                         samples/SoundEvents, whose folder may be named; PaSST's preset and the events if none is named
              onnx files FOLDER [NAME...]
                         writes the files that it measures, for other tools
              sizes      parameters and work of the models at their papers' sizes
              ablation [seeds] [file] [show]
                         DATAR with and without its parts, as its paper's Table 4 has them, on pairs of tones, with intervals;
                         results are kept in the file, by default artifacts/ablation.csv, and a run goes on there
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
              serving [seconds] [small] [paper] [abuse] [stop]
                         samples/ListeningServer: 64 clients for a minute each beside the bare batch scorer, clients that do
                         not behave, and kill -TERM under load
              soak [calls] [control]
                         ten million operator calls while garbage is collected without pause: exceptions, wrong numbers;
                         control calls TorchSharp's own operators, of which some throw
              flat [predictions] [loads] [epochs] [trials] [streaming]
                         memory, open files and native tensors over 100,000 predictions, 1,000 loads, 200 epochs, 100 trials of
                         a sweep and a week of streaming
              kills [runs] [jobs]
                         200 processes that train, sweep, save, export, featurize and score, each killed at a random moment
                         and started again: whether results are equal to the bit and no file is a part of one
              selftest   milliseconds of the self-test of LibTorch's operators at the first use of a process
              ranks [launcher {presets}]
                         data-parallel training by two and four ranks of mpirun, or another launcher, a core each, beside one and
                         beside two processes that share nothing: speed, and distance of the weights
              ranks table launcher {presets}
                         the same trainings by one, two and four ranks: seconds, and distance of the weights, which fails
                         above 1e-6
              ranks kills launcher [kills]
                         a rank of two killed at a random moment, six times: how soon the job ends, whether it names the rank,
                         and whether the training that goes on ends with the weights of one that nobody killed
              shards     scoring of a folder by shards beside the model's own speed, and its memory
              shards kills [kills]
                         processes that score a shard, killed at random moments 20 times: whether each row is there once
              sweepkills [sweeps]
                         sweeps by three workers of which two are killed in a trial, five times: whether each trial has the
                         result of one worker alone, and the best is the same
              scaleplan [launcher]
                         all-reduces over MPI by size, and what follows for 8, 64 and 512 ranks by formula and by simulation, with
                         the spread of the steps of a training here
              metrics    evaluators at the size of AudioSet's evaluation set
              parts      the parts of the front ends by BenchmarkDotNet; its options may follow
            Of models and types without any named, all are measured, bfloat16 where the processor is fast in it.
            docs/benchmarks.md tells what is compared, with which settings, and how long each takes.
            """);
        return 2;
}

report.Write();
return 0;
