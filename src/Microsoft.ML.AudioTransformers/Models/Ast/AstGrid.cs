using Microsoft.ML.AudioTransformers.Checkpoints;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Grid of the patches whose positions a file of AST holds, row after row. The file holds their number only; what the authors
/// published are grids of 128 mel bins, with equal strides in frequency and time.
/// </summary>
/// <param name="Rows">Rows, in frequency.</param>
/// <param name="Columns">Columns, in time.</param>
internal readonly record struct AstGrid(long Rows, long Columns)
{
    /// <summary>Mel bins of the authors' features.</summary>
    public const int Mels = 128;

    /// <summary>Rows of the published grids of stride 10, which the official code cuts every AudioSet file into.</summary>
    private const int UsualRows = 12;

    private const int Patch = 16;

    private static readonly int[] s_strides = [10, 12, 14, 16];
    private static readonly int[] s_frames = [1024, 512, 128];

    /// <summary>
    /// Published grids: of the authors' strides, for the frames of AudioSet (1024), ESC-50 (512) and Speech Commands (128). No
    /// two have the same number of patches.
    /// </summary>
    public static IReadOnlyList<(AstGrid Grid, int Stride, int Frames)> Published { get; } =
    [
        .. from stride in s_strides
           from frames in s_frames
           select (new AstGrid(Count(Mels, stride), Count(frames, stride)), stride, frames),
    ];

    private static int Count(int size, int stride) => ((size - Patch) / stride) + 1;

    /// <summary>Grid of a file.</summary>
    /// <param name="stored">Positions of the file, (1, 2 + patches, D).</param>
    /// <param name="stated">Rows that the user, or a configuration beside the file, states; 0 for none.</param>
    /// <param name="own">Rows of the network that is to take the positions.</param>
    /// <exception cref="InvalidDataException">The patches are no such grid.</exception>
    public static AstGrid Of(CheckpointTensor stored, long stated, long own)
    {
        long patches = stored.Shape[1] - 2;
        if (stated > 0)
        {
            return patches > 0 && patches % stated == 0
                ? new AstGrid(stated, patches / stated)
                : throw new InvalidDataException(
                    $"'{stored.Source}': the {patches} positions of '{stored.Name}' are not {stated} rows of patches.");
        }

        foreach ((AstGrid grid, _, _) in Published)
        {
            if (grid.Rows * grid.Columns == patches)
            {
                return grid;
            }
        }

        foreach (long rows in new[] { UsualRows, own })
        {
            if (patches > 0 && patches % rows == 0)
            {
                return new AstGrid(rows, patches / rows);
            }
        }

        throw new InvalidDataException(
            $"'{stored.Source}': the {patches} positions of '{stored.Name}' are neither {UsualRows} nor {own} rows of patches. "
            + $"Set {nameof(CheckpointAdaptation)}.{nameof(CheckpointAdaptation.PositionRows)} to the rows that they are.");
    }
}
