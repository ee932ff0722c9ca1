namespace AudioMLNet.TestSupport;

/// <summary>A new empty folder that goes, with all it holds, when it is disposed.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("audiomlnet-");

    public string Path => _folder.FullName;

    /// <summary>The path of a file in the folder, which need not exist.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>What a killed process left of a file under a temporary name, so long ago.</summary>
    /// <returns>Its path.</returns>
    public string Abandoned(string name, TimeSpan age)
    {
        string path = File($"{name}.{Guid.NewGuid():N}.tmp");
        System.IO.File.WriteAllText(path, "half");
        System.IO.File.SetLastWriteTimeUtc(path, DateTime.UtcNow - age);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
