using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioTransformers.Models;

namespace AudioMLNet.Benchmarks.Features;

/// <summary>The parts of loading and featurizing a clip of ten seconds, and what they allocate.</summary>
[MemoryDiagnoser]
public class FeatureParts
{
    private readonly float[] _second = new float[32_000];
    private readonly float[] _clip = new float[320_000];
    private readonly float[] _features = new float[1024 * 513];
    private readonly Resampler _resampler = new(44_100, 16_000);
    private LogMelExtractor _extractor = null!;
    private byte[] _wav = [];

    [Params("Ast", "HtsAt", "Passt", "Linear")]
    public string FrontEnd { get; set; } = "";

    /// <summary>Runs what BenchmarkDotNet's options choose, all without any, and reports times and allocations.</summary>
    internal static void Run(Report report, string[] options)
    {
        // In this process: for one of its own BenchmarkDotNet would build all of it again, with LibTorch's 500 MB.
        BenchmarkSwitcher parts = BenchmarkSwitcher.FromTypes([typeof(FeatureParts)]);
        string[] chosen = options.Length > 0 ? options : ["--filter", "*"];
        foreach (Summary summary in parts.Run([.. chosen, "--inProcess"]))
        {
            foreach (BenchmarkReport part in summary.Reports.Where(part => part.ResultStatistics is not null))
            {
                BenchmarkCase benchmark = part.BenchmarkCase;
                string name = $"{benchmark.Parameters[nameof(FrontEnd)]} {benchmark.Descriptor.WorkloadMethod.Name}";
                report.Add(name, "us", part.ResultStatistics!.Mean / 1000);
                if (part.GcStats.GetBytesAllocatedPerOperation(benchmark) is long bytes)
                {
                    report.Add($"{name}, allocated", "bytes", bytes);
                }
            }
        }
    }

    [GlobalSetup]
    public void SetUp()
    {
        var random = new Random(1);
        foreach (ref float sample in _clip.AsSpan())
        {
            sample = (random.NextSingle() - 0.5f) / 5;
        }

        LogMelOptions options = FrontEnd switch
        {
            "Ast" => LogMelOptions.Ast,
            "HtsAt" => LogMelOptions.HtsAt,
            _ => LogMelOptions.Passt,
        };
        if (FrontEnd == "Linear")
        {
            options.MelScale = MelScale.Linear;
            options.Log = LogKind.None;
        }

        _extractor = new LogMelExtractor(options);
        _wav = Wav(_clip);
    }

    [Benchmark]
    public void Extract() => _extractor.Extract(_clip.AsSpan(0, FrontEnd == "Ast" ? 160_000 : 320_000), _features);

    [Benchmark]
    public int ReadWav()
    {
        using AudioReader reader = AudioReader.Open(new MemoryStream(_wav));
        return reader.Read(_clip);
    }

    [Benchmark]
    public int ResampleOneSecond()
    {
        _resampler.Reset();
        return _resampler.Process(_second, _features);
    }

    private static byte[] Wav(float[] samples)
    {
        using var file = new MemoryStream();
        AudioFile.Write(file, samples, 32_000, format: AudioFileFormat.WavPcm16);
        return file.ToArray();
    }
}
