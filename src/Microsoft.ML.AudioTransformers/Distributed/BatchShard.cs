using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Distributed;

/// <summary>Shard of a batch: the rows of one rank.</summary>
/// <param name="First">Index of the first row in the batch.</param>
/// <param name="Count">Rows.</param>
/// <param name="Total">Rows of the batch.</param>
internal readonly record struct BatchShard(int First, int Count, int Total)
{
    /// <summary>Whether the shard is the whole batch, which each rank then computes by itself.</summary>
    public bool IsWhole => Count == Total;

    /// <summary>
    /// Shard of a rank. A batch of fewer rows than ranks, as the last one of an epoch may be, is not divided.
    /// </summary>
    public static BatchShard Of(int total, int rank, int size)
    {
        if (total < size)
        {
            return new BatchShard(0, total, total);
        }

        int first = (int)((long)total * rank / size);
        return new BatchShard(first, (int)((long)total * (rank + 1) / size) - first, total);
    }

    /// <inheritdoc cref="Of(int, int, int)"/>
    public static BatchShard Of(int total, ProcessGroup? group) => Of(total, group?.Rank ?? 0, group?.Size ?? 1);

    /// <summary>
    /// Shard of a part of a batch, where gradient accumulation cuts each rank's rows into parts: its batch are the parts of this
    /// number of all ranks.
    /// </summary>
    public static BatchShard OfPart(int total, int part, int parts, ProcessGroup group)
    {
        int first = 0;
        int count = 0;
        int all = 0;
        for (int rank = 0; rank < group.Size; rank++)
        {
            int rows = Of(total, rank, group.Size).Count;
            int own = (rows * (part + 1) / parts) - (rows * part / parts);
            first = rank == group.Rank ? all : first;
            count = rank == group.Rank ? own : count;
            all += own;
        }

        return new BatchShard(first, count, all);
    }
}

/// <summary>
/// Section of a thread whose forward passes are of a shard, so that what is random in a row or depends on all rows is the same as
/// for the whole batch in one process. As with mixed precision, layers ask for it where they need it.
/// </summary>
internal sealed class ShardedSection : IDisposable
{
    [ThreadStatic]
    private static ShardedSection? s_current;

    private readonly ProcessGroup _group;
    private readonly BatchShard _shard;

    private ShardedSection(ProcessGroup group, BatchShard shard) => (_group, _shard) = (group, shard);

    /// <summary>Process group of this thread's section; null outside of one.</summary>
    public static ProcessGroup? Group => s_current?._group;

    /// <summary>Rows of the whole batch; outside of a section, those of the input.</summary>
    /// <param name="count">Rows of the input.</param>
    public static long Total(long count) => s_current?._shard.Total ?? count;

    /// <summary>Begins a section, until it is disposed.</summary>
    public static ShardedSection Begin(ProcessGroup group, BatchShard shard) => s_current = new ShardedSection(group, shard);

    /// <summary>Random numbers of an input's rows: drawn for the whole batch, of which these rows are taken.</summary>
    /// <param name="count">Rows of the input.</param>
    /// <param name="draw">Draws random numbers of so many rows, the first dimension.</param>
    /// <returns>A tensor in the current dispose scope.</returns>
    public static Tensor Draw(long count, Func<long, Tensor> draw)
    {
        if (s_current is not { _shard: var shard })
        {
            return draw(count);
        }

        using DisposeScope scope = NewDisposeScope();
        return draw(shard.Total).narrow(0, shard.First, shard.Count).MoveToOuterDisposeScope();
    }

    public void Dispose() => s_current = null;
}
