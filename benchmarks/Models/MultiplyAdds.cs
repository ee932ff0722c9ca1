using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Models.Layers;

namespace AudioMLNet.Benchmarks.Models;

/// <summary>
/// Multiply-accumulate operations (MACs) of a forward pass of one clip when scoring, counted from the shapes of the layers.
/// </summary>
/// <remarks>
/// Counted are convolutions, linear layers and the two matrix products of attention, at every point that they compute, padding
/// of windows included. Not counted are biases, normalizations, softmax, activations, and the interpolation of samples and of
/// position biases: the rule of fvcore and of the papers' tables.
/// </remarks>
internal static class MultiplyAdds
{
    /// <summary>MACs of a network at the size that it was built for; null for a model that has no count here.</summary>
    public static long? Of(AudioModel network) => network switch
    {
        Passt passt => Of(passt.Options),
        Ast ast => Of(ast.Options),
        HtsAt htsAt => Of(htsAt.Options),
        Datar datar => Of(datar.Options),
        _ => null,
    };

    /// <summary>
    /// MACs of a training step of one clip: three times those of a forward pass, of PaSST over the tokens that patchout leaves.
    /// </summary>
    public static long? OfStep(AudioModel network) => 3 * (network is Passt passt
        ? VisionTransformer(
            passt.Options.FrequencyPatches * passt.Options.TimePatches, passt.Options.TrainingSequenceLength,
            passt.Options.PatchSize, passt.Options.EmbedDim, passt.Options.KeptBlocks().Count, passt.Options.MlpRatio,
            passt.Options.Classes)
        : Of(network));

    /// <summary>MACs of DATAR.</summary>
    public static long Of(DatarConfig options)
    {
        IReadOnlyList<MapSize> maps = options.Maps();
        long sum = Stem(options, maps[0]);
        if (options.Adaptor == DatarAdaptor.Learnable)
        {
            sum += 9L * options.InputFrequency * options.InputTime * options.InputChannels * options.InputChannels;
        }

        for (int stage = 0; stage < options.Stages.Count; stage++)
        {
            DatarStageConfig current = options.Stages[stage];
            (long points, long dim) = (maps[stage].Points, current.Dim);
            if (stage == 0)
            {
                sum += options.StemDim == dim ? 0 : points * options.StemDim * dim;
            }
            else
            {
                sum += points * options.Stages[stage - 1].Dim * dim * (options.ConvolutionalPatches ? 9 : 4);
            }

            foreach (char block in current.Blocks)
            {
                long hidden = dim * options.Expansion;
                sum += points * ((2 * dim * hidden) + (current.ConvolutionalMlp ? 9 * hidden : 0));
                sum += current.LocalPerception ? points * dim * 9 : 0;
                sum += Attention(block, current, options.Version, maps[stage]);
            }
        }

        return sum + ((long)options.Stages[^1].Dim * (options.Classes + options.NounClasses));
    }

    /// <summary>
    /// MACs of the two matrix products of DATAR's attention within windows and to deformable points, which counters that
    /// look at the modules of a network alone leave out.
    /// </summary>
    public static long ProductsOf(DatarConfig options)
    {
        IReadOnlyList<MapSize> maps = options.Maps();
        return options.Stages.Select((stage, index) => stage.Blocks.Sum(block => block switch
        {
            'L' or 'S' => 2L * RoundUp(maps[index].Height, stage.WindowSize) * RoundUp(maps[index].Width, stage.WindowSize)
                * stage.WindowSize * stage.WindowSize * stage.Dim,
            'D' => 2L * maps[index].Points * Samples(stage, options.Version, maps[index]) * stage.Dim,
            _ => 0,
        })).Sum();
    }

    /// <summary>The same of AST.</summary>
    public static long ProductsOf(AstConfig options) =>
        options.Depth * 2L * options.SequenceLength * options.SequenceLength * options.EmbedDim;

    /// <summary>MACs of HTS-AT.</summary>
    public static long Of(HtsAtConfig options)
    {
        long height = options.ImageSize / options.StrideFrequency;
        long width = options.ImageSize / options.StrideTime;
        long sum = height * width * options.EmbedDim * options.PatchSize * options.PatchSize;
        for (int stage = 0; stage < options.Depths.Count; stage++)
        {
            long dim = (long)options.EmbedDim << stage;
            long window = Math.Min(options.WindowSize, Math.Min(height, width));
            long filled = RoundUp(height, window) * RoundUp(width, window);
            sum += options.Depths[stage] * (
                Windows(filled, window, dim) + (height * width * 2 * dim * (long)(dim * options.MlpRatio)));
            if (stage < options.Depths.Count - 1)
            {
                (height, width) = (height / 2, width / 2);
                sum += height * width * 4 * dim * 2 * dim;
            }
        }

        // The token-semantic convolution sees all of a window's rows and three steps; the head of the official code after it
        // is not used.
        return sum + (options.TokenSemantic
            ? (long)options.Steps * options.FinalDim * options.Classes * (options.FinalHeight / options.TimeWindows) * 3
            : (long)options.FinalDim * options.Classes);
    }

