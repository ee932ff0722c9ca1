using System.Security.Cryptography;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioShards.Parts;

/// <summary>
/// The SHA-256 of a shard's two files, in the form of sha256sum. Parquet has no checksum that its readers look at, and what they
/// make of a damaged file is anything; so parts are read only if they are to the bit what was written. The file is written last:
/// a shard that has it is finished.
/// </summary>
internal static class PartSums
{
    /// <summary>Writes the sums of what a shard has written.</summary>
    public static void Write(PartNames names) => AtomicFile.WriteText(names.Sums, Of(names));

    /// <summary>Whether a shard's files are those that were written.</summary>
    public static bool Hold(PartNames names) =>
        File.Exists(names.Sums) && File.Exists(names.Part) && File.Exists(names.Unscored)
        && File.ReadAllText(names.Sums) == Of(names);

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

    private static string Of(PartNames names) => Line(names.Part) + Line(names.Unscored);

    private static string Line(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return $"{Convert.ToHexStringLower(SHA256.HashData(stream))}  {Path.GetFileName(path)}\n";
    }
}
