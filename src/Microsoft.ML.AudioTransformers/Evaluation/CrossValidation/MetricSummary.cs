namespace Microsoft.ML.AudioTransformers.Evaluation;

/// <summary>Average and standard deviation of a metric over several trainings: folds or seeds.</summary>
internal static class MetricSummary
{
    /// <summary>Sample standard deviation (n - 1); NaN of a single value.</summary>
    public static double StandardDeviation(IReadOnlyList<double> values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(value => Math.Pow(value - mean, 2)) / (values.Count - 1));
    }

    /// <summary>Table in plain text, one training a line, with average and standard deviation.</summary>
    /// <param name="what">Heading of the trainings, such as "fold".</param>
    /// <param name="name">Heading of the metric.</param>
    /// <param name="values">The trainings' names and values.</param>
    public static string Table(string what, string name, IReadOnlyList<(string Name, double Value)> values)
    {
        var table = new TextTable(what, name);
        foreach ((string one, double value) in values)
        {
            table.Add(one, TextTable.Number(value));
        }

        double[] all = [.. values.Select(item => item.Value)];
        return table
            .Add("average", TextTable.Number(all.Average()))
            .Add("standard deviation", TextTable.Number(StandardDeviation(all)))
            .ToString();
    }
}
