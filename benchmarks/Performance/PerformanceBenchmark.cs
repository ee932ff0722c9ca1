using AudioMLNet.Benchmarks.Models;

namespace AudioMLNet.Benchmarks.Performance;

/// <summary>
/// The tables of docs/performance.md, a part at a time: this library's default precision and float32 beside plain PyTorch and
/// ONNX Runtime in the same run, beside the machine's peak, and beside the floors that were set. Each side is a process of its
/// own.
/// </summary>
internal static class PerformanceBenchmark
{
    private const string Quick = "quick";

    private static readonly Dictionary<string, Action<Report, Effort>> s_parts = new()
    {
        ["passt"] = (report, effort) => ScoringRows.Add(report, effort, "passt", torch: 3, onnx: 1),
        ["ast"] = (report, effort) => ScoringRows.Add(report, effort, "ast", torch: 3, onnx: 1),
        ["htsat"] = (report, effort) => ScoringRows.Add(report, effort, "htsat", torch: 2, onnx: null),
        ["datar"] = (report, effort) =>
        {
            ScoringRows.Add(report, effort, "datar tiny", torch: 2, onnx: null);
            ScoringRows.Add(report, effort, "datar base", torch: 2, onnx: null);
        },
        ["train-passt"] = (report, effort) => TrainingRows.Add(report, effort, "passt", effort.IsQuick ? 2 : 12),
        ["train-htsat"] = (report, effort) => TrainingRows.Add(report, effort, "htsat", effort.IsQuick ? 2 : 4),
        ["train-datar"] = (report, effort) => TrainingRows.Add(report, effort, "datar tiny", effort.IsQuick ? 2 : 4),
        ["patchout"] = PatchoutRows.Add,
        ["threads"] = (report, effort) =>
        {
            ThreadRows.AddScoring(report, effort, "passt", floor: 1.7);
            ThreadRows.AddScoring(report, effort, "htsat", floor: null);
            ThreadRows.AddTraining(report, effort, "passt", effort.IsQuick ? 2 : 12);
        },
        ["pipeline"] = PipelineRows.Add,
        ["loading"] = LoadingRows.Add,
        ["profile-passt"] = (report, effort) => StepProfile.Add(report, effort, "passt", effort.IsQuick ? 2 : 12),
        ["profile-htsat"] = (report, effort) => StepProfile.Add(report, effort, "htsat", 4),
        ["profile-datar"] = (report, effort) => StepProfile.Add(report, effort, "datar tiny", 4),
    };

    /// <summary>Names of the parts.</summary>
    public static IReadOnlyCollection<string> Parts => s_parts.Keys;

    /// <summary>Names of parts, and whether little is measured.</summary>
    public static bool Accepts(string[] options) =>
        Array.TrueForAll(options, option => option == Quick || s_parts.ContainsKey(option));

    /// <param name="report">Takes what is measured.</param>
    /// <param name="options">Names of parts, none for all; "quick" to see that they run.</param>
    public static void Run(Report report, string[] options)
    {
        report.Say(PythonPeer.Describe());
        report.HasFloors = true;
        Effort effort = options.Contains(Quick) ? Effort.Quick : Effort.Whole;
        string[] parts = [.. options.Except([Quick])];
        foreach (string part in parts.Length > 0 ? parts : [.. s_parts.Keys])
        {
            s_parts[part](report, effort);
        }
    }

    /// <summary>
    /// Adds the rows of what the products of a model would take at the most that this machine multiplies at, as a part of what the
    /// model takes.
    /// </summary>
    /// <param name="report">Takes the rows.</param>
    /// <param name="title">Title of the work.</param>
    /// <param name="side">Process whose first line ends with the multiplications with addition.</param>
    /// <param name="byDefault">Seconds by default.</param>
    /// <param name="exact">Seconds in float32.</param>
    public static void AddLimits(Report report, string title, PeerProcess side, Spread byDefault, Spread exact)
    {
        string[] words = side.FirstLine.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2)
        {
            return;
        }

        double operations = 2 * double.Parse(words[^1], System.Globalization.CultureInfo.InvariantCulture) / 1e9;
        (double peak, double peakHalf) = Peaks();
        report.Add($"{title}, default precision, of bfloat16's peak", "%", 100 * operations / peakHalf / byDefault.Median);
        report.Add($"{title}, float32, of float32's peak", "%", 100 * operations / peak / exact.Median);
        report.Add("peak of products, bfloat16", "GFLOP/s", peakHalf, "float32", peak);
    }

    /// <summary>The most 10^9 operations a second that the machine multiplies at, in float32 and in bfloat16.</summary>
    private static (double Float32, double BFloat16) Peaks()
    {
        using PeerProcess products = PeerProcess.Own(ProductWorker.Command);
        return (products.Ask(ModelPeer.Float32)[0], products.Ask(ModelPeer.BFloat16)[0]);
    }
}
