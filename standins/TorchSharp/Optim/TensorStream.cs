using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Tensors in the package's own file format: element type, shape and elements, the numbers in LEB128.</summary>
internal static class TensorStream
{
    internal static void Write(BinaryWriter writer, Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor host = tensor.to(DeviceType.CPU).contiguous();
        writer.Write7BitEncodedInt64((long)host.dtype);
        writer.Write7BitEncodedInt64(host.ndim);
        foreach (long length in host.shape)
        {
            writer.Write7BitEncodedInt64(length);
        }
        writer.Write(host.bytes);
    }

    /// <summary>Reads into a tensor of the type and shape that the stream holds.</summary>
    /// <exception cref="ArgumentException">The stream holds another type or shape.</exception>
    internal static void Read(BinaryReader reader, Tensor tensor)
    {
        var dtype = (ScalarType)reader.Read7BitEncodedInt64();
        if (dtype != tensor.dtype)
        {
            throw new ArgumentException($"Mismatched tensor data types while loading: {dtype}, not {tensor.dtype}.");
        }
        long[] shape = tensor.shape;
        long dimensions = reader.Read7BitEncodedInt64();
        bool matches = dimensions == shape.Length;
        for (int i = 0; matches && i < shape.Length; i++)
        {
            matches = reader.Read7BitEncodedInt64() == shape[i];
        }
        if (!matches)
        {
            throw new ArgumentException($"Mismatched tensor shape while loading: not [{string.Join(", ", shape)}].");
        }

        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor host = empty(shape, dtype, CPU);
        reader.BaseStream.ReadExactly(host.bytes);
        tensor.copy_(host);
    }
}
