namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>Tensors of one file below one another, joined along the first axis.</summary>
internal sealed class ConcatenatedTensor : CheckpointTensor
{
    private readonly IReadOnlyList<CheckpointTensor> _parts;

    private ConcatenatedTensor(IReadOnlyList<CheckpointTensor> parts, string name, long[] shape)
        : base(parts[0].Source, name, parts[0].DType, shape) => _parts = parts;

    /// <summary>Joins tensors, one or more, whose element types and further axes are the same.</summary>
    /// <exception cref="InvalidDataException">They differ.</exception>
    public static ConcatenatedTensor Of(IReadOnlyList<CheckpointTensor> parts)
    {
        CheckpointTensor first = parts[0];
        long rows = 0;
        foreach (CheckpointTensor part in parts)
        {
            if (part.DType != first.DType || part.Shape.Count == 0 || !part.Shape.Skip(1).SequenceEqual(first.Shape.Skip(1)))
            {
                throw new InvalidDataException($"'{part.Source}': '{part}' does not fit '{first}', which it belongs to.");
            }

            rows = checked(rows + part.Shape[0]);
        }

        string name = string.Join(" + ", parts.Select(part => part.Name));
        return new ConcatenatedTensor(parts, name, [rows, .. first.Shape.Skip(1)]);
    }

    protected override void Read(Span<byte> destination)
    {
        foreach (CheckpointTensor part in _parts)
        {
            part.CopyTo(destination[..(int)part.ByteCount]);
            destination = destination[(int)part.ByteCount..];
        }
    }
}
