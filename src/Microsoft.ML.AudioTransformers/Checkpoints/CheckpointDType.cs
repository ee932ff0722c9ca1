namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>Element type of a stored tensor, with PyTorch's name.</summary>
internal enum CheckpointDType
{
    Bool,
    UInt8,
    Int8,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Float16,
    BFloat16,
    Float32,
    Float64,
    Complex64,
    Complex128,
}

/// <summary>Sizes and safetensors names of element types.</summary>
internal static class CheckpointDTypes
{
    /// <summary>Bytes of an element.</summary>
    public static int ElementSize(this CheckpointDType dtype) => dtype switch
    {
        CheckpointDType.Bool or CheckpointDType.UInt8 or CheckpointDType.Int8 => 1,
        CheckpointDType.Int16 or CheckpointDType.UInt16 or CheckpointDType.Float16 or CheckpointDType.BFloat16 => 2,
        CheckpointDType.Int32 or CheckpointDType.UInt32 or CheckpointDType.Float32 => 4,
        CheckpointDType.Int64 or CheckpointDType.UInt64 or CheckpointDType.Float64 or CheckpointDType.Complex64 => 8,
        CheckpointDType.Complex128 => 16,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Not a tensor element type."),
    };

    /// <summary>Name in a safetensors header; null for a type that the format does not have.</summary>
    public static string? SafetensorsName(this CheckpointDType dtype) => dtype switch
    {
        CheckpointDType.Bool => "BOOL",
        CheckpointDType.UInt8 => "U8",
        CheckpointDType.Int8 => "I8",
        CheckpointDType.Int16 => "I16",
        CheckpointDType.UInt16 => "U16",
        CheckpointDType.Int32 => "I32",
        CheckpointDType.UInt32 => "U32",
        CheckpointDType.Int64 => "I64",
        CheckpointDType.UInt64 => "U64",
        CheckpointDType.Float16 => "F16",
        CheckpointDType.BFloat16 => "BF16",
        CheckpointDType.Float32 => "F32",
        CheckpointDType.Float64 => "F64",
        CheckpointDType.Complex64 => "C64",
        _ => null,
    };

    /// <summary>Type with a name in a safetensors header; null for an unknown name.</summary>
    public static CheckpointDType? FromSafetensorsName(string name)
    {
        foreach (CheckpointDType dtype in Enum.GetValues<CheckpointDType>())
        {
            if (dtype.SafetensorsName() == name)
            {
                return dtype;
            }
        }

        return null;
    }
}
