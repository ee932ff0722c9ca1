using Microsoft.ML.AudioTransformers.Models.Layers;
using Microsoft.ML.AudioTransformers.Onnx;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Graph of DATAR; section numbers are its paper's, numbers beside those of the tiny size, of 128 x 1024. Between layers, maps
/// have their channels last, (B, H, W, C), as matrix products and normalizations take them.
/// </summary>
internal static class DatarGraph
{
    private const double Epsilon = 1e-5;

    /// <summary>Features (B, frames, mels) to logits and embeddings.</summary>
    public static ModelGraph Write(DatarConfig options, OnnxModule net, OnnxValue features)
    {
        net["adaptor"].Enter();
        return WriteMaps(options, net, features.Transpose(0, 2, 1).Unsqueeze(1)); // of (B, 1, F, T)     1, 128 x 1024
    }

    /// <summary>Spectrograms (B, channels, F, T) to logits and embeddings.</summary>
    public static ModelGraph WriteMaps(DatarConfig options, OnnxModule net, OnnxValue x)
    {
        // Section 3.2, the input adaptor.
        net["adaptor"].Enter();
        if (options.Adaptor == DatarAdaptor.Learnable)
        {
            OnnxValue signal = net["adaptor.conv"].Conv(x, (1, 1), (1, 1));
            x = x.Plus(signal.Times(net["adaptor"].Weight("alpha")));
        }

        // Section 3.1, patch embedding.
        x = Stem(options, net["patch_proj"], x);                            // (B, F / 4, T / 4, C)      96, 32 x 256

        // Four stages, with half the map and twice the channels from one to the next.
        IReadOnlyList<MapSize> maps = options.Maps();
        for (int stage = 0; stage < options.Stages.Count; stage++)
        {
            if (stage > 0)
            {
                x = Halve(options, net[$"down_projs.{stage - 1}"], x, maps[stage - 1], options.Stages[stage - 1].Dim);
            }

            x = DatarStageGraph.Write(options, net[$"stages.{stage}"], stage, x, maps[stage]);
        }

        x = Norm(net["cls_norm"], x);                                       // (B, F / 32, T / 32, D)     768, 4 x 32
        OnnxValue embedding = x.Mean(false, 1, 2);                          // (B, D)
        OnnxValue logits = net["cls_head"].Linear(embedding);               // (B, classes)
        return new ModelGraph(
            options.NounClasses > 0 ? OnnxValue.Concat(1, logits, net["noun_head"].Linear(embedding)) : logits, embedding);
    }

    /// <summary>Layer normalization of the channels at each point of maps whose channels are last.</summary>
    public static OnnxValue Norm(OnnxModule norm, OnnxValue x) => norm["norm"].LayerNorm(x, Epsilon);

    /// <summary>Maps with the channels first, (B, C, H, W).</summary>
    public static OnnxValue ChannelsFirst(OnnxValue x) => x.Transpose(0, 3, 1, 2);

    /// <summary>Maps with the channels last, (B, H, W, C).</summary>
    public static OnnxValue ChannelsLast(OnnxValue x) => x.Transpose(0, 2, 3, 1);

    /// <summary>Patch embedding, (B, channels, F, T) to (B, F / 4, T / 4, C).</summary>
    private static OnnxValue Stem(DatarConfig options, OnnxModule stem, OnnxValue x)
    {
        long patch = options.PatchSize;
        stem.Enter();
        switch (options.ConvolutionalPatches, options.Version)
        {
            case (false, _):
                x = AtLeast(x, options.InputFrequency, options.InputTime, patch, 2);
                return Norm(stem["1"], ChannelsLast(stem["0"].Conv(x, (patch, patch), (0, 0))));
            case (true, DatVersion.Dat):
                return Norm(stem["1"], ChannelsLast(stem["0"].Conv(x, (patch, patch), (3, 3))));
            default:
                long half = patch / 2;
                x = Norm(stem["1"], ChannelsLast(stem["0"].Conv(x, (half, half), (1, 1)))).Gelu();
                return Norm(stem["4"], ChannelsLast(stem["3"].Conv(ChannelsFirst(x), (half, half), (1, 1))));
        }
    }

    /// <summary>Half the map, (B, H, W, C) to (B, H / 2, W / 2, C').</summary>
    private static OnnxValue Halve(DatarConfig options, OnnxModule module, OnnxValue x, MapSize map, int dim)
    {
        module.Enter();
        OnnxModule convolution = module["0"];
        if (options.ConvolutionalPatches)
        {
            return Norm(module["1"], ChannelsLast(convolution.Conv(ChannelsFirst(x), (2, 2), (1, 1))));
        }

        // Patches of 2 x 2 that do not overlap: a product.
        x = AtLeast(x, map.Height, map.Width, 2, 1);
        (int rows, int columns) = (Math.Max(1, map.Height / 2), Math.Max(1, map.Width / 2));
        int outputs = (int)convolution.ShapeOf("weight")[0];
        OnnxValue patches = x.Slice(1, 0, 2 * rows).Slice(2, 0, 2 * columns)
            .Reshape(0, rows, 2, columns, 2, dim)
            .Transpose(0, 1, 3, 5, 2, 4)                                    // (B, rows, columns, C, 2, 2)
            .Reshape(0, rows, columns, 4 * dim);
        OnnxValue halved = convolution.Product(
            patches, "weight", 4 * dim, outputs,
            () => OnnxModule.Transposed(convolution.Values("weight"), outputs, 4 * dim));
        return Norm(module["1"], halved);
    }

    /// <summary>Maps padded with zeros at their end where they are smaller than a kernel.</summary>
    private static OnnxValue AtLeast(OnnxValue x, int height, int width, long kernel, int firstAxis)
    {
        long down = Math.Max(0, kernel - height);
        long right = Math.Max(0, kernel - width);
        return down == 0 && right == 0 ? x
            : firstAxis == 2 ? x.Pad(0, 0, 0, 0, 0, 0, down, right)
            : x.Pad(0, 0, 0, 0, 0, down, right, 0);
    }
}
