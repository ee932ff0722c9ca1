namespace Microsoft.ML.Trainers;

/// <summary>
/// Minimizes a smooth convex function plus a multiple of the sum of its variables' sizes, some variables left out of
/// that sum (Andrew and Gao, Scalable training of L1-regularized log-linear models, 2007). Without such a multiple it
/// is the limited-memory BFGS method.
/// </summary>
internal sealed class OrthantWiseLbfgs
{
    private const double Armijo = 1e-4;
    private const double Backtracking = 0.5;
    private const int MaximumNumberOfSteps = 60;

    // How much an improvement still counts one iteration later.
    private const double Decay = 0.25;

    private readonly int _history;
    private readonly double _l1;
    private readonly int _freeCount;
    private readonly double _tolerance;
    private readonly int _maximumNumberOfIterations;

    /// <param name="history">How many steps the estimate of the curvature remembers.</param>
    /// <param name="l1">The multiple of the sum of sizes.</param>
    /// <param name="freeCount">The first variables, whose sizes cost nothing.</param>
    /// <param name="tolerance">The mean improvement at which to end.</param>
    /// <param name="maximumNumberOfIterations">The iterations after which to end.</param>
    public OrthantWiseLbfgs(
        int history, double l1, int freeCount, double tolerance, int maximumNumberOfIterations)
    {
        _history = history;
        _l1 = l1;
        _freeCount = freeCount;
        _tolerance = tolerance;
        _maximumNumberOfIterations = maximumNumberOfIterations;
    }

    /// <summary>Computes the smooth function's value and writes its gradient.</summary>
    public delegate double Smooth(ReadOnlySpan<double> x, Span<double> gradient);

    /// <summary>Improves the variables until there is nothing more to win.</summary>
    public void Minimize(Smooth function, double[] x)
    {
        var steps = new LinkedList<(double[] Step, double[] Change, double Curvature)>();
        var gradient = new double[x.Length];
        double value = function(x, gradient) + Penalty(x);
        double mean = 0;
        for (int iteration = 1; iteration <= _maximumNumberOfIterations; iteration++)
        {
            double[] steepest = SteepestDescent(x, gradient);
            double[] direction = Direction(steps, steepest);
            var next = new double[x.Length];
            var nextGradient = new double[x.Length];
            double nextValue = Search(function, x, value, steepest, direction, steps.Count == 0, next, nextGradient);
            if (!(nextValue < value))
                return;
            Remember(steps, Difference(next, x), Difference(nextGradient, gradient));
            mean = (value - nextValue) + (Decay * mean);
            (value, gradient) = (nextValue, nextGradient);
            next.CopyTo(x, 0);
            if (mean * (1 - Decay) / (1 - Math.Pow(Decay, iteration)) < _tolerance)
                return;
        }
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static double[] Difference(double[] a, double[] b)
    {
        var difference = new double[a.Length];
        for (int i = 0; i < difference.Length; i++)
            difference[i] = a[i] - b[i];
        return difference;
    }

    private double Penalty(double[] x)
    {
        if (_l1 == 0)
            return 0;
        double sum = 0;
        for (int i = _freeCount; i < x.Length; i++)
            sum += Math.Abs(x[i]);
        return _l1 * sum;
    }

    /// <summary>The opposite of the pseudo-gradient: where a size has a kink, the one-sided slope that descends.</summary>
    private double[] SteepestDescent(double[] x, double[] gradient)
    {
        var descent = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            double l1 = i < _freeCount ? 0 : _l1;
            double slope = x[i] != 0 ? gradient[i] + (Math.Sign(x[i]) * l1)
                : gradient[i] + l1 < 0 ? gradient[i] + l1
                : gradient[i] - l1 > 0 ? gradient[i] - l1
                : 0;
            descent[i] = -slope;
        }

        return descent;
    }

    /// <summary>The two-loop recursion, kept to the orthant of the steepest descent.</summary>
    private double[] Direction(
        LinkedList<(double[] Step, double[] Change, double Curvature)> steps, double[] steepest)
    {
        var direction = (double[])steepest.Clone();
        var alphas = new Stack<double>();
        for (var node = steps.Last; node != null; node = node.Previous)
        {
            double alpha = Dot(node.Value.Step, direction) / node.Value.Curvature;
            alphas.Push(alpha);
            for (int i = 0; i < direction.Length; i++)
                direction[i] -= alpha * node.Value.Change[i];
        }

        if (steps.Last is { Value: var last })
        {
            double scale = last.Curvature / Dot(last.Change, last.Change);
            for (int i = 0; i < direction.Length; i++)
                direction[i] *= scale;
        }

        for (var node = steps.First; node != null; node = node.Next)
        {
            double factor = alphas.Pop() - (Dot(node.Value.Change, direction) / node.Value.Curvature);
            for (int i = 0; i < direction.Length; i++)
                direction[i] += factor * node.Value.Step[i];
        }

        if (_l1 > 0)
        {
            for (int i = _freeCount; i < direction.Length; i++)
            {
                if (direction[i] * steepest[i] <= 0)
                    direction[i] = 0;
            }
        }

        return direction;
    }

    /// <summary>Goes along the direction, never across a kink, as far as the value falls enough.</summary>
    private double Search(
        Smooth function,
        double[] x,
        double value,
        double[] steepest,
        double[] direction,
        bool isFirst,
        double[] next,
        double[] nextGradient)
    {
        double length = isFirst ? 1 / Math.Max(1e-12, Math.Sqrt(Dot(direction, direction))) : 1;
        for (int step = 0; step < MaximumNumberOfSteps; step++, length *= Backtracking)
        {
            double expected = 0;
            for (int i = 0; i < x.Length; i++)
            {
                next[i] = x[i] + (length * direction[i]);
                double orthant = x[i] != 0 ? x[i] : steepest[i];
                if (_l1 > 0 && i >= _freeCount && next[i] * orthant <= 0)
                    next[i] = 0;
                expected += steepest[i] * (next[i] - x[i]);
            }

            double nextValue = function(next, nextGradient) + Penalty(next);
            if (nextValue <= value - (Armijo * expected))
                return nextValue;
        }

        return value;
    }

    private void Remember(
        LinkedList<(double[] Step, double[] Change, double Curvature)> steps, double[] step, double[] change)
    {
        // A step that shows no curvature would spoil the estimate.
        double curvature = Dot(step, change);
        if (curvature <= 1e-12 * Dot(change, change))
            return;
        steps.AddLast((step, change, curvature));
        if (steps.Count > _history)
            steps.RemoveFirst();
    }
}