    /// <summary>MACs of PaSST, without patchout.</summary>
    public static long Of(PasstConfig options) => VisionTransformer(
        options.FrequencyPatches * options.TimePatches, options.SequenceLength, options.PatchSize, options.EmbedDim,
        options.KeptBlocks().Count, options.MlpRatio, options.Classes);

    /// <summary>MACs of AST.</summary>
    public static long Of(AstConfig options) => VisionTransformer(
        options.FrequencyPatches * options.TimePatches, options.SequenceLength, options.PatchSize, options.EmbedDim,
        options.Depth, options.MlpRatio, options.Classes);

    private static long VisionTransformer(
        long patches, long tokens, long patch, long dim, int blocks, double mlpRatio, long classes) =>
        (patches * dim * patch * patch)
        + (blocks * ((tokens * ((4 * dim * dim) + (2 * dim * (long)(dim * mlpRatio)))) + (2 * tokens * tokens * dim)))
        + (dim * classes);

    /// <summary>MACs of the patch embedding: see the stem of <see cref="Datar"/>.</summary>
    private static long Stem(DatarConfig options, MapSize map)
    {
        (long channels, long dim, int patch) = (options.InputChannels, options.StemDim, options.PatchSize);
        if (!options.ConvolutionalPatches)
        {
            return map.Points * channels * dim * patch * patch;
        }

        if (options.Version == DatVersion.Dat)
        {
            return map.Points * channels * dim * 49;
        }

        MapSize half = new MapSize(options.InputFrequency, options.InputTime).Reduce(patch / 2, isOverlapping: true);
        return (half.Points * channels * (dim / 2) * 9) + (map.Points * (dim / 2) * dim * 9);
    }

    private static long Attention(char block, DatarStageConfig stage, DatVersion version, MapSize map)
    {
        (long points, long dim) = (map.Points, stage.Dim);
        long neighbors = (long)stage.NeighborhoodKernel * stage.NeighborhoodKernel;
        switch (block)
        {
            case 'L' or 'S':
                long filled = RoundUp(map.Height, stage.WindowSize) * RoundUp(map.Width, stage.WindowSize);
                return Windows(filled, stage.WindowSize, dim);
            case 'D':
                return Deformable(stage, version, map);
            case 'N':
                return points * ((4 * dim * dim) + (2 * neighbors * dim));
            case 'P':
                MapSize reduced = map.Reduce(stage.ReductionRatio, isOverlapping: false);
                long reducing = stage.ReductionRatio > 1 ? points * dim * dim : 0;
                return reducing + (2 * points * dim * dim) + (2 * reduced.Points * dim * dim)
                    + (2 * points * reduced.Points * dim);
            case 'E':
                // Projections of a quarter of the width, two convolutions that shift keys and values to nine places, and the
                // products with those.
                long narrow = dim / 4;
                return points * ((4 * dim * narrow) + (2 * 2 * 9 * 9 * narrow) + (2 * 9 * narrow));
            default:
                return points * dim * stage.WindowSize * stage.WindowSize;
        }
    }

    private static long Deformable(DatarStageConfig stage, DatVersion version, MapSize map)
    {
        (long points, long dim, long samples) = (map.Points, stage.Dim, Samples(stage, version, map));
        long offsets = stage.NoOffsets ? 0 : samples * dim * ((stage.OffsetKernel * stage.OffsetKernel) + 2);
        bool hasBias = version == DatVersion.Dat || !stage.NoOffsets;
        long positions = (hasBias ? stage.PositionBias : DeformablePositionBias.None) switch
        {
            DeformablePositionBias.Convolutional => points * dim * 9,
            DeformablePositionBias.LogSpaced => points * samples * ((64L * stage.Groups) + (32L * stage.Heads)),
            _ => 0,
        };
        return offsets + positions + (2 * points * dim * dim) + (2 * samples * dim * dim) + (2 * points * samples * dim);
    }

    /// <summary>Points that a deformable block samples.</summary>
    private static long Samples(DatarStageConfig stage, DatVersion version, MapSize map)
    {
        bool isUnpadded = version == DatVersion.DatPlusPlus && stage.OffsetKernel == stage.Stride;
        int padding = isUnpadded ? 0 : stage.OffsetKernel / 2;
        long Along(long length) => ((length + (2 * padding) - stage.OffsetKernel) / stage.Stride) + 1;
        return Along(map.Height) * Along(map.Width);
    }

    /// <summary>MACs of attention within windows: four projections, and two products of a window's points with each other.</summary>
    private static long Windows(long points, long window, long dim) =>
        (points * 4 * dim * dim) + (2 * points * window * window * dim);

    private static long RoundUp(long length, long window) => (length + window - 1) / window * window;
}
