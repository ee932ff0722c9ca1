using Microsoft.ML.AudioTransformers.Scoring;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Batches of a training or validation set, made ahead of the steps that use them, on other threads.</summary>
/// <remarks>
/// What is random about a clip follows from the seed, the epoch and the clip's place in it, so that neither the number
/// of threads nor a resumed run changes it.
/// </remarks>
internal sealed class ClipSource(
    LabeledClips clips, FeatureReader reader, int seed, params IReadOnlyList<IClipAugmentation> augmentations)
{
    private const int BatchesAhead = 2;

    public int Count => clips.Count;

    /// <summary>What changes the clips, in words.</summary>
    public string Augmentations => string.Join(", ", augmentations);

    /// <summary>One epoch of training: every clip once, in an order of its own, augmented.</summary>
    /// <param name="batchSize">Clips of a batch; the last one may have fewer.</param>
    /// <param name="epoch">Epochs before it.</param>
    /// <param name="skip">Batches that a resumed run has had already.</param>
    public IEnumerable<ClipBatch> Shuffled(int batchSize, int epoch, int skip = 0)
    {
        int[] order = Enumerable.Range(0, clips.Count).ToArray();
        SeededRandom.ForEpoch(seed, epoch).Shuffle(order);
        return Ahead(order, batchSize, skip, (members, batch) => Augment(members, batch, epoch));
    }

    /// <summary>Every clip once, as it is and in the order of the rows.</summary>
    public IEnumerable<ClipBatch> InOrder(int batchSize) =>
        Ahead(Enumerable.Range(0, clips.Count).ToArray(), batchSize, skip: 0, static (_, _) => { });

    /// <summary>Runs <see cref="Assemble"/> for the batches of an epoch, a few ahead of the one in use.</summary>
    private IEnumerable<ClipBatch> Ahead(
        int[] order, int batchSize, int skip, Action<ArraySegment<int>, ClipBatch> finish)
    {
        var pending = new Queue<Task<ClipBatch>>();
        try
        {
            foreach (int start in Range(skip * batchSize, order.Length, batchSize))
            {
                var members = new ArraySegment<int>(order, start, Math.Min(batchSize, order.Length - start));
                pending.Enqueue(Task.Run(() =>
                {
                    ClipBatch batch = Assemble(members);
                    finish(members, batch);
                    return batch;
                }));
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

    private ClipBatch Assemble(ArraySegment<int> members)
    {
        var batch = new ClipBatch
        {
            Features = new float[members.Count * reader.Shape.Length],
            Labels = new long[members.Count],
            Shape = reader.Shape,
        };
        for (int i = 0; i < members.Count; i++)
        {
            reader.ToFeatures(clips.Values(members[i]), FeaturesOf(batch, i));
            batch.Labels[i] = clips.Labels[members[i]];
        }

        return batch;
    }

    private void Augment(ArraySegment<int> members, ClipBatch batch, int epoch)
    {
        for (int i = 0; i < members.Count; i++)
        {
            Random random = SeededRandom.ForClip(seed, epoch, members.Offset + i);
            foreach (IClipAugmentation augmentation in augmentations)
            {
                augmentation.Apply(FeaturesOf(batch, i), reader.Shape, random);
            }
        }
    }

    private Span<float> FeaturesOf(ClipBatch batch, int i) =>
        batch.Features.AsSpan(i * reader.Shape.Length, reader.Shape.Length);

    private static IEnumerable<int> Range(int start, int end, int step)
    {
        for (int i = start; i < end; i += step)
        {
            yield return i;
        }
    }
}
