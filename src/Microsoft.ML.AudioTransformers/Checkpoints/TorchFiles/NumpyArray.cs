namespace Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

/// <summary>Reader of NumPy arrays in checkpoints.</summary>
internal static class NumpyArray
{
    /// <summary>
    /// Reads an array: a call of NumPy's <c>_reconstruct</c> with the state (version, shape, dtype, is in Fortran order,
    /// bytes). Null for another object, and for an array that is big-endian or not numeric.
    /// </summary>
    public static PickleTensor? TryRead(PickleObject inert)
    {
        if (inert.Type is not PickleGlobal
            {
                Name: "_reconstruct", Module: "numpy.core.multiarray" or "numpy._core.multiarray",
            } ||
            inert.State is not object?[] { Length: 5 } state ||
            state[1] is not object?[] shape || state[2] is not PickleObject type || state[3] is not bool isFortran ||
            state[4] is not byte[] bytes || ParseDType(type) is not { } dtype)
        {
            return null;
        }

        long[] sizes = [.. shape.OfType<long>()];
        if (sizes.Length != shape.Length || CheckpointTensor.CountElements(sizes) is not { } count ||
            count != bytes.Length / dtype.ElementSize())
        {
            return null;
        }

        long[] strides = new long[sizes.Length];
        long stride = 1;
        for (int i = 0; i < sizes.Length; i++)
        {
            int axis = isFortran ? i : sizes.Length - 1 - i;
            strides[axis] = stride;
            stride *= sizes[axis];
        }

        return new PickleTensor(new InlineStorage(dtype, bytes), dtype, 0, sizes, strides);
    }

    private static CheckpointDType? ParseDType(PickleObject type)
    {
        // numpy.dtype('f4', False, True), whose state is (version, byte order, ...).
        bool isLittleEndian = type.State is object?[] state && state.ElementAtOrDefault(1) is "<" or "|" or "=";
        if (type.Type is not PickleGlobal { Module: "numpy", Name: "dtype" } || !isLittleEndian)
        {
            return null;
        }

        return type.Arguments.FirstOrDefault() switch
        {
            "b1" => CheckpointDType.Bool,
            "u1" => CheckpointDType.UInt8,
            "i1" => CheckpointDType.Int8,
            "i2" => CheckpointDType.Int16,
            "u2" => CheckpointDType.UInt16,
            "i4" => CheckpointDType.Int32,
            "u4" => CheckpointDType.UInt32,
            "i8" => CheckpointDType.Int64,
            "u8" => CheckpointDType.UInt64,
            "f2" => CheckpointDType.Float16,
            "f4" => CheckpointDType.Float32,
            "f8" => CheckpointDType.Float64,
            "c8" => CheckpointDType.Complex64,
            "c16" => CheckpointDType.Complex128,
            _ => null,
        };
    }
}
