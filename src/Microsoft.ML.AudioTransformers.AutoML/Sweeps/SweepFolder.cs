using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>
/// A sweep's trials as files, so that a sweep can be resumed and several processes can share one: for each trial
/// <c>trial-0000.options.json</c> (its point), <c>trial-0000.metrics.json</c> (its result) and <c>trial-0000.model.zip</c>; of all
/// trials a table and a chart. Each file is replaced as a whole or not at all.
/// </summary>
internal sealed class SweepFolder
{
    private const string MetricsSuffix = ".metrics.json";

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly AudioSweep.Options _options;
    private readonly SweepNames _names;
    private readonly SortedDictionary<int, AudioSweepTrial> _trials = [];
    private readonly HashSet<string> _read = [];
    private readonly bool _isShared;

    /// <summary>Reads what the folder already holds.</summary>
    /// <param name="options">Options.</param>
    /// <param name="names">Names of the parameters.</param>
    /// <param name="isShared">
    /// Whether other workers use the folder at the same time, perhaps on machines whose locks are not known here: then
    /// temporary files are abandoned only once they are older than ten leases. Default: false.
    /// </param>
    /// <exception cref="InvalidDataException">A file holds no trial, or one of a sweep over another metric.</exception>
    public SweepFolder(AudioSweep.Options options, SweepNames names, bool isShared = false)
    {
        _options = options;
        _names = names;
        _isShared = isShared;
        Directory.CreateDirectory(options.Folder);
        AtomicFile.RemoveAbandonedIn(
            options.Folder, age: isShared ? TimeSpan.FromSeconds(10.0 * options.LeaseInSeconds) : default);
        Refresh();
    }

    /// <summary>Reads the results that other workers have written since the folder was read.</summary>
    /// <exception cref="InvalidDataException">A file holds no trial, or one of a sweep over another metric.</exception>
    public void Refresh()
    {
        foreach (string path in Directory.EnumerateFiles(_options.Folder, $"trial-*{MetricsSuffix}"))
        {
            if (_read.Contains(path))
            {
                continue;
            }

            AudioSweepTrial trial;
            try
            {
                trial = Read<AudioSweepTrial>(path);
            }
            catch (IOException) when (_isShared)
            {
                // Another machine replaces it at this moment; the next look finds it.
                continue;
            }

            _read.Add(path);
            if (trial.MetricName != _options.Metric.MetricName)
            {
                throw new InvalidDataException(
                    $"'{path}' has a trial with the metric '{trial.MetricName}'; "
                    + $"expected '{_options.Metric.MetricName}'. "
                    + "Each sweep needs a folder of its own.");
            }

            if (!_trials.TryAdd(trial.Id, trial))
            {
                throw new InvalidDataException($"'{path}' has the trial {trial.Id}, which another file has as well.");
            }
        }
    }

    public IReadOnlyList<AudioSweepTrial> Trials => [.. _trials.Values];

    /// <summary>The trial with the best metric, the first of several; null while there is none.</summary>
    public AudioSweepTrial? Best => _options.Metric.IsMaximize
        ? Trials.Where(trial => trial.Metric is not null).MaxBy(trial => trial.Metric)
        : Trials.Where(trial => trial.Metric is not null).MinBy(trial => trial.Metric);

    /// <summary>Whether a trial has a result.</summary>
    public bool Contains(int id) => _trials.ContainsKey(id);

    /// <summary>Whether a trial with a metric is better than all that have a result.</summary>
    public bool IsBest(AudioSweepTrial trial) => Best is not { } best
        || (_options.Metric.IsMaximize ? trial.Metric > best.Metric : trial.Metric < best.Metric)
        || (trial.Metric == best.Metric && trial.Id < best.Id);

    public string TablePath => Path.Combine(_options.Folder, "trials.csv");

    public string ChartPath => Path.Combine(_options.Folder, "trials.svg");

    public string ModelPath(int id) => PathOf(id, ".model.zip");

    public string OptionsPath(int id) => PathOf(id, ".options.json");

    /// <summary>A trial of the same point that has a metric, or null.</summary>
    public AudioSweepTrial? Find(Parameter parameters)
    {
        string point = parameters.ToString();
        return Trials.FirstOrDefault(trial => trial.Metric is not null && trial.Parameters.ToString() == point);
    }

    /// <summary>The number for a new trial: the one it was proposed with, unless another point has it.</summary>
    public int NumberFor(int proposed, Parameter parameters) =>
        _trials.TryGetValue(proposed, out AudioSweepTrial? other) && !other.Parameters.Equals(parameters)
            ? _trials.Keys.Max() + 1
            : proposed;

