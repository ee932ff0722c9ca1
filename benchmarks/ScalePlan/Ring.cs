namespace AudioMLNet.Benchmarks.ScalePlan;

/// <summary>
/// All-reduce over a ring: each rank sends a share of the sum to the next one, 2 (n - 1) times, a share being 1/n of the bytes.
/// </summary>
/// <remarks>Source: P. Patarasuk, X. Yuan, "Bandwidth Optimal All-reduce Algorithms for Clusters of Workstations", 2009.</remarks>
internal static class Ring
{
    /// <summary>Seconds of an all-reduce by the formula.</summary>
    /// <param name="ranks">Ranks, 1 or more.</param>
    /// <param name="bytes">Bytes of each rank's gradients.</param>
    /// <param name="bandwidth">Bytes a second of a link.</param>
    /// <param name="latency">Seconds of a message without bytes.</param>
    public static double Seconds(int ranks, double bytes, double bandwidth, double latency) =>
        2.0 * (ranks - 1) * ((bytes / ranks / bandwidth) + latency);

    /// <summary>The bandwidth at which a step of computing and summing, one after the other, is as efficient as asked.</summary>
    /// <param name="ranks">Ranks, 2 or more.</param>
    /// <param name="bytes">Bytes of each rank's gradients.</param>
    /// <param name="step">Seconds that a rank computes a step.</param>
    /// <param name="efficiency">Share of the time that is computing, below 1.</param>
    /// <param name="latency">Seconds of a message without bytes.</param>
    /// <returns>Bytes a second; infinite where the messages alone take longer.</returns>
    public static double Bandwidth(int ranks, double bytes, double step, double efficiency, double latency)
    {
        double forBytes = (step * (1 - efficiency) / efficiency) - (2.0 * (ranks - 1) * latency);
        return forBytes <= 0 ? double.PositiveInfinity : 2.0 * (ranks - 1) / ranks * bytes / forBytes;
    }

    /// <summary>
    /// Efficiency of a simulation: ranks that compute for times drawn from those that were measured, and messages of which each
    /// leaves when its rank has received the one before, and when the link is free.
    /// </summary>
    /// <param name="ranks">Ranks.</param>
    /// <param name="bytes">Bytes of each rank's gradients.</param>
    /// <param name="steps">Seconds of steps as they were measured.</param>
    /// <param name="bandwidth">Bytes a second of a link.</param>
    /// <param name="latency">Seconds of a message without bytes.</param>
    /// <param name="rounds">Steps to simulate.</param>
    /// <param name="random">Draws the times.</param>
    /// <returns>The mean of the computing times over the mean time of a step.</returns>
    public static double Simulate(
        int ranks, double bytes, double[] steps, double bandwidth, double latency, int rounds, Random random)
    {
        var clock = new double[ranks];
        var next = new double[ranks];
        double computed = 0;
        for (int round = 0; round < rounds; round++)
        {
            for (int rank = 0; rank < ranks; rank++)
            {
                double time = steps[random.Next(steps.Length)];
                computed += time / ranks;
                clock[rank] += time;
            }

            // In each phase a rank sends what it has, and goes on when it has received: from the rank before it, once that was ready.
            for (int phase = 0; phase < 2 * (ranks - 1); phase++)
            {
                for (int rank = 0; rank < ranks; rank++)
                {
                    double sender = clock[(rank + ranks - 1) % ranks];
                    next[rank] = Math.Max(clock[rank], sender) + latency + (bytes / ranks / bandwidth);
                }

                (clock, next) = (next, clock);
            }
        }

        return computed / clock.Max();
    }
}
