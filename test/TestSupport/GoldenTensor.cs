using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace AudioMLNet.TestSupport;

/// <summary>
/// One tensor of a case, read from a safetensors file: 8 bytes of header length, a JSON header of types, shapes and
/// offsets, then the raw little-endian data in row-major order.
/// </summary>
public sealed class GoldenTensor
{
    private readonly Memory<byte> _data;

    private GoldenTensor(string caseId, string name, string dtype, long[] shape, Memory<byte> data)
    {
        CaseId = caseId;
        Name = name;
        DType = dtype;
        Shape = shape;
        _data = data;
        Length = shape.Aggregate(1L, (product, size) => product * size);
        if (Length * ElementSize != data.Length)
        {
            throw new InvalidDataException(
                $"{caseId}: tensor '{name}' of {dtype}[{string.Join(", ", shape)}] needs {Length * ElementSize} bytes, has {data.Length}.");
        }
    }

    /// <summary>The case that the tensor belongs to, for messages.</summary>
    public string CaseId { get; }

    public string Name { get; }

    /// <summary>As safetensors spells it: F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL.</summary>
    public string DType { get; }

    public long[] Shape { get; }

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    /// <summary>The raw little-endian data.</summary>
    public byte[] Bytes => _data.ToArray();

    private int ElementSize => DType switch
    {
        "F64" or "I64" => 8,
        "F32" or "I32" => 4,
        "F16" or "BF16" or "I16" => 2,
        "I8" or "U8" or "BOOL" => 1,
        _ => throw new InvalidDataException($"{CaseId}: tensor '{Name}' has the unknown type {DType}."),
    };

    public float[] ToSingles() => DType == "F32" ? Values<float>() : Convert<float>();

    public double[] ToDoubles() => Convert<double>();

    /// <exception cref="InvalidOperationException">The tensor holds floating point numbers.</exception>
    public long[] ToInt64s() => DType is "F64" or "F32" or "F16" or "BF16"
        ? throw new InvalidOperationException($"{CaseId}: tensor '{Name}' is {DType}, not integers.")
        : Convert<long>();

    internal static IReadOnlyDictionary<string, GoldenTensor> ReadAll(string path, string caseId)
    {
        byte[] file = File.ReadAllBytes(path);
        long headerLength = BinaryPrimitives.ReadInt64LittleEndian(file);
        Memory<byte> data = file.AsMemory(checked((int)(8 + headerLength)));
        using JsonDocument header = JsonDocument.Parse(file.AsMemory(8, (int)headerLength));
        Dictionary<string, GoldenTensor> tensors = [];
        foreach (JsonProperty entry in header.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            string dtype = entry.Value.GetProperty("dtype").GetString()!;
            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
            JsonElement offsets = entry.Value.GetProperty("data_offsets");
            int begin = offsets[0].GetInt32();
            tensors.Add(entry.Name, new(caseId, entry.Name, dtype, shape, data[begin..offsets[1].GetInt32()]));
        }

        return tensors;
    }

    private T[] Convert<T>()
        where T : INumber<T> => DType switch
        {
            "F64" => Array.ConvertAll(Values<double>(), T.CreateTruncating),
            "F32" => Array.ConvertAll(Values<float>(), T.CreateTruncating),
            "F16" => Array.ConvertAll(Values<Half>(), T.CreateTruncating),
            "BF16" => Array.ConvertAll(Values<ushort>(), bits => T.CreateTruncating(BitConverter.Int32BitsToSingle(bits << 16))),
            "I64" => Array.ConvertAll(Values<long>(), T.CreateTruncating),
            "I32" => Array.ConvertAll(Values<int>(), T.CreateTruncating),
            "I16" => Array.ConvertAll(Values<short>(), T.CreateTruncating),
            "I8" => Array.ConvertAll(Values<sbyte>(), T.CreateTruncating),
            _ => Array.ConvertAll(_data.ToArray(), T.CreateTruncating),
        };

    private T[] Values<T>()
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(_data.Span).ToArray();
}
