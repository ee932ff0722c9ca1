using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Streams that a loader reads one after the other.</summary>
public interface IMultiStreamSource
{
    int Count { get; }

    string GetPathOrNull(int index);

    Stream Open(int index);

    TextReader OpenTextReader(int index);
}

public sealed class MultiFileSource : IMultiStreamSource
{
    private readonly string[] _paths;

    public MultiFileSource(params string[] paths)
    {
        _paths = paths is null or [null] ? [] : paths;
    }

    public int Count => _paths.Length;

    public string GetPathOrNull(int index)
    {
        Contracts.CheckParam(index >= 0 && index < Count, nameof(index));
        return _paths[index];
    }

    /// <exception cref="IOException">The file cannot be opened.</exception>
    public Stream Open(int index)
    {
        string path = GetPathOrNull(index);
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Could not open file '{path}'. Error is: {e.Message}", e);
        }
    }

    public TextReader OpenTextReader(int index) => new StreamReader(Open(index));
}
