using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AutoML;

/// <summary>
/// Randomized direct search from the options' defaults: a step in a random direction, and where it does not help the
/// opposite one; steps grow with each success and shrink after as many failures as there are directions to try.
/// </summary>
/// <remarks>Source: Q. Wu, C. Wang, S. Huang, "Frugal Optimization for Cost-related Hyperparameters", AAAI 2021,
/// algorithm 1 (FLOW2) with its restarts and adaptive steps.</remarks>
internal sealed class CostFrugalTuner : ITuner
{
    private const double SmallestStep = 0.0001;
    private const double StepFactor = 1.5;

    private readonly SearchSpace.SearchSpace _space;
    private readonly Random _random;
    private readonly double[] _lowest;
    private readonly double[] _highest;
    private double[] _incumbent;
    private double[] _direction;
    private double _bestLoss;
    private double _step;
    private int _failuresLeft;

    public CostFrugalTuner(SearchSpace.SearchSpace space, int? seed)
    {
        _space = space;
        _random = seed is int value ? new Random(value) : new Random();
        _lowest = space.MappingToFeatureSpace(space.SampleFromFeatureSpace(space.Default));
        _highest = [.. _lowest];
    }

    public Parameter Propose(TrialSettings settings)
    {
        if (_incumbent is null)
        {
            return _space.SampleFromFeatureSpace(
                [.. _lowest.Zip(_highest, (low, high) => low + (high - low) * _random.NextDouble())]);
        }

        _failuresLeft--;
        double[] move;
        if (_direction is null)
        {
            _direction = RandomDirection();
            move = [.. _incumbent.Zip(_direction, (at, by) => at + by)];
        }
        else
        {
            move = [.. _incumbent.Zip(_direction, (at, by) => at - by)];
            _direction = null;
        }

        return _space.SampleFromFeatureSpace([.. move.Select(x => Math.Clamp(x, 0, 1 - 1e-8))]);
    }

    public void Update(TrialResult result)
    {
        double[] point = _space.MappingToFeatureSpace(result.TrialSettings.Parameter);
        if (_incumbent is null)
        {
            for (int i = 0; i < point.Length; i++)
            {
                _lowest[i] = Math.Min(_lowest[i], point[i]);
                _highest[i] = Math.Max(_highest[i], point[i]);
            }

            _step = 0.1 * Math.Sqrt(_space.Count);
            Accept(point, result.Loss);
        }
        else if (result.Loss < _bestLoss)
        {
            _step = Math.Min(_step * StepFactor, Math.Sqrt(_space.Count));
            Accept(point, result.Loss);
        }
        else if (_failuresLeft <= 0)
        {
            _failuresLeft = 2;
            _step /= StepFactor;
            if (_step < SmallestStep)
            {
                _incumbent = null;
            }
        }
    }

    private void Accept(double[] point, double loss)
    {
        _incumbent = point;
        _bestLoss = loss;
        _direction = null;
        _failuresLeft = 2 * _space.Count;
    }

    // Normal coordinates give every direction the same chance (Box and Muller, 1958).
    private double[] RandomDirection()
    {
        double[] direction = [.. _incumbent.Select(_ =>
            Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Sin(2 * Math.PI * _random.NextDouble()))];
        double length = Math.Sqrt(direction.Sum(x => x * x));
        return length == 0 ? direction : [.. direction.Select(x => x * _step / length)];
    }
}
