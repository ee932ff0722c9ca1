namespace AudioMLNet.TestSupport;

/// <summary>A new empty folder that goes, with all it holds, when it is disposed.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("audiomlnet-");

    public string Path => _folder.FullName;

    /// <summary>The path of a file in the folder, which need not exist.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
