using System.Globalization;

namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>
/// The mean and standard deviation of more values than fit memory (Chan, Golub and LeVeque's pairwise update).
/// </summary>
internal sealed class NormalizationStatistics
{
    private long _count;
    private double _mean;
    private double _squares;

    /// <summary>Takes in a clip's values.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        if (values.IsEmpty)
        {
            return;
        }

        double sum = 0;
        foreach (float value in values)
        {
            sum += value;
        }

        double mean = sum / values.Length;
        double squares = 0;
        foreach (float value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        double difference = mean - _mean;
        long count = _count + values.Length;
        _squares += squares + (difference * difference * _count * values.Length / count);
        _mean += difference * values.Length / count;
        _count = count;
    }

    /// <summary>The mean and the standard deviation of the population.</summary>
    /// <exception cref="InvalidDataException">There were no values, or all were the same.</exception>
    public (double Mean, double Std) Result(string source)
    {
        double std = _count > 0 ? Math.Sqrt(_squares / _count) : 0;
        if (std > 0)
        {
            return (_mean, std);
        }

        string found = _count == 0
            ? "there are no rows"
            : string.Create(CultureInfo.InvariantCulture, $"all {_count} values are {_mean}");
        throw new InvalidDataException($"No normalization can be learned from {source}: {found}.");
    }
}
