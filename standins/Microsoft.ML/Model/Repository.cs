using System.IO.Compression;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>A zip archive of entries in directories; each entry is held in a temporary file while it is open.</summary>
internal abstract class Repository : IDisposable
{
    private readonly string _folder;
    private bool _disposed;

    protected Repository(IExceptionContext context)
    {
        ExceptionContext = context;
        string parent = (context as IHostEnvironmentInternal)?.TempFilePath ?? Path.GetTempPath();
        _folder = Path.Combine(Path.GetFullPath(parent), $"ml_dotnet_{Path.GetRandomFileName()}");
        Directory.CreateDirectory(_folder);
    }

    public IExceptionContext ExceptionContext { get; }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Close();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // A temporary folder that stays behind is no reason to lose a model that is saved or loaded.
        }
    }

    protected static string PathOf(string directory, string name)
    {
        Contracts.CheckParam(!string.IsNullOrWhiteSpace(name) && !name.Contains(".."), nameof(name));
        Contracts.CheckParam(directory == null || !directory.Contains(".."), nameof(directory));
        return Normalize(string.IsNullOrEmpty(directory) ? name : $"{directory}/{name}");
    }

    protected static string Normalize(string path) => path.Replace('\\', '/');

    protected FileStream CreateTemporaryFile()
        => new(
            Path.Combine(_folder, Path.GetRandomFileName()),
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.None,
            bufferSize: 1 << 16,
            FileOptions.DeleteOnClose);

    protected abstract void Close();

    public sealed class Entry : IDisposable
    {
        private readonly Action<Entry> _onDispose;
        private bool _disposed;

        public Entry(string path, Stream stream, Action<Entry> onDispose)
        {
            Path = path;
            Stream = stream;
            _onDispose = onDispose;
        }

        public string Path { get; }

        public Stream Stream { get; }

        public void Dispose()
        {
            if (_disposed)
                return;
            _disposed = true;
            _onDispose(this);
        }
    }
}

internal sealed class RepositoryWriter : Repository
{
    private readonly ZipArchive _archive;
    private readonly HashSet<string> _paths = [];
    private readonly List<Entry> _open = [];
    private bool _closing;

    private RepositoryWriter(Stream stream, IExceptionContext context)
        : base(context)
    {
        _archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
    }

    public static RepositoryWriter CreateNew(Stream stream, IExceptionContext context)
    {
        var writer = new RepositoryWriter(stream, context);
        using Entry entry = writer.CreateEntry("TrainingInfo", "Version.txt");
        using var text = new StreamWriter(entry.Stream, leaveOpen: true);
        text.WriteLine(typeof(RepositoryWriter).Assembly.GetName().Version);
        return writer;
    }

    public Entry CreateEntry(string name) => CreateEntry(null, name);

    public Entry CreateEntry(string directory, string name)
    {
        string path = PathOf(directory, name);
        Contracts.CheckParam(_paths.Add(path), nameof(name), $"Duplicate entry: '{path}'");
        var entry = new Entry(path, CreateTemporaryFile(), Finish);
        _open.Add(entry);
        return entry;
    }

    public void Commit()
    {
        foreach (Entry entry in _open.ToArray())
            entry.Dispose();
        Dispose();
    }

    protected override void Close()
    {
        _closing = true;
        foreach (Entry entry in _open.ToArray())
            entry.Dispose();
        _archive.Dispose();
    }

    private void Finish(Entry entry)
    {
        _open.Remove(entry);
        if (!_closing)
        {
            entry.Stream.Position = 0;
            using Stream target = _archive.CreateEntry(entry.Path).Open();
            entry.Stream.CopyTo(target);
        }

        entry.Stream.Dispose();
    }
}

internal sealed class RepositoryReader : Repository
{
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = [];

    private RepositoryReader(ZipArchive archive, IExceptionContext context)
        : base(context)
    {
        _archive = archive;
        foreach (ZipArchiveEntry entry in archive.Entries)
            _entries[Normalize(entry.FullName)] = entry;
    }

    /// <exception cref="FormatException">The stream is not a zip archive.</exception>
    public static RepositoryReader Open(Stream stream, IExceptionContext context)
    {
        ZipArchive archive;
        try
        {
            archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        }
        catch (Exception exception)
        {
            throw Contracts.ExceptDecode(exception, "Failed to open a zip archive");
        }

        return new RepositoryReader(archive, context);
    }

    public Entry OpenEntryOrNull(string name) => OpenEntryOrNull(null, name);

    public Entry OpenEntryOrNull(string directory, string name)
    {
        string path = PathOf(directory, name);
        if (!_entries.TryGetValue(path, out ZipArchiveEntry entry))
            return null;
        FileStream stream = CreateTemporaryFile();
        try
        {
            using Stream source = entry.Open();
            source.CopyTo(stream);
            stream.Position = 0;
        }
        catch
        {
            stream.Dispose();
            throw;
        }

        return new Entry(path, stream, opened => opened.Stream.Dispose());
    }

    protected override void Close() => _archive.Dispose();
}