    /// <summary>Keeps a trial, and brings table and chart up to date.</summary>
    public void Add(AudioSweepTrial trial)
    {
        _trials[trial.Id] = trial;
        _read.Add(PathOf(trial.Id, MetricsSuffix));
        WriteTrial(trial, PathOf(trial.Id, MetricsSuffix));
        WriteReports();
    }

    public void WriteReports()
    {
        AtomicFile.WriteText(TablePath, SweepTable.Write(Trials, _names));
        SweepChart.Draw(Trials, _names, Best).Save(ChartPath);
    }

    /// <summary>Saves the model of the best trial, and removes those of the others unless they are to be kept.</summary>
    public void SaveBestModel(MLContext mlContext, ITransformer model, DataViewSchema schema, int id)
    {
        SaveModel(mlContext, model, schema, ModelPath(id));
        if (!_options.KeepModels)
        {
            foreach (string path in Directory.GetFiles(_options.Folder, "trial-*.model.zip"))
            {
                if (path != ModelPath(id))
                {
                    File.Delete(path);
                }
            }
        }
    }

    /// <summary>Removes the models of trials that have a result and are not the best, unless they are to be kept.</summary>
    public void RemoveModelsButTheBest()
    {
        AudioSweepTrial? best = Best;
        if (!_options.KeepModels && best is not null)
        {
            foreach (AudioSweepTrial trial in Trials.Where(trial => trial.Id != best.Id))
            {
                AtomicFile.TryDelete(ModelPath(trial.Id));
            }
        }
    }

    public static void SaveModel(MLContext mlContext, ITransformer model, DataViewSchema schema, string path) =>
        mlContext.Model.SaveAudioModel(model, schema, path);

    public static void WriteProposal(TrialProposal proposal, string path) =>
        AtomicFile.WriteText(path, JsonSerializer.Serialize(proposal, s_json));

    public static TrialProposal ReadProposal(string path) => Read<TrialProposal>(path);

    public static void WriteTrial(AudioSweepTrial trial, string path) =>
        AtomicFile.WriteText(path, JsonSerializer.Serialize(trial, s_json));

    private static T Read<T>(string path)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(RegularFile.Check(path)), s_json)
                ?? throw new InvalidDataException($"'{path}' holds null; expected a trial.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is no trial of a sweep: {e.Message}", e);
        }
    }

    private string PathOf(int id, string suffix) =>
        Path.Combine(_options.Folder, string.Create(CultureInfo.InvariantCulture, $"trial-{id:D4}{suffix}"));
}

/// <summary>A trial to run: its number and its point.</summary>
internal sealed record TrialProposal(int Id, Parameter Parameters)
{
    /// <summary>The point in the feature space of the whole search space; null where no other point follows from it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double[]? Point { get; init; }
}

/// <summary>Trials as a table: a row for each, a column for each parameter, in the form of RFC 4180.</summary>
internal static class SweepTable
{
    public static string Write(IReadOnlyList<AudioSweepTrial> trials, SweepNames parameterNames)
    {
        Dictionary<string, string>[] values = [.. trials.Select(trial => parameterNames.Values(trial.Parameters))];
        string[] names = [.. values.SelectMany(row => row.Keys).Distinct().Order(StringComparer.Ordinal)];
        var table = new StringBuilder();
        AddRow(table, [
            "trial", "state", trials.Count == 0 ? "metric" : trials[0].MetricName, "seconds", .. names,
            "validation accuracy by epoch", "message",
        ]);
        foreach ((AudioSweepTrial trial, Dictionary<string, string> row) in trials.Zip(values))
        {
            AddRow(table, [
                trial.Id.ToString(CultureInfo.InvariantCulture),
                trial.State.ToString(),
                trial.Metric?.ToString("R", CultureInfo.InvariantCulture) ?? "",
                (trial.DurationInMilliseconds / 1000).ToString("F1", CultureInfo.InvariantCulture),
                .. names.Select(name => row.GetValueOrDefault(name, "")),
                string.Join(' ', trial.ValidationAccuracies.Select(
                    accuracy => accuracy.ToString("F4", CultureInfo.InvariantCulture))),
                trial.Message ?? "",
            ]);
        }

        return table.ToString();
    }

    private static void AddRow(StringBuilder table, IEnumerable<string> cells) =>
        table.AppendJoin(',', cells.Select(Quote)).Append('\n');

    private static string Quote(string cell) => cell.AsSpan().IndexOfAny(",\"\r\n") < 0
        ? cell
        : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
