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
        return Map(checkpoint, WeightMap.Shapes(model), model.Options, adaptation ?? new()).Apply(model);
    }

    /// <summary>Weight map: which tensor of the checkpoint becomes which of the network.</summary>
    public static WeightMap Map(
        Checkpoint checkpoint,
        IReadOnlyDictionary<string, long[]> target,
        AstConfig options,
        CheckpointAdaptation adaptation)
    {
        IReadOnlyDictionary<string, CheckpointTensor>? translated = HuggingFaceAst.Translate(checkpoint.StateDict);
        long statedRows = translated is not null && AstDescription.ReadConfig(checkpoint) is { } config
            ? config.FrequencyPatches
            : 0;
        return Map(checkpoint.Path, translated ?? checkpoint.StateDict, target, options, adaptation, statedRows);
    }

    /// <summary>Weight map of a state dict with the authors' or timm's names.</summary>
    /// <param name="path">Path of the file, for messages.</param>
    /// <param name="stateDict">State dict.</param>
    /// <param name="target">Names and shapes of the network's state dict.</param>
    /// <param name="options">Configuration of the network.</param>
    /// <param name="adaptation">Adaptation to the network's sizes.</param>
    /// <param name="statedRows">Rows of the stored positions, where a configuration states them; 0 for none.</param>
    public static WeightMap Map(
        string path,
        IReadOnlyDictionary<string, CheckpointTensor> stateDict,
        IReadOnlyDictionary<string, long[]> target,
        AstConfig options,
        CheckpointAdaptation adaptation,
        long statedRows = 0)
    {
        WeightMap map = new(path, target);
        statedRows = adaptation.PositionRows > 0 ? adaptation.PositionRows : statedRows;
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
                    TakePositions(map, tensor, isImage: own == null, options, statedRows);
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
    private static void TakePositions(
        WeightMap map, CheckpointTensor stored, bool isImage, AstConfig options, long statedRows)
    {
        long[] wanted = map.Target[Positions];
        (long rows, long columns) = (options.FrequencyPatches, options.TimePatches);
        if (stored.Shape.Count != 3 || stored.Shape[2] != wanted[2] || stored.Shape[1] <= 2)
        {
            map.Take(Positions, stored);
            return;
        }

        (int tokens, long ownRows, long ownColumns) =
            isImage ? ImageGrid(stored) : AudioGrid(stored, statedRows, wanted, rows);
        if (!isImage && (ownRows, ownColumns) == (rows, columns))
        {
            map.Take(Positions, stored);
            return;
        }

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
    /// Grid of an audio file; that of the network where they have as many positions, and the file's is none that was published.
    /// </summary>
    private static (int Tokens, long Rows, long Columns) AudioGrid(
        CheckpointTensor stored, long statedRows, long[] wanted, long rows)
    {
        bool isPublished = AstGrid.Published.Any(each => each.Grid.Rows * each.Grid.Columns == stored.Shape[1] - 2);
        AstGrid grid = AstGrid.Of(
            stored, statedRows == 0 && !isPublished && stored.Shape.SequenceEqual(wanted) ? rows : statedRows, rows);
        return (2, grid.Rows, grid.Columns);
    }
}
