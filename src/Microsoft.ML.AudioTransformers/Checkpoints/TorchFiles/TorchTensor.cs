namespace Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

/// <summary>
/// Tensor of a torch file: a strided view of a storage, gathered into row-major order when it is read.
/// </summary>
internal sealed class TorchTensor : CheckpointTensor
{
    // An expanded view (stride 0) has more elements than are stored: a small one may be a broadcast mask, a large one an attack.
    private const long MaximumExpansion = 64L << 20;

    private readonly PickleTensor _view;
    private readonly long _extent;

    /// <exception cref="InvalidDataException">The view reaches outside its storage.</exception>
    public TorchTensor(string source, string name, PickleTensor view)
        : base(source, name, view.DType, view.Sizes)
    {
        _view = view;
        _extent = Extent(view);
        if (ByteCount > Math.Max(view.Storage.ByteCount, MaximumExpansion))
        {
            throw Error($"{view.Storage.ByteCount} stored bytes are expanded to {ByteCount}");
        }
    }

    protected override void Read(Span<byte> destination)
    {
        if (ElementCount == 0)
        {
            return;
        }

        int elementSize = DType.ElementSize();
        if (IsRowMajor())
        {
            _view.Storage.Read(_view.Offset * elementSize, destination);
            return;
        }

        long byteExtent = _extent * elementSize;
        byte[] bytes = byteExtent <= Array.MaxLength
            ? new byte[byteExtent]
            : throw Error($"the view spans {byteExtent} bytes, more than one array can hold");
        _view.Storage.Read(_view.Offset * elementSize, bytes);
        Gather(bytes, destination, elementSize);
    }

    /// <summary>
    /// Number of elements of the storage from the view's first to its last, which must all be in the storage.
    /// </summary>
    private long Extent(PickleTensor view)
    {
        if (view.Strides.Length != view.Sizes.Length)
        {
            throw Error($"{view.Sizes.Length} sizes have {view.Strides.Length} strides");
        }

        if (ElementCount == 0)
        {
            return 0;
        }

        try
        {
            checked
            {
                long last = 0;
                for (int axis = 0; axis < view.Sizes.Length; axis++)
                {
                    last += view.Strides[axis] >= 0
                        ? (view.Sizes[axis] - 1) * view.Strides[axis]
                        : throw Error($"the stride {view.Strides[axis]} is negative");
                }

                long elementSize = DType.ElementSize();
                if (view.Offset >= 0 && (view.Offset + last + 1) * elementSize <= view.Storage.ByteCount)
                {
                    return last + 1;
                }
            }
        }
        catch (OverflowException)
        {
        }

        throw Error(
            $"sizes {Describe(view.Sizes)}, strides {Describe(view.Strides)} and offset {view.Offset} reach outside its "
            + $"storage of {view.Storage.ByteCount} bytes");
    }

    private bool IsRowMajor()
    {
        long expected = 1;
        for (int axis = _view.Sizes.Length - 1; axis >= 0; axis--)
        {
            if (_view.Sizes[axis] != 1 && _view.Strides[axis] != expected)
            {
                return false;
            }

            expected *= _view.Sizes[axis];
        }

        return true;
    }

    private void Gather(ReadOnlySpan<byte> source, Span<byte> destination, int elementSize)
    {
        long[] index = new long[_view.Sizes.Length];
        long position = 0;
        for (int written = 0; written < destination.Length; written += elementSize)
        {
            source.Slice((int)(position * elementSize), elementSize).CopyTo(destination[written..]);
            for (int axis = index.Length - 1; axis >= 0; axis--)
            {
                position += _view.Strides[axis];
                if (++index[axis] < _view.Sizes[axis])
                {
                    break;
                }

                position -= _view.Strides[axis] * _view.Sizes[axis];
                index[axis] = 0;
            }
        }
    }
}
