using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Tests;

/// <summary>
/// Tensors that this thread has made and nobody disposed on it. Finalizers have a thread of their own, so no garbage
/// collection moves this count, as it does <c>Tensor.TotalCount</c>.
/// </summary>
internal static class LiveTensors
{
    public static long Count => DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;

    /// <summary>How many more there are after a step than before it.</summary>
    public static long LeftBy(Action step)
    {
        long before = Count;
        step();
        return Count - before;
    }
}
