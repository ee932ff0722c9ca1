using Microsoft.ML.AudioTransformers.Evaluation;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Metrics of all clips, and of each group of them apart: of each recording device, for example, as DCASE's task 1a reports
/// them.
/// </summary>
/// <typeparam name="TMetrics">Metrics of clips.</typeparam>
public sealed class GroupMetrics<TMetrics>
{
    private readonly Func<IReadOnlyCollection<string>, TMetrics> _pool;

    internal GroupMetrics(IEnumerable<string> groups, Func<IReadOnlyCollection<string>, TMetrics> pool)
    {
        _pool = pool;
        string[] names = GroupReader.Sort(groups);
        Groups = [.. names.Select(name => new GroupResult<TMetrics>(name, pool([name])))];
        Overall = pool(names);
    }

    /// <summary>Metrics of all clips.</summary>
    public TMetrics Overall { get; }

    /// <summary>Metrics of each group, in the order of their names: numbers first, ascending.</summary>
    public IReadOnlyList<GroupResult<TMetrics>> Groups { get; }

    /// <summary>Metrics of a group.</summary>
    /// <param name="group">Name of the group.</param>
    /// <exception cref="ArgumentException">There is no such group.</exception>
    public TMetrics this[string group] => Groups.FirstOrDefault(item => item.Group == group) is { } found
        ? found.Metrics
        : throw Unknown([group]);

    /// <summary>
    /// Metrics of the clips of several groups together, each clip counting once: of the devices that were seen in training,
    /// and of those that were not.
    /// </summary>
    /// <param name="groups">Names of the groups, at least one.</param>
    /// <exception cref="ArgumentException">There is no such group, or none is given.</exception>
    public TMetrics Of(params IEnumerable<string> groups)
    {
        string[] names = [.. groups];
        string[] unknown = [.. names.Where(name => Groups.All(item => item.Group != name))];
        return names.Length > 0 && unknown.Length == 0 ? _pool(names) : throw Unknown(unknown);
    }

    /// <summary>Mean of a metric over groups, unweighted: each group counts the same, however many clips it has.</summary>
    /// <param name="metric">Metric.</param>
    public double Average(Func<TMetrics, double> metric) => Groups.Average(group => metric(group.Metrics));

    /// <summary>Table of a metric in plain text, one group a line, and all clips in the last one.</summary>
    /// <param name="name">Heading.</param>
    /// <param name="metric">Metric.</param>
    public string GetFormattedTable(string name, Func<TMetrics, double> metric)
    {
        var table = new TextTable("group", name);
        foreach (GroupResult<TMetrics> group in Groups)
        {
            table.Add(group.Group, TextTable.Number(metric(group.Metrics)));
        }

        return table.Add("all", TextTable.Number(metric(Overall))).ToString();
    }

    private ArgumentException Unknown(string[] names) => new(
        $"Found no group {string.Join(", ", names)}; the groups are "
        + $"{string.Join(", ", Groups.Select(item => item.Group))}.");
}

/// <summary>One group of clips.</summary>
/// <typeparam name="TMetrics">Metrics of clips.</typeparam>
/// <param name="Group">Name of the group.</param>
/// <param name="Metrics">Metrics of its clips.</param>
public sealed record GroupResult<TMetrics>(string Group, TMetrics Metrics);
