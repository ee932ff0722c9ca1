using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AutoML;

/// <summary>
/// Proposes all combinations of each option's values, the last option's changing fastest; a continuum has as many values
/// as told, from its start and short of its end. Begins again when through.
/// </summary>
internal sealed class GridSearchTuner(SearchSpace.SearchSpace space, int step) : ITuner
{
    private long _next;

    public Parameter Propose(TrialSettings settings)
    {
        // A single choice counts as one value here, but takes no dimension of the cube.
        int[] counts = [.. space.Step.Select(count => count ?? step)];
        long rest = _next++ % counts.Aggregate(1L, (product, count) => product * count);
        var point = new double[counts.Length];
        for (int i = counts.Length - 1; i >= 0; i--)
        {
            point[i] = rest % counts[i] / (double)counts[i];
            rest /= counts[i];
        }

        return space.SampleFromFeatureSpace(point);
    }

    public void Update(TrialResult result)
    {
    }
}
