using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.AudioShards.Parts;

/// <summary>
/// Which recordings a piece or a part is of: how many, and the SHA-256 of their lengths in bytes and their paths, a line
/// each as "1234 folder/a.wav"; and, of a piece, which of them have no row.
/// </summary>
internal sealed record PieceRecord
{
    /// <summary>Key of the metadata of a Parquet file.</summary>
    public const string Key = "audioml.files";

    /// <summary>Number of recordings.</summary>
    public required int Files { get; init; }

    /// <summary>The hash, in hexadecimal.</summary>
    public required string Hash { get; init; }

    /// <summary>Number of recordings without a row.</summary>
    public required int UnscoredCount { get; init; }

    /// <summary>The recordings of a piece that have no row, and why.</summary>
    public IReadOnlyList<UnscoredFile> Unscored { get; init; } = [];

    /// <summary>The hash of recordings.</summary>
    public static string HashOf(ReadOnlySpan<ShardFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ShardFile file in files)
        {
            string line = string.Create(CultureInfo.InvariantCulture, $"{file.Length} {file.Name}\n");
            hash.AppendData(Encoding.UTF8.GetBytes(line));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The record that a file of one scoring has; null where there is no such file, or it is of another.</summary>
    /// <param name="path">The file.</param>
    /// <param name="header">What its rows are to be.</param>
    public static PieceRecord? TryRead(string path, PartHeader header)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            (PartReader reader, PartHeader found) = PartReader.Open(path);
            using (reader)
            {
                return found.ToString() == header.ToString() && reader.Metadata.TryGetValue(Key, out string? text)
                    ? JsonSerializer.Deserialize<PieceRecord>(text)
                    : null;
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The record as metadata.</summary>
    public (string Key, string Value) ToMetadata() => (Key, JsonSerializer.Serialize(this));
}

/// <summary>A recording of a shard.</summary>
/// <param name="Name">Path below the folder, with '/'.</param>
/// <param name="Length">Its length in bytes; -1 for a link to a file that is not there.</param>
internal readonly record struct ShardFile(string Name, long Length);

/// <summary>A recording without a row.</summary>
/// <param name="Path">Path below the folder.</param>
/// <param name="Reason">What is wrong with it.</param>
internal sealed record UnscoredFile(string Path, string Reason);
