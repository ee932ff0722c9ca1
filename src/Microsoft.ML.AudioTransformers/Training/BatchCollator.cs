using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Distributed;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Collate function: reads the clips of a batch, augments them, and stacks their features and targets.</summary>
/// <param name="clips">Dataset.</param>
/// <param name="reader">Reader that converts the clips' values to features.</param>
/// <param name="plan">Augmentation.</param>
/// <param name="classCount">Targets of a clip.</param>
/// <param name="seed">Seed of the augmentation.</param>
internal sealed class BatchCollator(
    ClipDataset clips, FeatureReader reader, AugmentationPlan plan, int classCount, int seed)
{
    /// <summary>Whether a clip is mixed with others of its batch, which have to be read for it.</summary>
    public bool MixesWithinBatch => plan.FeatureMixup is not null || plan.WaveformMixup is not null;

    /// <summary>Collates a batch, or the shard of one.</summary>
    /// <param name="order">Clip indices of the epoch, in order.</param>
    /// <param name="start">Index in <paramref name="order"/> of the batch's first clip.</param>
    /// <param name="shard">Rows of the batch to collate.</param>
    /// <param name="epoch">Epoch, counted from 0.</param>
    /// <param name="values">
    /// Values of the batch's clips, or of the shard's where clips are not mixed, if the dataset is streamed; null if it is in
    /// memory.
    /// </param>
    public ClipBatch Collate(
        int[] order, int start, BatchShard shard, int epoch, IReadOnlyList<ClipValues>? values = null)
    {
        FeatureReader frontEnd = FrontEnd(SeededRandom.ForFrontEnd(seed, epoch, start));
        (int[] Others, float[] Shares)? mixing = plan.FeatureMixup is { } mixup
            ? DrawMixing(mixup, shard.Total, SeededRandom.ForBatch(seed, epoch, start))
            : null;
        ClipBatch Create(BatchShard rows) => new()
        {
            Features = new float[rows.Count * reader.Shape.Length],
            Labels = new long[rows.Count],
            Targets = clips.HasTargets || plan.HasMixedLabels ? new float[rows.Count * classCount] : null,
            HasTargets = clips.HasTargets,
            Shape = reader.Shape,
            Shard = rows,
        };
        int firstValue = values is null || values.Count == shard.Total ? 0 : shard.First;
        ClipBatch batch = Create(mixing is null ? shard : new BatchShard(0, shard.Total, shard.Total));
        foreach (int row in RowsOf(shard, mixing?.Others))
        {
            Random random = SeededRandom.ForClip(seed, epoch, start + row);
            Add(
                batch, row - batch.Shard.First, row, frontEnd, order.AsSpan(start, shard.Total), values, row - firstValue, random);
        }

        if (mixing is null)
        {
            return batch;
        }

        ClipBatch mixed = Create(shard);
        MixFeatures(batch, mixed, mixing.Value.Others, mixing.Value.Shares);
        return mixed;
    }

    /// <summary>Rows that a shard is made of: its own, and their partners in mixup, each once.</summary>
    private static IEnumerable<int> RowsOf(BatchShard shard, int[]? others)
    {
        IEnumerable<int> own = Enumerable.Range(shard.First, shard.Count);
        return others is null ? own : own.Union(own.Select(row => others[row]));
    }

    private FeatureReader FrontEnd(Random random) =>
        plan.BandEdges is { } edges ? new WaveformReader(edges.Draw(range => random.Next(range))) : reader;

    private void Add(
        ClipBatch batch,
        int i,
        int row,
        FeatureReader frontEnd,
        ReadOnlySpan<int> order,
        IReadOnlyList<ClipValues>? values,
        int value,
        Random random)
    {
        int clip = order[row];
        ClipValues input = values is null ? clips.Values(clip) : values[value];
        Span<float> features = batch.Features.AsSpan(i * reader.Shape.Length, reader.Shape.Length);
        int other = clip;
        float share = 1;
        if (plan.HasWaveforms)
        {
            float[] waveform = input.Augment(plan.BeforeMixing, random);
            if (plan.WaveformMixup is { } mixup && (share = mixup.DrawShare(random)) < 1)
            {
                // Of a streamed dataset, only the batch's clips are in memory.
                int index = random.Next(values?.Count ?? clips.Count);
                other = values is null ? index : order[index];
                float[] partner = (values is null ? clips.Values(index) : values[index]).Augment(plan.BeforeMixing, random);
                Mixup.Mix(waveform, partner, share);
            }

            foreach (IWaveformAugmentation augmentation in plan.AfterMixing)
            {
                waveform = augmentation.Apply(waveform, random);
            }

            frontEnd.ToFeatures(waveform, features);
        }
        else
        {
            frontEnd.ToFeatures(input.Read(), features);
        }

        foreach (ISpectrogramAugmentation augmentation in plan.Features)
        {
            augmentation.Apply(features, reader.Shape, random);
        }

        batch.Labels[i] = clips.Labels[clip];
        if (batch.Targets is { } targets)
        {
            bool isMixed = plan.MixLabels && share < 1;
            AddTargets(targets.AsSpan(i * classCount, classCount), clip, isMixed ? share : 1);
            AddTargets(targets.AsSpan(i * classCount, classCount), other, isMixed ? 1 - share : 0);
        }
    }

    private void AddTargets(Span<float> targets, int clip, float share)
    {
        if (share == 0)
        {
            return;
        }

        if (!clips.HasTargets)
        {
            targets[clips.Labels[clip]] += share;
            return;
        }

        // NaN, an unlabelled class of one clip, stays NaN in the mixture.
        ReadOnlySpan<float> clipTargets = clips.Targets(clip);
        for (int label = 0; label < clipTargets.Length; label++)
        {
            targets[label] += share * clipTargets[label];
        }
    }

    /// <summary>Partner and share of each row of a batch in mixup: the one at its index in a random permutation.</summary>
    private static (int[] Others, float[] Shares) DrawMixing(Mixup mixup, int count, Random random)
    {
        int[] others = [.. Enumerable.Range(0, count)];
        random.Shuffle(others);
        var shares = new float[count];
        for (int row = 0; row < count; row++)
        {
            shares[row] = mixup.DrawShare(random);
        }

        return (others, shares);
    }

    /// <summary>Mixup within the batch: mixes each row of a shard with its partner.</summary>
    private void MixFeatures(ClipBatch batch, ClipBatch mixed, int[] others, float[] shares)
    {
        int length = reader.Shape.Length;
        for (int i = 0; i < mixed.Count; i++)
        {
            int row = mixed.Shard.First + i;
            (int other, float share) = (others[row], shares[row]);
            mixed.Labels[i] = batch.Labels[row];
            Span<float> features = mixed.Features.AsSpan(i * length, length);
            batch.Features.AsSpan(row * length, length).CopyTo(features);
            Mixup.Mix(features, batch.Features.AsSpan(other * length, length), share);
            if (mixed.Targets is null)
            {
                continue;
            }

            Span<float> targets = mixed.Targets.AsSpan(i * classCount, classCount);
            batch.Targets.AsSpan(row * classCount, classCount).CopyTo(targets);
            if (plan.MixLabels && share < 1)
            {
                Mixup.Mix(targets, batch.Targets.AsSpan(other * classCount, classCount), share);
            }
        }
    }
}
