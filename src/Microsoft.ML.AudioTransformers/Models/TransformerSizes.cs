using Microsoft.ML.AudioTransformers.Checkpoints;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>Sizes of a vision transformer that follow from the shapes of its weights.</summary>
/// <param name="names">Weights, the transformer's among them.</param>
/// <param name="prefix">Prefix of the transformer's names, as <c>v.</c> in AST. Default: none.</param>
internal sealed class TransformerSizes(WeightNames names, string prefix = "")
{
    /// <summary>Patch size, and embedding dimension; null where the patch embedding has a shape that no such file has.</summary>
    public (int PatchSize, int EmbedDim)? Patches => Shape("patch_embed.proj.weight") switch
    {
        [var dim, _, var rows, var columns] when rows == columns && Fits(rows) && Fits(dim) => ((int)rows, (int)dim),

        // Patches as rows, of one channel: the authors' first files.
        [var dim, var length] when Math.Round(Math.Sqrt(length)) is var side && side * side == length && Fits(dim) =>
            ((int)side, (int)dim),
        _ => null,
    };

    /// <summary>Channels of the input; 1 where patches are rows.</summary>
    public long Channels => Shape("patch_embed.proj.weight") is [_, var channels, _, _] ? channels : 1;

    /// <summary>Number of blocks.</summary>
    public int Depth => names.CountBlocks(prefix);

    /// <summary>Width of a block's hidden layer, in token widths; null without blocks.</summary>
    public double? MlpRatio => Shape("blocks.0.mlp.fc1.weight") is [var hidden, var dim] && dim > 0 ? (double)hidden / dim : null;

    /// <summary>Whether queries, keys and values have a bias.</summary>
    public bool HasQkvBias => Shape("blocks.0.attn.qkv.bias") is not null;

    /// <summary>
    /// Attention heads, which no shape tells: those of the published sizes (ViT and DeiT: tiny, small, base, large, huge); null
    /// for another width.
    /// </summary>
    public static int? HeadsOf(int embedDim) => embedDim switch
    {
        192 => 3,
        384 => 6,
        768 => 12,
        1024 or 1280 => 16,
        _ => null,
    };

    /// <summary>Message that the file does not tell the heads.</summary>
    public static string HeadsAreMissing(int embedDim) =>
        $"Config.Heads: the heads of tokens {embedDim} wide, which are no published size, do not follow from the file.";

    /// <summary>Shape of a weight; null if there is none of that name.</summary>
    public IReadOnlyList<long>? Shape(string name) => names.Weights.GetValueOrDefault(prefix + name)?.Shape;

    private static bool Fits(long size) => size is > 0 and <= int.MaxValue;
}
