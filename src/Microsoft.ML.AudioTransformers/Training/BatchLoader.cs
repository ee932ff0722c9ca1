using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Data loader of a training or validation set: its batches are made ahead of the steps that use them, on other threads.</summary>
/// <remarks>
/// What is random about a clip follows from the seed, the epoch and the clip's place in it, so that neither the number
/// of threads nor a resumed run changes it.
/// </remarks>
/// <param name="clips">The set.</param>
/// <param name="count">Clips of an epoch.</param>
/// <param name="draw">The clips of an epoch, in order.</param>
/// <param name="collator">Makes the batches.</param>
internal sealed class BatchLoader(
    ClipDataset clips, int count, Func<int, int[]> draw, BatchCollator collator)
{
    private const int BatchesAhead = 2;

    /// <summary>Clips of an epoch.</summary>
    public int Count => count;

    /// <summary>The clips of a training set, in the order of each epoch, augmented.</summary>
    public static BatchLoader ForTraining(
        ClipDataset clips, FeatureReader reader, EpochSampler order, AugmentationPlan plan, int classCount, int seed) =>
        new(clips, order.Count, order.Draw, new BatchCollator(clips, reader, plan, classCount, seed));

    /// <summary>Every clip once, as it is and in the order of the rows.</summary>
    public static BatchLoader ForValidation(ClipDataset clips, FeatureReader reader)
    {
        int[] order = [.. Enumerable.Range(0, clips.Count)];
        int classCount = clips.HasTargets ? clips.Targets(0).Length : 0;
        return new BatchLoader(
            clips, clips.Count, _ => order, new BatchCollator(clips, reader, AugmentationPlan.None, classCount, seed: 0));
    }

    /// <summary>The batches of an epoch, a few of which are made ahead of the one in use.</summary>
    /// <param name="batchSize">Clips of a batch; the last one may have fewer.</param>
    /// <param name="epoch">Epochs before it.</param>
    /// <param name="skip">Batches that a resumed run has had already.</param>
    public IEnumerable<ClipBatch> Batches(int batchSize, int epoch, int skip = 0)
    {
        int[] order = draw(epoch);
        int first = (int)Math.Min((long)skip * batchSize, order.Length);
        using ClipRows.Stream? stream = clips.Rows?.Open(order, first);
        Task<float[][]?> read = Task.FromResult<float[][]?>(null);
        var pending = new Queue<Task<ClipBatch>>();
        try
        {
            for (int next = first, size; next < order.Length; next += size)
            {
                int start = next;
                int count = size = Math.Min(batchSize, order.Length - start);
                Task<float[][]?> values = read = ReadAfter(read, stream, count);
                pending.Enqueue(Task.Run(async () => collator.Collate(order, start, count, epoch, await values)));
                if (pending.Count > BatchesAhead)
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
            // Whoever stops early may let go of the clips: no task may still read them.
            Task.WhenAll(pending).ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
        }
    }

    /// <summary>Reads the values of a batch once those of the batch before it have been read.</summary>
    private static async Task<float[][]?> ReadAfter(Task<float[][]?> before, ClipRows.Stream? stream, int count)
    {
        if (stream is null)
        {
            return null;
        }

        await before.ConfigureAwait(false);
        return await Task.Run(() =>
        {
            var values = new float[count][];
            for (int i = 0; i < count; i++)
            {
                values[i] = stream.Next();
            }

            return values;
        }).ConfigureAwait(false);
    }
}
