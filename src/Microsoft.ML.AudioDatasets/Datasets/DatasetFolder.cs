using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Datasets;

/// <summary>The folder of a data set. Errors about its layout say what was looked for and what is there.</summary>
internal sealed class DatasetFolder
{
    /// <summary>Opens a folder.</summary>
    /// <param name="dataset">The name of the data set, for messages.</param>
    /// <param name="path">The folder.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public DatasetFolder(string dataset, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path, "folder");
        Dataset = dataset;
        Root = Path.GetFullPath(path);
        if (!Directory.Exists(Root))
        {
            throw new DirectoryNotFoundException($"{dataset}: there is no folder '{Root}'.");
        }
    }

    /// <summary>The name of the data set.</summary>
    public string Dataset { get; }

    /// <summary>The full path of the folder.</summary>
    public string Root { get; }

    /// <summary>The path of a file or folder below this one.</summary>
    /// <exception cref="InvalidDataException">The name leads out of the folder.</exception>
    public string PathOf(string name)
    {
        string path = Path.GetFullPath(Path.Combine(Root, name));
        return path.StartsWith(
            Root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new InvalidDataException($"{Dataset}: '{name}' is no file below '{Root}'.");
    }

    /// <summary>The path of the first of some files that is there.</summary>
    /// <exception cref="FileNotFoundException">None is; the message says which were looked for and what is
    /// there.</exception>
    public string RequireFile(params string[] names) => FindFile(names) ?? throw Layout(names);

    /// <summary>The path of the first of some files that is there, or null.</summary>
    public string? FindFile(params string[] names) => names.Select(PathOf).FirstOrDefault(File.Exists);

    /// <summary>The first of some folders that is there.</summary>
    /// <exception cref="FileNotFoundException">None is; the message says which were looked for and what is
    /// there.</exception>
    public string RequireFolder(params string[] names) =>
        names.FirstOrDefault(name => Directory.Exists(PathOf(name)))
        ?? throw Layout([.. names.Select(name => name + "/")]);

    /// <summary>The error for a folder of another layout.</summary>
    /// <param name="expected">The files, one of which was expected; a folder's name ends in '/'.</param>
    public FileNotFoundException Layout(params IReadOnlyList<string> expected)
    {
        string[] found = [.. Directory.EnumerateFileSystemEntries(Root)
            .Select(path => Path.GetFileName(path) + (Directory.Exists(path) ? "/" : ""))
            .Order(StringComparer.Ordinal)];
        string[] inside = [.. found
            .Where(name => name.EndsWith('/') && expected.Any(file => Path.Exists(Path.Combine(Root, name, file))))];
        string hint = inside.Length > 0 ? $" It is in '{inside[0]}': give that folder." : "";
        return new FileNotFoundException(
            $"{Dataset}: looked for {string.Join(" or ", expected.Select(name => $"'{name}'"))} in '{Root}' and found "
            + $"{NameList.Of(found)} instead.{hint}");
    }
}
