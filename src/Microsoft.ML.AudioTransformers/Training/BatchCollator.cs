using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Core;

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
    /// <summary>Collates a batch.</summary>
    /// <param name="order">Clip indices of the epoch, in order.</param>
    /// <param name="start">Index in <paramref name="order"/> of the batch's first clip.</param>
    /// <param name="count">Batch size.</param>
    /// <param name="epoch">Epoch, counted from 0.</param>
    /// <param name="values">Values of the batch's clips, if the dataset is streamed; null if it is in memory.</param>
    public ClipBatch Collate(
        int[] order, int start, int count, int epoch, IReadOnlyList<float[]>? values = null)
    {
        var batch = new ClipBatch
        {
            Features = new float[count * reader.Shape.Length],
            Labels = new long[count],
            Targets = clips.HasTargets || plan.HasMixedLabels ? new float[count * classCount] : null,
            HasTargets = clips.HasTargets,
            Shape = reader.Shape,
        };
        FeatureReader frontEnd = FrontEnd(SeededRandom.ForFrontEnd(seed, epoch, start));
        for (int i = 0; i < count; i++)
        {
            Random random = SeededRandom.ForClip(seed, epoch, start + i);
            Add(batch, i, frontEnd, order.AsSpan(start, count), values, random);
        }

        if (plan.FeatureMixup is { } mixup)
        {
            MixFeatures(batch, mixup, SeededRandom.ForBatch(seed, epoch, start));
        }

        return batch;
    }

    private FeatureReader FrontEnd(Random random) =>
        plan.BandEdges is { } edges ? new WaveformReader(edges.Draw(range => random.Next(range))) : reader;

    private void Add(
        ClipBatch batch,
        int i,
        FeatureReader frontEnd,
        ReadOnlySpan<int> order,
        IReadOnlyList<float[]>? values,
        Random random)
    {
        int clip = order[i];
        ReadOnlySpan<float> input = values is null ? clips.Values(clip) : values[i];
        Span<float> features = batch.Features.AsSpan(i * reader.Shape.Length, reader.Shape.Length);
        int other = clip;
        float share = 1;
        if (plan.HasWaveforms)
        {
            float[] waveform = AugmentBeforeMixing(input, random);
            if (plan.WaveformMixup is { } mixup && (share = mixup.DrawShare(random)) < 1)
            {
                // Of a streamed dataset, only the batch's clips are in memory.
                int index = random.Next(values?.Count ?? clips.Count);
                other = values is null ? index : order[index];
                float[] partner = AugmentBeforeMixing(values is null ? clips.Values(index) : values[index], random);
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
            frontEnd.ToFeatures(input, features);
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

    private float[] AugmentBeforeMixing(ReadOnlySpan<float> values, Random random)
    {
        float[] waveform = values.ToArray();
        foreach (IWaveformAugmentation augmentation in plan.BeforeMixing)
        {
            waveform = augmentation.Apply(waveform, random);
        }

        return waveform;
    }

    /// <summary>
    /// Mixup within the batch: mixes each clip with the one at its index in a random permutation of the unmixed batch.
    /// </summary>
    private void MixFeatures(ClipBatch batch, Mixup mixup, Random random)
    {
        int length = reader.Shape.Length;
        float[] features = [.. batch.Features];
        float[]? targets = batch.Targets is null ? null : [.. batch.Targets];
        int[] others = [.. Enumerable.Range(0, batch.Count)];
        random.Shuffle(others);
        for (int i = 0; i < batch.Count; i++)
        {
            float share = mixup.DrawShare(random);
            Mixup.Mix(batch.Features.AsSpan(i * length, length), features.AsSpan(others[i] * length, length), share);
            if (targets is not null && plan.MixLabels && share < 1)
            {
                Mixup.Mix(
                    batch.Targets.AsSpan(i * classCount, classCount),
                    targets.AsSpan(others[i] * classCount, classCount),
                    share);
            }
        }
    }
}
