using Microsoft.ML.AutoML;
using Microsoft.ML.SearchSpace;
using Space = Microsoft.ML.SearchSpace.SearchSpace;

namespace Microsoft.ML.AudioTransformers.Sweeps;

/// <summary>
/// Randomized direct search for workers that share a folder: the defaults, and then a step in a random direction from the
/// best point of the trials that have ended so far, on whichever worker. Steps shrink after as many failures as there are
/// directions to try. It has no state but those trials, so that any worker goes on where another one died.
/// </summary>
/// <remarks>
/// Source: Q. Wu, C. Wang, S. Huang, "Frugal Optimization for Cost-related Hyperparameters", AAAI 2021, algorithm 1. There
/// one trial at a time is tried, and the opposite direction after a failure; here each trial has a direction of its own.
/// </remarks>
/// <param name="space">Search space of the sweep.</param>
/// <param name="seed">Seed, from which with a trial's number follows its direction.</param>
internal sealed class SharedTuner(Space space, int seed)
{
    private const double FirstStep = 0.1;
    private const double StepFactor = 1.5;
    private const double SmallestStep = 0.0001;
    private const int MaximumDraws = 100;

    /// <summary>Proposes the point of a trial.</summary>
    /// <param name="id">The trial's number.</param>
    /// <param name="ended">Points in the feature space, and losses, of the trials that have ended, in order of
    /// number.</param>
    /// <param name="isTaken">Whether a point is another trial's.</param>
    public (Parameter Parameter, double[] Point) Propose(
        int id, IReadOnlyList<(double[] Point, double Loss)> ended, Func<Parameter, bool> isTaken)
    {
        double[] origin = space.MappingToFeatureSpace(space.SampleFromFeatureSpace(space.Default));
        double step = FirstStep * Math.Sqrt(origin.Length);
        (double best, int failures) = (double.PositiveInfinity, 0);
        foreach ((double[] point, double loss) in ended)
        {
            if (loss < best)
            {
                step = best == double.PositiveInfinity ? step : Math.Min(step * StepFactor, Math.Sqrt(origin.Length));
                (origin, best, failures) = (point, loss, 0);
            }
            else if (++failures >= 2 * origin.Length)
            {
                (step, failures) = (Math.Max(step / StepFactor, SmallestStep), 0);
            }
        }

        Parameter first = space.SampleFromFeatureSpace(origin);
        if (id == 0 || (ended.Count == 0 && !isTaken(first)))
        {
            return (first, origin);
        }

        var random = new Random(HashCode(seed, id, ended.Count));
        double[] moved = origin;
        Parameter proposed = first;
        for (int draw = 0; draw < MaximumDraws && isTaken(proposed); draw++)
        {
            double[] direction = [.. origin.Select(_ => Normal(random))];
            double length = Math.Sqrt(direction.Sum(x => x * x));
            moved = [.. origin.Zip(direction, (at, by) => Math.Clamp(at + (by * step / length), 0, 1 - 1e-8))];
            proposed = space.SampleFromFeatureSpace(moved);
        }

        return (proposed, moved);
    }

    // System.HashCode differs from process to process.
    private static int HashCode(int seed, int id, int ended) => unchecked((((seed * 397) + id) * 397) + ended);

    // Box and Muller, 1958: normal coordinates give every direction the same chance.
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Sin(Math.Tau * random.NextDouble());
}
