using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.TestSupport;

/// <summary>Finds what is not given back, by counting.</summary>
public static class LeakCheck
{
    /// <summary>
    /// Repeats a step and fails if the count is ever higher than after the first few. It looks after every step, so that
    /// no garbage collection hides what only a finalizer gave back.
    /// </summary>
    /// <param name="count">How many there are now.</param>
    /// <param name="step">What must leave as many as it found.</param>
    /// <param name="steps">How often, after the warm-up.</param>
    /// <param name="warmUp">How many steps may create what stays: caches, buffers, an optimizer's state.</param>
    public static void NoGrowth(Func<long> count, Action step, int steps, int warmUp = 3)
    {
        for (int i = 0; i < warmUp; i++)
        {
            step();
        }

        long before = count();
        for (int i = 0; i < steps; i++)
        {
            step();
            long after = count();
            Assert.IsLessThanOrEqualTo(before, after, $"after step {i + 1} of {steps}: {after - before} more than before");
        }
    }
}
