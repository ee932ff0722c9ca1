using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioTransformers.Onnx;

/// <summary>Initializer of a graph: a named constant, whose bytes are read when the file is written.</summary>
/// <param name="name">Name, unique in its graph.</param>
/// <param name="type">Element type.</param>
/// <param name="shape">Shape; empty for a scalar.</param>
/// <param name="read">Reads the elements in row-major order, little-endian.</param>
internal sealed class OnnxTensor(string name, TensorProto.Types.DataType type, long[] shape, Func<byte[]> read)
{
    /// <summary>Name, unique in its graph.</summary>
    public string Name => name;

    /// <summary>Element type.</summary>
    public TensorProto.Types.DataType Type => type;

    /// <summary>Shape; empty for a scalar.</summary>
    public long[] Shape => shape;

    /// <summary>Number of bytes of the elements.</summary>
    public long ByteCount => shape.Aggregate(ElementSize, (product, size) => product * size);

    /// <summary>Elements in row-major order, little-endian.</summary>
    public byte[] ToBytes() => read();

    /// <summary>Tensor of elements in memory.</summary>
    public static OnnxTensor Of<T>(string name, TensorProto.Types.DataType type, T[] values, long[] shape)
        where T : unmanaged => new(name, type, shape, () => MemoryMarshal.AsBytes<T>(values).ToArray());

    private long ElementSize => type switch
    {
        TensorProto.Types.DataType.Double or TensorProto.Types.DataType.Int64 => 8,
        TensorProto.Types.DataType.Float or TensorProto.Types.DataType.Int32 => 4,
        TensorProto.Types.DataType.Float16 => 2,
        _ => 1,
    };
}
