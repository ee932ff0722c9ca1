namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>
/// Joins maps of overlapping windows of a recording to one map, from front to back, with memory for one window. Where
/// windows overlap, each counts the more the farther a step is from its ends.
/// </summary>
/// <param name="steps">Steps in time of a window's map.</param>
/// <param name="width">Values of a step.</param>
internal sealed class WindowStitcher(int steps, int width)
{
    private readonly double[] _sums = new double[steps * width];
    private readonly double[] _weights = new double[steps];
    private long _start;

    /// <summary>Adds a window; what no later window can change is appended to <paramref name="joined"/>.</summary>
    /// <param name="map">(steps, width)</param>
    /// <param name="start">The window's first step, not before the last window's and not after its end.</param>
    /// <param name="joined">Receives steps of the whole map.</param>
    /// <exception cref="ArgumentException">The window has another size, or does not follow on the last.</exception>
    public void Add(ReadOnlySpan<float> map, long start, List<float> joined)
    {
        if (map.Length != _sums.Length || start < _start || start > _start + steps)
        {
            throw new ArgumentException(
                $"A window of {map.Length} values at step {start} does not follow on one of {_sums.Length} at step {_start}.");
        }

        Take((int)(start - _start), joined);
        _start = start;
        for (int step = 0; step < steps; step++)
        {
            double weight = Math.Min(step + 1, steps - step);
            _weights[step] += weight;
            for (int i = step * width; i < (step + 1) * width; i++)
            {
                _sums[i] += weight * map[i];
            }
        }
    }

    /// <summary>Ends the recording: the steps that are left are appended to <paramref name="joined"/>.</summary>
    public void Finish(List<float> joined) => Take(steps, joined);

    private void Take(int count, List<float> joined)
    {
        for (int step = 0; step < count && _weights[step] > 0; step++)
        {
            for (int i = step * width; i < (step + 1) * width; i++)
            {
                joined.Add((float)(_sums[i] / _weights[step]));
            }
        }

        _sums.AsSpan(count * width).CopyTo(_sums);
        _sums.AsSpan((steps - count) * width).Clear();
        _weights.AsSpan(count).CopyTo(_weights);
        _weights.AsSpan(steps - count).Clear();
    }
}
