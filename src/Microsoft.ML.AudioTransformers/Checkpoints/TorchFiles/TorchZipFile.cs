using System.IO.Compression;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

/// <summary>
/// File in the format of PyTorch 1.6 and later: a zip archive of one pickle (<c>name/data.pkl</c>) and an entry for each
/// storage (<c>name/data/0</c>), none of them compressed.
/// </summary>
internal sealed class TorchZipFile : TorchFile
{
    // Of an entry's mode, which is in the upper half of its attributes: the kind of file, and a symbolic link (POSIX stat.h).
    private const int ModeShift = 16;
    private const int KindMask = 0xF000;
    private const int SymbolicLink = 0xA000;

    private readonly FileStream _stream;
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TorchStorage> _storages = new(StringComparer.Ordinal);
    private readonly string _prefix;
    private (ZipArchiveEntry Entry, Stream Stream, long Position)? _reading;

    /// <exception cref="InvalidDataException">The file is damaged, compressed, or not written by PyTorch.</exception>
    public TorchZipFile(string path)
        : base(path)
    {
        _stream = RegularFile.OpenRead(path);
        try
        {
            _archive = ReadDirectory();
            string pickle = _entries.Keys.FirstOrDefault(name => name.Split('/') is [_, "data.pkl"])
                ?? throw Error("the archive holds no data.pkl");
            _prefix = pickle[..^"data.pkl".Length];
            CheckByteOrder();
            Root = LoadPickle(pickle);
        }
        catch
        {
            _archive?.Dispose();
            _stream.Dispose();
            throw;
        }
    }

    public override void Dispose()
    {
        StopReading();
        _archive.Dispose();
        _stream.Dispose();
    }

    private ZipArchive ReadDirectory()
    {
        try
        {
            ZipArchive archive = new(_stream, ZipArchiveMode.Read);
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                CheckEntry(entry);
                if (!_entries.TryAdd(entry.FullName, entry))
                {
                    throw new InvalidDataException($"the archive holds '{entry.FullName}' twice");
                }
            }

            return archive;
        }
        catch (Exception exception) when (IsDamage(exception))
        {
            throw Error(exception.Message, exception);
        }
    }

    // Nothing is unpacked, so that neither could do harm here; but who makes such an archive means to elsewhere.
    private static void CheckEntry(ZipArchiveEntry entry)
    {
        if (((entry.ExternalAttributes >> ModeShift) & KindMask) == SymbolicLink)
        {
            throw new InvalidDataException($"'{entry.FullName}' in the archive is a symbolic link");
        }

        if (entry.FullName.StartsWith('/') || entry.FullName.Split('/', '\\').Contains(".."))
        {
            throw new InvalidDataException($"'{entry.FullName}' in the archive leads out of it");
        }
    }

    private object? LoadPickle(string name)
    {
        PickleReader reader = new(new MemoryStream(ReadEntry(name)), Path);
        return new Unpickler(reader, id => ParseStorageId(id, reader) is var (dtype, key, count)
            ? Storage(dtype, key, count)
            : throw reader.Error("it refers to something outside the pickle that is no storage")).Load();
    }

    private TorchStorage Storage(CheckpointDType? dtype, string key, long elementCount)
    {
        string id = $"{dtype} {key}";
        if (!_storages.TryGetValue(id, out TorchStorage? storage))
        {
            storage = new ZipStorage(this, Find($"{_prefix}data/{key}"), dtype, elementCount);
            _storages.Add(id, storage);
        }

        return storage.ElementCount == elementCount
            ? storage
            : throw Error($"storage '{key}' has {storage.ElementCount} elements in one place and {elementCount} in another");
    }

    private void CheckByteOrder()
    {
        string name = _prefix + "byteorder";
        if (_entries.ContainsKey(name) && !ReadEntry(name).AsSpan().SequenceEqual("little"u8))
        {
            throw Error("its numbers are big-endian; save it again on a little-endian machine");
        }
    }

    private ZipArchiveEntry Find(string name)
    {
        if (!_entries.TryGetValue(name, out ZipArchiveEntry? entry))
        {
            throw Error($"the archive holds no '{name}'");
        }

        // torch.save does not compress: an entry that is longer than its bytes in the file is a zip bomb.
        return entry.CompressedLength == entry.Length && entry.Length <= _stream.Length
            ? entry
            : throw Error($"'{name}' claims {entry.Length} bytes in {entry.CompressedLength}; torch.save compresses nothing");
    }

    private byte[] ReadEntry(string name)
    {
        ZipArchiveEntry entry = Find(name);
        byte[] bytes = entry.Length <= Array.MaxLength
            ? new byte[entry.Length]
            : throw Error($"'{name}' has {entry.Length} bytes, more than one array can hold");
        Read(entry, 0, bytes);
        return bytes;
    }

    private void Read(ZipArchiveEntry entry, long offset, Span<byte> destination)
    {
        try
        {
            MoveTo(entry, offset);
            _reading!.Value.Stream.ReadExactly(destination);
            _reading = _reading.Value with { Position = offset + destination.Length };
        }
        catch (Exception exception) when (IsDamage(exception))
        {
            StopReading();
            throw Error($"'{entry.FullName}': {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Moves to an offset in an entry. Streams of entries are forward-only; the last one stays open, so that consecutive views
    /// of one storage read it once.
    /// </summary>
    private void MoveTo(ZipArchiveEntry entry, long offset)
    {
        if (_reading is not { } reading || reading.Entry != entry || reading.Position > offset)
        {
            StopReading();
            reading = (entry, entry.Open(), 0);
        }

        byte[] skipped = new byte[Math.Min(offset - reading.Position, 1 << 16)];
        while (reading.Position < offset)
        {
            int length = (int)Math.Min(offset - reading.Position, skipped.Length);
            reading.Stream.ReadExactly(skipped, 0, length);
            reading.Position += length;
        }

        _reading = reading;
    }

    private void StopReading()
    {
        _reading?.Stream.Dispose();
        _reading = null;
    }

    /// <summary>Whether an exception of the archive reader means that the file is damaged.</summary>
    private static bool IsDamage(Exception exception) =>
        exception is InvalidDataException or EndOfStreamException or NotSupportedException or ArgumentException;

    private InvalidDataException Error(string problem, Exception? cause = null) =>
        new($"'{Path}' is not a readable torch file: {problem.TrimEnd('.')}.", cause);

    private sealed class ZipStorage : TorchStorage
    {
        private readonly TorchZipFile _file;
        private readonly ZipArchiveEntry _entry;

        public ZipStorage(TorchZipFile file, ZipArchiveEntry entry, CheckpointDType? dtype, long elementCount)
            : base(dtype, elementCount)
        {
            (_file, _entry) = (file, entry);
            if (ByteCount > entry.Length)
            {
                throw file.Error(
                    $"'{entry.FullName}' has {entry.Length} bytes, {elementCount} elements of {dtype} need {ByteCount}");
            }
        }

        public override void Read(long byteOffset, Span<byte> destination) => _file.Read(_entry, byteOffset, destination);
    }
}
