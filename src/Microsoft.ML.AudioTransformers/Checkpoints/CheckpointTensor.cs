using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>Named tensor of a file or a model; its elements are read on demand.</summary>
internal abstract class CheckpointTensor
{
    /// <param name="source">File that holds the tensor, for messages.</param>
    /// <param name="name">Name of the tensor in the file.</param>
    /// <param name="dtype">Element type.</param>
    /// <param name="shape">Shape, outermost size first; empty for a scalar.</param>
    /// <exception cref="InvalidDataException">A size is negative, or the number of elements overflows.</exception>
    protected CheckpointTensor(string source, string name, CheckpointDType dtype, long[] shape)
    {
        Source = source;
        Name = name;
        DType = dtype;
        Shape = shape;
        ElementCount = CountElements(shape) is { } count && count <= long.MaxValue / dtype.ElementSize()
            ? count
            : throw Error($"the shape {Describe(shape)} is not one of a tensor that can exist");
    }

    /// <summary>File that holds the tensor, for messages.</summary>
    public string Source { get; }

    /// <summary>Name in the file.</summary>
    public string Name { get; }

    public CheckpointDType DType { get; }

    /// <summary>Shape, outermost size first; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    public long ElementCount { get; }

    public long ByteCount => ElementCount * DType.ElementSize();

    /// <summary>Copies the elements in row-major order, little-endian.</summary>
    /// <param name="destination">Exactly <see cref="ByteCount"/> bytes; filled.</param>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length != ByteCount)
        {
            throw new ArgumentException(
                $"'{Name}' has {ByteCount} bytes, the destination {destination.Length}.", nameof(destination));
        }

        Read(destination);
    }

    public byte[] ToBytes()
    {
        byte[] bytes = ByteCount <= Array.MaxLength
            ? new byte[ByteCount]
            : throw Error($"{ByteCount} bytes are more than one array can hold ({Array.MaxLength})");
        Read(bytes);
        return bytes;
    }

    /// <summary>Writes the elements in row-major order, little-endian.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public virtual void WriteTo(Stream stream) => stream.Write(ToBytes());

    /// <summary>Elements in row-major order, converted to float32.</summary>
    /// <exception cref="InvalidDataException">The elements are complex, or the file is damaged.</exception>
    public float[] ToSingles()
    {
        byte[] bytes = ToBytes();
        return DType switch
        {
            CheckpointDType.Float32 => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            CheckpointDType.Float64 => Convert<double>(bytes),
            CheckpointDType.Float16 => Convert<Half>(bytes),
            CheckpointDType.BFloat16 => WidenBFloat16(bytes),
            CheckpointDType.Bool or CheckpointDType.UInt8 => Convert<byte>(bytes),
            CheckpointDType.Int8 => Convert<sbyte>(bytes),
            CheckpointDType.Int16 => Convert<short>(bytes),
            CheckpointDType.UInt16 => Convert<ushort>(bytes),
            CheckpointDType.Int32 => Convert<int>(bytes),
            CheckpointDType.UInt32 => Convert<uint>(bytes),
            CheckpointDType.Int64 => Convert<long>(bytes),
            CheckpointDType.UInt64 => Convert<ulong>(bytes),
            _ => throw Error($"{DType} numbers do not fit float32"),
        };
    }

    /// <summary>Number of elements of a shape; null if a size is negative or the product overflows.</summary>
    public static long? CountElements(ReadOnlySpan<long> shape)
    {
        // Zero sizes are left out of the product: [0, 2^62, 4] must not pass where [2^62, 4, 0] does not.
        long product = 1;
        bool isEmpty = false;
        foreach (long size in shape)
        {
            if (size < 0)
            {
                return null;
            }

            isEmpty |= size == 0;
            if (size > 0 && product > long.MaxValue / size)
            {
                return null;
            }

            product *= Math.Max(size, 1);
        }

        return isEmpty ? 0 : product;
    }

    /// <summary>Text of a shape, such as "[2, 3]".</summary>
    public static string Describe(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    public override string ToString() => $"{Name}: {DType} {Describe(Shape)}";

    protected InvalidDataException Error(string problem) => new($"'{Source}': tensor '{Name}': {problem}.");

    /// <summary>Reads the elements into a span of exactly <see cref="ByteCount"/> bytes.</summary>
    protected abstract void Read(Span<byte> destination);

    private static float[] Convert<T>(byte[] bytes) where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<T> values = MemoryMarshal.Cast<byte, T>(bytes);
        float[] singles = new float[values.Length];
        for (int i = 0; i < singles.Length; i++)
        {
            singles[i] = float.CreateTruncating(values[i]);
        }

        return singles;
    }

    private static float[] WidenBFloat16(byte[] bytes)
    {
        ReadOnlySpan<ushort> values = MemoryMarshal.Cast<byte, ushort>(bytes);
        float[] singles = new float[values.Length];
        for (int i = 0; i < singles.Length; i++)
        {
            singles[i] = BitConverter.UInt32BitsToSingle((uint)values[i] << 16);
        }

        return singles;
    }
}

/// <summary>Tensor whose elements are in memory.</summary>
internal sealed class InMemoryTensor : CheckpointTensor
{
    private readonly ReadOnlyMemory<byte> _bytes;

    public InMemoryTensor(string source, string name, CheckpointDType dtype, long[] shape, ReadOnlyMemory<byte> bytes)
        : base(source, name, dtype, shape) =>
        _bytes = bytes.Length == ByteCount
            ? bytes
            : throw Error($"{dtype} {Describe(shape)} has {ByteCount} bytes, {bytes.Length} were given");

    protected override void Read(Span<byte> destination) => _bytes.Span.CopyTo(destination);
}
