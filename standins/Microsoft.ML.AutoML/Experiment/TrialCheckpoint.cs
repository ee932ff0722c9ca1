using System.Globalization;

namespace Microsoft.ML.AutoML;

/// <summary>
/// The results of the runs over one search space as a CSV file: numbers with three digits, and a trial's parameters as a
/// point of the cube. As the real one, it is written when a run has ended, not after each trial.
/// </summary>
internal sealed class TrialCheckpoint
{
    private readonly string _path;
    private readonly SearchSpace.SearchSpace _space;
    private readonly List<TrialResult> _new = [];

    public TrialCheckpoint(string folder, SearchSpace.SearchSpace space, IMetricManager metric)
    {
        string suffix = metric is null ? "" : $"-{metric.MetricName}";
        _path = Path.Combine(folder, $"trialResults-{space.GetHashCode()}{suffix}.csv");
        _space = space;
        NextTrial = File.Exists(_path)
            ? File.ReadLines(_path).Skip(1)
                .Select(line => int.Parse(line.Split(',')[0], CultureInfo.InvariantCulture) + 1)
                .DefaultIfEmpty(0)
                .Max()
            : 0;
    }

    public int NextTrial { get; }

    public void Add(TrialResult result) => _new.Add(result);

    public void Save()
    {
        bool isNew = !File.Exists(_path) || NextTrial == 0;
        using StreamWriter writer = new(_path, append: true);
        if (isNew)
        {
            writer.WriteLine(string.Join(',', [
                "id", "loss", "durationInMilliseconds", "peakCpu", "peakMemoryInMegaByte",
                .. Enumerable.Range(0, _space.FeatureSpaceDim).Select(i => $"parameter_{i}"),
            ]));
        }

        foreach (TrialResult result in _new.OrderBy(result => result.TrialSettings.TrialId))
        {
            writer.WriteLine(string.Join(',', [
                result.TrialSettings.TrialId.ToString(CultureInfo.InvariantCulture),
                Number(result.Loss),
                Number(result.DurationInMilliseconds),
                Number(result.PeakCpu),
                Number(result.PeakMemoryInMegaByte),
                .. _space.MappingToFeatureSpace(result.TrialSettings.Parameter).Select(value => Number(value)),
            ]));
        }
    }

    private static string Number(double? value) => value?.ToString("F3", CultureInfo.InvariantCulture) ?? "";
}
