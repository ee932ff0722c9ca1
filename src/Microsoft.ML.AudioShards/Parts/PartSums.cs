using System.Security.Cryptography;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioShards.Parts;

/// <summary>
/// The SHA-256 of a shard's two files, in the form of sha256sum. Parquet has no checksum that its readers look at, and what they
/// make of a damaged file is anything; so parts are read only if they are to the bit what was written. The file is written last:
/// a shard that has it is finished. Each piece has such a file too.
/// </summary>
internal static class PartSums
{
    /// <summary>Writes the sums of what a shard has written.</summary>
    public static void Write(PartNames names) => Write(names.Sums, names.Part, names.Unscored);

    /// <summary>Writes the sum of a piece.</summary>
    public static void WritePiece(PartNames names, int first) => Write(names.PieceSum(first), names.Piece(first));

    /// <summary>Whether a shard's files are those that were written.</summary>
    public static bool Hold(PartNames names) => Hold(names.Sums, names.Part, names.Unscored);

    /// <summary>Whether a piece is what was written.</summary>
    public static bool HoldPiece(PartNames names, int first) => Hold(names.PieceSum(first), names.Piece(first));

    /// <summary>Requires that a shard's files are those that were written.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    public static void Check(PartNames names)
    {
        if (!Hold(names))
        {
            throw new InvalidDataException(
                $"'{names.Part}' or '{names.Unscored}' is damaged, or not finished: they are not as '{names.Sums}' says. "
                + "Run the shard again.");
        }
    }

    private static void Write(string sums, params string[] paths) =>
        AtomicFile.WriteText(sums, string.Concat(paths.Select(Line)));

    private static bool Hold(string sums, params string[] paths) =>
        File.Exists(sums) && Array.TrueForAll(paths, File.Exists)
        && File.ReadAllText(RegularFile.Check(sums)) == string.Concat(paths.Select(Line));

    private static string Line(string path)
    {
        using FileStream stream = RegularFile.OpenRead(path);
        return $"{Convert.ToHexStringLower(SHA256.HashData(stream))}  {Path.GetFileName(path)}\n";
    }
}
