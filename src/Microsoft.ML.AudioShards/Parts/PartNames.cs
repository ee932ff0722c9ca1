using System.Globalization;

namespace Microsoft.ML.AudioShards.Parts;

/// <summary>
/// Names of the files of a scoring. What is not a part begins with '_', as Spark and others expect of files that they are to
/// pass over.
/// </summary>
/// <param name="folder">Folder of the parts.</param>
/// <param name="index">The shard's number, from 0.</param>
/// <param name="count">Number of shards.</param>
internal sealed class PartNames(string folder, int index, int count)
{
    private const string Prefix = "part-";
    private const string PiecesPrefix = "_pieces-";
    private const string Extension = ".parquet";

    private readonly string _shard = string.Create(CultureInfo.InvariantCulture, $"{index:D5}-of-{count:D5}");

    /// <summary>The shard's rows.</summary>
    public string Part => Path.Combine(folder, $"{Prefix}{_shard}{Extension}");

    /// <summary>The shard's recordings that have no row.</summary>
    public string Unscored => Path.Combine(folder, $"_unscored-{_shard}{Extension}");

    /// <summary>The sums of both.</summary>
    public string Sums => Path.Combine(folder, $"_sums-{_shard}.sha256");

    /// <summary>Folder of what is done of a shard, while it is not finished.</summary>
    public string Pieces => Path.Combine(folder, $"{PiecesPrefix}{_shard}");

    /// <summary>File that the process that scores the shard has open.</summary>
    public string Lock => Path.Combine(Pieces, "lock");

    /// <summary>Journal of the recordings that the process has in work.</summary>
    public string Journal => Path.Combine(Pieces, "journal");

    /// <summary>The piece that begins with one of the shard's recordings.</summary>
    public string Piece(int first) =>
        Path.Combine(Pieces, string.Create(CultureInfo.InvariantCulture, $"piece-{first:D9}{Extension}"));

    /// <summary>The sum of the piece that begins with one of the shard's recordings.</summary>
    public string PieceSum(int first) => Path.ChangeExtension(Piece(first), ".sha256");

    /// <summary>The parts in a folder, in the order of their shards.</summary>
    /// <exception cref="InvalidDataException">They are of different numbers of shards.</exception>
    public static IReadOnlyList<(int Index, int Count)> Find(string folder)
    {
        List<(int Index, int Count)> found = [];
        foreach (string path in Directory.EnumerateFiles(folder, $"{Prefix}*-of-*{Extension}"))
        {
            if (ShardOf(Path.GetFileNameWithoutExtension(path), Prefix) is var (index, count)
                && path == new PartNames(folder, index, count).Part)
            {
                found.Add((index, count));
            }
        }

        int[] counts = [.. found.Select(part => part.Count).Distinct().Order()];
        return counts.Length <= 1
            ? [.. found.Order()]
            : throw new InvalidDataException(
                $"'{folder}' has parts of {string.Join(" and of ", counts)} shards; expected those of one scoring.");
    }

    /// <summary>The numbers of shards that scorings have which are not finished.</summary>
    public static IEnumerable<int> FindUnfinished(string folder) => Directory
        .EnumerateDirectories(folder, $"{PiecesPrefix}*-of-*")
        .Select(path => ShardOf(Path.GetFileName(path), PiecesPrefix)?.Count ?? 0).Where(count => count > 0);

    private static (int Index, int Count)? ShardOf(string name, string prefix)
    {
        string[] numbers = name[prefix.Length..].Split("-of-");
        return numbers.Length == 2
            && int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                ? (index, count)
                : null;
    }
}
