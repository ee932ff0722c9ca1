using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Tests;

/// <summary>
/// Results are equal to the bit only on equal numbers of threads: these tests, and the processes that they start, all
/// compute on one.
/// </summary>
[TestClass]
public static class OneThread
{
    [AssemblyInitialize]
    public static void Initialize(TestContext context)
    {
        Environment.SetEnvironmentVariable("OMP_NUM_THREADS", "1");
        torch.set_num_threads(1);
    }

    /// <summary>Calls a function on each of several threads, which begin together, and throws what any of them threw.</summary>
    /// <param name="count">The threads.</param>
    /// <param name="call">Called with the number of each.</param>
    internal static void Each(int count, Action<int> call)
    {
        using var start = new Barrier(count);
        Task[] all = [.. Enumerable.Range(0, count).Select(i => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                call(i);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Task.WaitAll(all);
    }
}
