using Microsoft.ML.AudioTransformers.Core;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Collates clips to batches: reads them, augments them by the plan, and puts them side by side.</summary>
internal sealed class BatchCollator(
    ClipDataset clips, FeatureReader reader, AugmentationPlan plan, int classCount, int seed)
{
    /// <param name="order">The clips of an epoch.</param>
    /// <param name="start">Where in it the batch begins.</param>
    /// <param name="count">How many clips it has.</param>
    /// <param name="epoch">Epochs before it.</param>
    /// <param name="values">The values of the batch's clips, where memory does not hold those of all.</param>
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
        ReadOnlySpan<float> own = values is null ? clips.Values(clip) : values[i];
        Span<float> features = batch.Features.AsSpan(i * reader.Shape.Length, reader.Shape.Length);
        int other = clip;
        float share = 1;
        if (plan.HasWaveforms)
        {
            float[] waveform = BeforeMixing(own, random);
            if (plan.WaveformMixup is { } mixup && (share = mixup.DrawShare(random)) < 1)
            {
                // Of a streamed set, the batch's clips alone are there.
                int drawn = random.Next(values?.Count ?? clips.Count);
                other = values is null ? drawn : order[drawn];
                Mixup.Mix(waveform, BeforeMixing(values is null ? clips.Values(drawn) : values[drawn], random), share);
            }

            foreach (IWaveformAugmentation augmentation in plan.AfterMixing)
            {
                waveform = augmentation.Apply(waveform, random);
            }

            frontEnd.ToFeatures(waveform, features);
        }
        else
        {
            frontEnd.ToFeatures(own, features);
        }

        foreach (IClipAugmentation augmentation in plan.Features)
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

        // A class that is unlabelled in a clip (NaN) is so in its mixture.
        ReadOnlySpan<float> own = clips.Targets(clip);
        for (int label = 0; label < own.Length; label++)
        {
            targets[label] += share * own[label];
        }
    }

    private float[] BeforeMixing(ReadOnlySpan<float> values, Random random)
    {
        float[] waveform = values.ToArray();
        foreach (IWaveformAugmentation augmentation in plan.BeforeMixing)
        {
            waveform = augmentation.Apply(waveform, random);
        }

        return waveform;
    }

    /// <summary>Mixes every clip with one of a permutation of the batch, as the batch was before.</summary>
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
