using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Distributed;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Data loader of a training or validation set: collates batches on other threads, ahead of their use.</summary>
/// <remarks>
/// Augmentation of a clip depends only on the seed, the epoch and the clip's index in the epoch, so that neither the number of
/// threads nor an interruption of the run changes it.
/// </remarks>
/// <param name="clips">Dataset.</param>
/// <param name="count">Clips of an epoch.</param>
/// <param name="sampler">Clip indices of an epoch, in order.</param>
/// <param name="collator">Collate function.</param>
internal sealed class BatchLoader(
    ClipDataset clips, int count, Func<int, int[]> sampler, BatchCollator collator)
{
    private const int PrefetchCount = 2;

    /// <summary>Process group, of whose batches this loader collates the shard of this rank; null for one process.</summary>
    public ProcessGroup? Group { get; init; }

    /// <summary>Clips of an epoch.</summary>
    public int Count => count;

    /// <summary>Data loader of a training set, with a sampler and augmentation.</summary>
    public static BatchLoader ForTraining(
        ClipDataset clips, FeatureReader reader, EpochSampler sampler, AugmentationPlan plan, int classCount, int seed,
        ProcessGroup? group = null) =>
        new(clips, sampler.Count, sampler.Indices, new BatchCollator(clips, reader, plan, classCount, seed)) { Group = group };

    /// <summary>Data loader of a validation set: each clip once, in the order of the rows, without augmentation.</summary>
    public static BatchLoader ForValidation(ClipDataset clips, FeatureReader reader, ProcessGroup? group = null)
    {
        int[] order = [.. Enumerable.Range(0, clips.Count)];
        int classCount = clips.HasTargets ? clips.Targets(0).Length : 0;
        return new BatchLoader(
            clips, clips.Count, _ => order, new BatchCollator(clips, reader, AugmentationPlan.None, classCount, seed: 0))
        {
            Group = group,
        };
    }

    /// <summary>Batches of an epoch.</summary>
    /// <param name="batchSize">Batch size; the last batch may be smaller.</param>
    /// <param name="epoch">Epoch, counted from 0.</param>
    /// <param name="skip">Batches to skip, which a resumed run has used already.</param>
    public IEnumerable<ClipBatch> Batches(int batchSize, int epoch, int skip = 0)
    {
        int[] order = sampler(epoch);
        int first = (int)Math.Min((long)skip * batchSize, order.Length);
        List<(int Start, BatchShard Shard)> batches = [];
        for (int start = first; start < order.Length; start += batchSize)
        {
            batches.Add((start, BatchShard.Of(Math.Min(batchSize, order.Length - start), Group)));
        }

        // Mixup takes partners from the whole batch; else a rank reads its own rows alone.
        bool readsAll = Group is null || collator.MixesWithinBatch;
        int[] read = readsAll || clips.Rows is null ? order
            : [.. batches.SelectMany(batch => order.AsSpan(batch.Start + batch.Shard.First, batch.Shard.Count).ToArray())];
        using ClipRows.Stream? stream = clips.Rows?.Open(read, readsAll ? first : 0);
        Task<ClipValues[]?> lastRead = Task.FromResult<ClipValues[]?>(null);
        var pending = new Queue<Task<ClipBatch>>();
        try
        {
            foreach ((int start, BatchShard shard) in batches)
            {
                Task<ClipValues[]?> values = lastRead = ReadAfter(lastRead, stream, readsAll ? shard.Total : shard.Count);
                pending.Enqueue(Task.Run(async () => collator.Collate(order, start, shard, epoch, await values)));
                if (pending.Count > PrefetchCount)
                {
                    yield return pending.Dequeue().GetAwaiter().GetResult();
                }
            }

            while (pending.Count > 0)
            {
                yield return pending.Dequeue().GetAwaiter().GetResult();
            }
        }
        finally
        {
            // A caller that stops early may dispose of the clips' source: wait until no task reads it.
            Task.WhenAll(pending).ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
        }
    }

    /// <summary>
    /// Reads the values of a batch after those of the previous batch: a stream is read by one thread at a time.
    /// </summary>
    private static async Task<ClipValues[]?> ReadAfter(Task<ClipValues[]?> previous, ClipRows.Stream? stream, int count)
    {
        if (stream is null)
        {
            return null;
        }

        await previous.ConfigureAwait(false);
        return await Task.Run(() =>
        {
            var values = new ClipValues[count];
            for (int i = 0; i < count; i++)
            {
                values[i] = stream.Next();
            }

            return values;
        }).ConfigureAwait(false);
    }
}
