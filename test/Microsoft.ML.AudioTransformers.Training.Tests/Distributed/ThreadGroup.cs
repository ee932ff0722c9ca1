using System.Runtime.ExceptionServices;
using Microsoft.ML.AudioTransformers.Distributed;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Distributed;

/// <summary>Process group whose ranks are threads of one process, for tests without a launcher.</summary>
internal sealed unsafe class ThreadGroup : ProcessGroup
{
    private readonly World _world;

    private ThreadGroup(World world, int rank) => (_world, Rank) = (world, rank);

    public override int Rank { get; }

    public override int Size => _world.Memories.Length;

    public override string Name => "threads";

    protected override Device Device => CPU;

    /// <summary>Runs ranks side by side.</summary>
    /// <returns>What each rank returned.</returns>
    public static T[] Run<T>(int size, Func<ProcessGroup, T> run)
    {
        var world = new World(size);
        var results = new T[size];
        var failures = new Exception?[size];
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = run(new ThreadGroup(world, rank));
            }
            catch (Exception exception)
            {
                failures[rank] = exception;
                world.Failed.Cancel();
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        if (failures.FirstOrDefault(failure => failure is not (null or OperationCanceledException)) is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }

        return results;
    }

    public override void Fail(string message) => _world.Failed.Cancel();

    protected override void Sum(IReadOnlyList<Memory> memories)
    {
        _world.Memories[Rank] = memories;
        Meet();
        float[][] sums = [.. memories.Select((memory, index) => SumOf(memory, index))];
        double[][] exact = [.. memories.Select((memory, index) => ExactSumOf(memory, index))];
        Meet();
        for (int i = 0; i < memories.Count; i++)
        {
            if (memories[i].Type == ScalarType.Float32)
            {
                sums[i].CopyTo(new Span<float>((void*)memories[i].Pointer, (int)memories[i].Count));
            }
            else
            {
                exact[i].CopyTo(new Span<double>((void*)memories[i].Pointer, (int)memories[i].Count));
            }
        }

        Meet();
    }

    protected override void Send(IReadOnlyList<Memory> memories)
    {
        _world.Memories[Rank] = memories;
        Meet();
        for (int i = 0; i < memories.Count && Rank > 0; i++)
        {
            Memory first = _world.Memories[0][i];
            long bytes = first.Count * (first.Type is ScalarType.Byte ? 1 : first.Type is ScalarType.Float32 ? 4 : 8);
            Buffer.MemoryCopy((void*)first.Pointer, (void*)memories[i].Pointer, bytes, bytes);
        }

        Meet();
    }

    private float[] SumOf(Memory memory, int index)
    {
        var sum = new float[memory.Type == ScalarType.Float32 ? memory.Count : 0];
        foreach (IReadOnlyList<Memory> rank in _world.Memories)
        {
            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] += ((float*)rank[index].Pointer)[i];
            }
        }

        return sum;
    }

    private double[] ExactSumOf(Memory memory, int index)
    {
        var sum = new double[memory.Type == ScalarType.Float64 ? memory.Count : 0];
        foreach (IReadOnlyList<Memory> rank in _world.Memories)
        {
            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] += ((double*)rank[index].Pointer)[i];
            }
        }

        return sum;
    }

    private void Meet() => _world.Barrier.SignalAndWait(_world.Failed.Token);

    private sealed class World(int size)
    {
        public IReadOnlyList<Memory>[] Memories { get; } = new IReadOnlyList<Memory>[size];

        public Barrier Barrier { get; } = new(size);

        public CancellationTokenSource Failed { get; } = new();
    }
}
