using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

/// <summary>
/// File in the format before PyTorch 1.6: pickles of a magic number, a protocol number, system information, the object and the
/// list of storage keys; then each storage, its element count in eight bytes and its elements.
/// </summary>
internal sealed class TorchLegacyFile : TorchFile
{
    private const long ProtocolVersion = 1001;

    private static readonly BigInteger s_magicNumber =
        BigInteger.Parse("1950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private readonly FileStream _stream;
    private readonly Dictionary<string, LegacyStorage> _storages = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">The file is damaged, big-endian, or not written by PyTorch.</exception>
    public TorchLegacyFile(string path)
        : base(path)
    {
        _stream = RegularFile.OpenRead(path, 1 << 16);
        try
        {
            PickleReader reader = new(_stream, path);
            CheckPreamble(reader);
            Root = new Unpickler(reader, id => Resolve(id, reader)).Load();
            LocateStorages(Load(reader), reader);
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    public override void Dispose() => _stream.Dispose();

    private static object? Load(PickleReader reader) =>
        new Unpickler(reader, _ => throw reader.Error("a storage stands where none is due")).Load();

    private static void CheckPreamble(PickleReader reader)
    {
        if (Load(reader) is not BigInteger magic || magic != s_magicNumber)
        {
            throw reader.Error("it is a pickle that torch.save did not write");
        }

        if (Load(reader) is not ProtocolVersion)
        {
            throw reader.Error($"its protocol is not {ProtocolVersion}");
        }

        if (Load(reader) is not PickleDictionary machine || machine.Get("little_endian") is not bool isLittleEndian)
        {
            throw reader.Error("it does not say whether its numbers are little-endian");
        }

        if (!isLittleEndian)
        {
            throw reader.Error("its numbers are big-endian; save it again on a little-endian machine");
        }
    }

    private object? Resolve(object? id, PickleReader reader)
    {
        // ("module", class, source file, source) refers to the class.
        if (id is object?[] { Length: >= 2 } parts && parts[0] is "module")
        {
            return parts[1];
        }

        if (ParseStorageId(id, reader) is not var (dtype, key, count))
        {
            throw reader.Error("it refers to something outside the pickle that is no storage");
        }

        if (!_storages.TryGetValue(key, out LegacyStorage? storage))
        {
            storage = new LegacyStorage(this, dtype, count);
            _storages.Add(key, storage);
        }

        if (storage.DType != dtype || storage.ElementCount != count)
        {
            throw reader.Error($"storage '{key}' is described in two ways");
        }

        // The sixth part, if any, is (key, offset, length) of a part of the storage.
        if (((object?[])id!).ElementAtOrDefault(5) is not object?[] view)
        {
            return storage;
        }

        return view is [_, long offset, long length] && offset >= 0 && length >= 0 && offset <= count - length
            ? new TorchStorageView(storage, offset, length)
            : throw reader.Error($"a view reaches outside storage '{key}'");
    }

    private void LocateStorages(object? keys, PickleReader reader)
    {
        if (keys is not List<object?> list)
        {
            throw reader.Error("it has no list of its storages");
        }

        Span<byte> prefix = stackalloc byte[sizeof(long)];
        foreach (object? item in list)
        {
            string? key = item as string ?? (item as long?)?.ToString(CultureInfo.InvariantCulture);
            if (key == null || !_storages.TryGetValue(key, out LegacyStorage? storage) || storage.Start >= 0)
            {
                throw reader.Error($"it lists the storage '{item}', which no tensor uses or which came before");
            }

            if (_stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
            {
                throw reader.Error($"it ends before storage '{key}'");
            }

            long count = BinaryPrimitives.ReadInt64LittleEndian(prefix);
            long available = _stream.Length - _stream.Position;
            if (count != storage.ElementCount || storage.ByteCount > available)
            {
                throw reader.Error(
                    $"storage '{key}' should have {storage.ElementCount} elements; it claims {count}, and {available} bytes "
                    + "are left");
            }

            storage.Start = _stream.Position;
            _stream.Position += storage.ByteCount;
        }

        if (_storages.FirstOrDefault(pair => pair.Value.Start < 0) is { Key: { } missing })
        {
            throw reader.Error($"storage '{missing}' is not in it");
        }
    }

    private sealed class LegacyStorage(TorchLegacyFile file, CheckpointDType? dtype, long elementCount)
        : TorchStorage(dtype, elementCount)
    {
        /// <summary>Position of the first element in the file; negative until it is known.</summary>
        public long Start { get; set; } = -1;

        public override void Read(long byteOffset, Span<byte> destination)
        {
            file._stream.Position = Start + byteOffset;
            if (file._stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
            {
                throw new InvalidDataException($"'{file.Path}' has become shorter since it was opened.");
            }
        }
    }
}
