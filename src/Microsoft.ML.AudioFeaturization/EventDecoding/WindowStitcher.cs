namespace Microsoft.ML.AudioFeaturization.EventDecoding;

/// <summary>
/// Stitcher that joins the presence maps of a recording's overlapping windows to one map, from front to back and with memory
/// for one window. Where windows overlap, the map is their weighted mean; a window's weight grows with the distance of a step
/// from its ends.
/// </summary>
/// <param name="geometry">Sizes of a window's map.</param>
internal sealed class WindowStitcher(PresenceMapGeometry geometry)
{
    private readonly double[] _sums = new double[geometry.Steps * geometry.Classes];
    private readonly double[] _weights = new double[geometry.Steps];
    private long _start;

    /// <summary>Adds a window, and appends the steps that no later window can change to <paramref name="joined"/>.</summary>
    /// <param name="map">Map of the window, (steps, classes).</param>
    /// <param name="startFrame">
    /// First frame of the window, a whole number of steps from the first window's; neither before that of the window added
    /// last nor after its end.
    /// </param>
    /// <param name="joined">Receives steps of the whole map.</param>
    /// <exception cref="ArgumentException">The window has another size, or does not follow on the last.</exception>
    public void Add(ReadOnlySpan<float> map, long startFrame, List<float> joined)
    {
        (int steps, int width) = (geometry.Steps, geometry.Classes);
        long start = startFrame / geometry.FramesPerStep;
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

    /// <summary>Ends the recording, and appends the steps that are left to <paramref name="joined"/>.</summary>
    public void Finish(List<float> joined) => Take(geometry.Steps, joined);

    private void Take(int count, List<float> joined)
    {
        (int steps, int width) = (geometry.Steps, geometry.Classes);
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
