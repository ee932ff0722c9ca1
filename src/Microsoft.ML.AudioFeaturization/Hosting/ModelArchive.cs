using System.IO.Compression;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>
/// Model files of ML.NET in which what this library's transformers write is stored as it is. ML.NET's <c>Save</c> compresses
/// every stream of a model, which weights hardly become smaller by, and which takes most of the time of saving and loading
/// them; its <c>Load</c> takes either.
/// </summary>
/// <remarks>
/// ML.NET lets nobody choose how a stream is written. So it gets a mark in place of each, which is replaced in the file that
/// it makes of them.
/// </remarks>
internal sealed class ModelArchive
{
    private const int MarkLength = 16;

    [ThreadStatic]
    private static ModelArchive? s_current;

    private readonly Dictionary<Guid, Action<Stream>> _contents = [];

    private ModelArchive()
    {
    }

    /// <summary>Saves a model, as ML.NET does but for the compression.</summary>
    /// <param name="catalog">Catalog of model operations.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputSchema">Schema of the model's input; null for none.</param>
    /// <param name="destination">The file, at whose position the archive begins; it is neither flushed nor closed.</param>
    public static void Save(
        ModelOperationsCatalog catalog, ITransformer model, DataViewSchema? inputSchema, Stream destination)
    {
        // What other transformers of a pipeline hold may be large, and ML.NET has a file for each of their streams as well.
        // Beside the model, where the next save removes what a killed one left.
        string path = destination is FileStream file
            ? AtomicFile.TemporaryPath(file.Name)
            : Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var marked = new FileStream(
            path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16, FileOptions.DeleteOnClose);
        var archive = new ModelArchive();
        ModelArchive? outer = s_current;
        s_current = archive;
        try
        {
            catalog.Save(model, inputSchema, marked);
        }
        finally
        {
            s_current = outer;
        }

        archive.Write(marked, destination);
    }

    /// <summary>Writes the content of one of a model's streams, or a mark in its place until the archive is written.</summary>
    /// <param name="entry">Writer that ML.NET gave for the stream.</param>
    /// <param name="write">Writes the content. The contents of a model are written in the order of the calls.</param>
    public static void WriteStream(BinaryWriter entry, Action<Stream> write)
    {
        if (s_current is not { } archive)
        {
            write(entry.BaseStream);
            return;
        }

        var mark = Guid.NewGuid();
        archive._contents.Add(mark, write);
        entry.Write(mark.ToByteArray());
    }

    /// <summary>Writes the archive with the contents in place of their marks.</summary>
    private void Write(Stream marked, Stream destination)
    {
        marked.Position = 0;
        using var source = new ZipArchive(marked, ZipArchiveMode.Read, leaveOpen: true);
        using var archive = new ZipArchive(destination, ZipArchiveMode.Create, leaveOpen: true);
        foreach (ZipArchiveEntry entry in source.Entries)
        {
            if (ContentOf(entry) is { } content)
            {
                using Stream stored = Create(archive, entry, CompressionLevel.NoCompression);
                content(stored);
            }
            else
            {
                using Stream read = entry.Open();
                using Stream compressed = Create(archive, entry, CompressionLevel.Optimal);
                read.CopyTo(compressed);
            }
        }
    }

    private static Stream Create(ZipArchive archive, ZipArchiveEntry like, CompressionLevel compression)
    {
        ZipArchiveEntry entry = archive.CreateEntry(like.FullName, compression);
        entry.LastWriteTime = like.LastWriteTime;
        return entry.Open();
    }

    /// <summary>What an entry is the mark of; null for one that ML.NET has written.</summary>
    private Action<Stream>? ContentOf(ZipArchiveEntry entry)
    {
        if (entry.Length != MarkLength)
        {
            return null;
        }

        using Stream stream = entry.Open();
        Span<byte> mark = stackalloc byte[MarkLength];
        stream.ReadExactly(mark);
        return _contents.GetValueOrDefault(new Guid(mark));
    }
}
