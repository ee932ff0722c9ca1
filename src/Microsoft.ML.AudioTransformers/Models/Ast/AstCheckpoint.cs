using Microsoft.ML.AudioTransformers.Checkpoints;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Weight map of AST, from the authors' files and from ViT and DeiT of ImageNet, adapted to a model of another size as the
/// official code does.
/// </summary>
internal static class AstCheckpoint
{
    private const string ImageAnchor = "patch_embed.proj.weight";
    private const string Anchor = "v." + ImageAnchor;
    private const string Positions = "v.pos_embed";

    /// <summary>Loads the tensors of a file that fit a network.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read, or nothing of it fits.</exception>
    public static CheckpointReport Load(Ast model, string path, CheckpointAdaptation? adaptation = null)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        return Map(checkpoint.Path, checkpoint.StateDict, WeightMap.Shapes(model), model.Options, adaptation ?? new())
            .Apply(model);
    }

    /// <summary>Weight map: which tensor of the checkpoint becomes which of the network.</summary>
    public static WeightMap Map(
        string path,
        IReadOnlyDictionary<string, CheckpointTensor> stateDict,
        IReadOnlyDictionary<string, long[]> target,
        AstConfig options,
        CheckpointAdaptation adaptation)
    {
        WeightMap map = new(path, target);
        WeightNames? own = WeightNames.Find(stateDict, Anchor, adaptation.Prefix);
        WeightNames names = own ?? WeightNames.Find(stateDict, ImageAnchor, adaptation.Prefix)
            ?? throw new InvalidDataException(
                $"'{path}' is no checkpoint of AST, ViT or DeiT: it has no '{adaptation.Prefix}{ImageAnchor}'.");
        names.LeaveOthersOut(map);

        foreach ((string stored, CheckpointTensor tensor) in names.Weights)
        {
            string name = own != null ? stored : "v." + stored;
            switch (name)
            {
                case Anchor:
                    ImageAdaptation.TakePatchEmbedding(map, name, tensor, adaptation.Channels ?? ChannelReduction.Sum);
                    break;
                case Positions:
                    TakePositions(map, tensor, isImage: own == null, options);
                    break;
                case "v.head.weight" or "v.head.bias" or "v.head_dist.weight" or "v.head_dist.bias":
                    map.LeaveOut(tensor, "it classifies images");
                    break;
                default:
                    map.Take(name, tensor);
                    break;
            }
        }

        return map;
    }

    /// <summary>
    /// Position encodings, whose grid is cut around its centre where the network's is smaller, and interpolated where it is
    /// larger, along time first (section 2.2 of the paper, and <c>ASTModel.__init__</c>).
    /// </summary>
    private static void TakePositions(WeightMap map, CheckpointTensor stored, bool isImage, AstConfig options)
    {
        long[] wanted = map.Target[Positions];
        (long rows, long columns) = (options.FrequencyPatches, options.TimePatches);
        bool fits = stored.Shape.Count == 3 && stored.Shape[2] == wanted[2];
        if (!fits || (!isImage && stored.Shape.SequenceEqual(wanted)))
        {
            map.Take(Positions, stored);
            return;
        }

        (int tokens, long ownRows, long ownColumns) = isImage
            ? ImageGrid(stored)
            : (2, AudioRows(stored, rows), (stored.Shape[1] - 2) / AudioRows(stored, rows));
        map.Adapt(Positions, stored, $"{ownRows} x {ownColumns} positions fitted to {rows} x {columns}", positions =>
        {
            Tensor grid = ImageAdaptation.Grid(positions, tokens, ownRows, ownColumns);          // (1, D, F, T)
            grid = columns <= ownColumns
                ? grid.narrow(3, (ownColumns / 2) - (columns / 2), columns)
                : ImageAdaptation.Resize(grid, ownRows, columns, InterpolationMode.Bilinear);
            grid = rows <= ownRows
                ? grid.narrow(2, (ownRows / 2) - (rows / 2), rows)
                : ImageAdaptation.Resize(grid, rows, columns, InterpolationMode.Bilinear);
            Tensor leading = tokens == 2 ? positions.narrow(1, 0, 2) : positions.narrow(1, 0, 1).expand(1, 2, wanted[2]);
            return cat([leading, grid.flatten(2).transpose(1, 2)], 1);                           // (1, N, D)
        });
    }

    private static (int Tokens, long Rows, long Columns) ImageGrid(CheckpointTensor stored)
    {
        (int tokens, int side) = ImageAdaptation.Square(stored);
        return (tokens, side, side);
    }

    /// <summary>
    /// Rows of a stored grid, which the file does not tell: the network's number if it divides the patches, else the paper's
    /// 12.
    /// </summary>
    private static long AudioRows(CheckpointTensor stored, long rows)
    {
        long patches = stored.Shape[1] - 2;
        foreach (long candidate in new[] { rows, 12 })
        {
            if (patches > 0 && patches % candidate == 0)
            {
                return candidate;
            }
        }

        throw new InvalidDataException(
            $"'{stored.Source}': the {patches} positions of '{stored.Name}' are neither {rows} nor 12 rows of patches.");
    }
}
