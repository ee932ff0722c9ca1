namespace Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

/// <summary>Storage: the elements of one or more tensors in a torch file.</summary>
/// <param name="dtype">Element type; null for an untyped storage, whose elements are bytes.</param>
/// <param name="elementCount">Number of elements.</param>
internal abstract class TorchStorage(CheckpointDType? dtype, long elementCount)
{
    public CheckpointDType? DType => dtype;

    public long ElementCount => elementCount;

    public long ByteCount => elementCount * (dtype?.ElementSize() ?? 1);

    /// <summary>Reads bytes, all within <see cref="ByteCount"/>.</summary>
    public abstract void Read(long byteOffset, Span<byte> destination);

    /// <summary>Parses a class name such as <c>FloatStorage</c>.</summary>
    /// <returns>Whether the class is known; the dtype of an untyped storage is null.</returns>
    public static bool TryParseType(string name, out CheckpointDType? dtype)
    {
        dtype = name switch
        {
            "BoolStorage" => CheckpointDType.Bool,
            "ByteStorage" => CheckpointDType.UInt8,
            "CharStorage" => CheckpointDType.Int8,
            "ShortStorage" => CheckpointDType.Int16,
            "IntStorage" => CheckpointDType.Int32,
            "LongStorage" => CheckpointDType.Int64,
            "HalfStorage" => CheckpointDType.Float16,
            "BFloat16Storage" => CheckpointDType.BFloat16,
            "FloatStorage" => CheckpointDType.Float32,
            "DoubleStorage" => CheckpointDType.Float64,
            "ComplexFloatStorage" => CheckpointDType.Complex64,
            "ComplexDoubleStorage" => CheckpointDType.Complex128,
            _ => null,
        };
        return dtype != null || name == "UntypedStorage";
    }

    /// <summary>Parses a dtype such as <c>torch.uint16</c>; null if it is not known.</summary>
    public static CheckpointDType? ParseDType(PickleGlobal global) => global switch
    {
        { Module: not "torch" } => null,
        { Name: "bool" } => CheckpointDType.Bool,
        { Name: "uint8" } => CheckpointDType.UInt8,
        { Name: "int8" } => CheckpointDType.Int8,
        { Name: "int16" } => CheckpointDType.Int16,
        { Name: "uint16" } => CheckpointDType.UInt16,
        { Name: "int32" } => CheckpointDType.Int32,
        { Name: "uint32" } => CheckpointDType.UInt32,
        { Name: "int64" } => CheckpointDType.Int64,
        { Name: "uint64" } => CheckpointDType.UInt64,
        { Name: "float16" } => CheckpointDType.Float16,
        { Name: "bfloat16" } => CheckpointDType.BFloat16,
        { Name: "float32" } => CheckpointDType.Float32,
        { Name: "float64" } => CheckpointDType.Float64,
        { Name: "complex64" } => CheckpointDType.Complex64,
        { Name: "complex128" } => CheckpointDType.Complex128,
        _ => null,
    };
}

/// <summary>Part of another storage: the legacy format's storages that share memory.</summary>
internal sealed class TorchStorageView(TorchStorage root, long offset, long elementCount)
    : TorchStorage(root.DType, elementCount)
{
    public override void Read(long byteOffset, Span<byte> destination) =>
        root.Read((offset * (root.DType?.ElementSize() ?? 1)) + byteOffset, destination);
}

/// <summary>Storage inside the pickle itself, of NumPy arrays.</summary>
internal sealed class InlineStorage(CheckpointDType dtype, byte[] bytes)
    : TorchStorage(dtype, bytes.Length / dtype.ElementSize())
{
    public override void Read(long byteOffset, Span<byte> destination) =>
        bytes.AsSpan(checked((int)byteOffset), destination.Length).CopyTo(destination);
}
