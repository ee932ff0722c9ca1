using System.IO.MemoryMappedFiles;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>
/// Memory-mapped safetensors file: opening it reads the header; the elements of a tensor are read on demand.
/// </summary>
internal sealed class SafetensorsFile : IDisposable
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;

    private SafetensorsFile(string path, MemoryMappedFile map, MemoryMappedViewAccessor view, long length)
    {
        _map = map;
        _view = view;

        int headerLength = SafetensorsHeader.ReadLength(
            Bytes(0, SafetensorsHeader.PrefixLength), length - SafetensorsHeader.PrefixLength, path);
        SafetensorsHeader header = SafetensorsHeader.Parse(Bytes(SafetensorsHeader.PrefixLength, headerLength), path);
        long dataStart = SafetensorsHeader.PrefixLength + headerLength;
        if (header.DataLength != length - dataStart)
        {
            throw new InvalidDataException(
                $"'{path}' is not a valid safetensors file: its tensors cover {header.DataLength} bytes, the file holds "
                + $"{length - dataStart}.");
        }

        Metadata = header.Metadata;
        Unreadable = header.Unreadable;
        Tensors = [.. header.Entries.Select(entry => new MappedTensor(this, path, entry, dataStart))];
    }

    /// <summary>Tensors, in the order of the data.</summary>
    public IReadOnlyList<CheckpointTensor> Tensors { get; }

    /// <summary>Tensors of types that the library does not know.</summary>
    public IReadOnlyList<UnreadableTensor> Unreadable { get; }

    /// <summary>
    /// Metadata: the strings under <c>__metadata__</c>; <c>format</c> is <c>pt</c> for weights in PyTorch's layout.
    /// </summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file, and reads its header.</summary>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is not a valid safetensors file.</exception>
    public static SafetensorsFile Open(string path)
    {
        FileStream stream = RegularFile.OpenRead(path);
        long length = stream.Length;
        if (length < SafetensorsHeader.PrefixLength + 2)
        {
            stream.Dispose();
            throw new InvalidDataException($"'{path}' is not a valid safetensors file: it has only {length} bytes.");
        }

        MemoryMappedFile map = MemoryMappedFile.CreateFromFile(
            stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        MemoryMappedViewAccessor? view = null;
        try
        {
            view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            return new SafetensorsFile(path, map, view, length);
        }
        catch
        {
            view?.Dispose();
            map.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _view.Dispose();
        _map.Dispose();
    }

    private byte[] Bytes(long offset, int count)
    {
        byte[] bytes = new byte[count];
        Read(offset, bytes);
        return bytes;
    }

    private void Read(long offset, Span<byte> destination) =>
        _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)(_view.PointerOffset + offset), destination);

    private sealed class MappedTensor(SafetensorsFile file, string path, SafetensorsEntry entry, long dataStart)
        : CheckpointTensor(path, entry.Name, entry.DType, entry.Shape)
    {
        protected override void Read(Span<byte> destination) => file.Read(dataStart + entry.Begin, destination);
    }
}
