using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioDatasets.Tests;

/// <summary>A small folder in the layout of a data set, which a test makes and breaks.</summary>
internal sealed class DatasetTree : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    public static MLContext Context { get; } = new(seed: 1);

    public static AudioDatasetOptions Skip => new() { Problems = AudioFileProblems.Skip };

    /// <summary>Writes a file of text.</summary>
    public DatasetTree Text(string name, params string[] lines)
    {
        File.WriteAllText(Place(name), string.Join('\n', lines) + "\n");
        return this;
    }

    /// <summary>Writes recordings of a tenth of a second at 8 kHz.</summary>
    public DatasetTree Wav(params string[] names)
    {
        foreach (string name in names)
        {
            AudioFile.Write(Place(name), new float[800], 8000);
        }

        return this;
    }

    /// <summary>Writes a file of given bytes.</summary>
    public DatasetTree Bytes(string name, params byte[] bytes)
    {
        File.WriteAllBytes(Place(name), bytes);
        return this;
    }

    public DatasetTree Delete(string name)
    {
        string path = System.IO.Path.Combine(Path, name);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }

        return this;
    }

    /// <summary>The rows of a view, with "|" between the values of the columns, and "+" between those of a vector.</summary>
    public string[] Rows(IDataView view, params string[] columns)
    {
        string[][] values = [.. columns.Select(column => Values(view, view.Schema[column]))];
        return [.. Enumerable.Range(0, values[0].Length).Select(
            row => string.Join('|', values.Select(column => column[row])))];
    }

    /// <summary>The recordings of a view, by their names from the folder.</summary>
    public string[] Files(IDataView view) =>
        [.. view.GetColumn<string>("Path").Select(path => System.IO.Path.GetRelativePath(Path, path).Replace('\\', '/'))];

    public void Dispose() => _folder.Dispose();

    private static string[] Values(IDataView view, DataViewSchema.Column column) => column.Type switch
    {
        TextDataViewType => [.. view.GetColumn<string>(column)],
        VectorDataViewType { ItemType: TextDataViewType } => [.. view.GetColumn<string[]>(column).Select(
            item => string.Join('+', item))],
        VectorDataViewType => [.. view.GetColumn<float[]>(column).Select(item => string.Join('+', item.Select(Show)))],
        _ => [.. view.GetColumn<double>(column).Select(item => FormattableString.Invariant($"{item}"))],
    };

    private static string Show(float value) => FormattableString.Invariant($"{value}");

    private string Place(string name)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return path;
    }
}
