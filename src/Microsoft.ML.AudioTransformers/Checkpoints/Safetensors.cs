using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>
/// Writes safetensors to a file or a stream, and reads them from a stream that only goes forward and may hold other
/// things before and after: so ML.NET's model file carries the weights. <see cref="SafetensorsFile"/> reads files.
/// </summary>
internal static class Safetensors
{
    private const int ChunkLength = 1 << 20;

    // Names stay legible; the header is never put into a web page.
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a file as a whole or not at all: a failure leaves what was there before.</summary>
    /// <param name="path">The file to write or replace.</param>
    /// <param name="tensors">The tensors; two of the same name are an error.</param>
    /// <param name="metadata">Strings for the header, beside <c>format: pt</c>.</param>
    public static void Save(
        string path, IEnumerable<CheckpointTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        AtomicFile.Write(path, stream => Write(stream, tensors, metadata));

    /// <summary>Writes a whole safetensors file at the stream's position.</summary>
    /// <param name="stream">Where to write to; not flushed and not closed.</param>
    /// <param name="tensors">The tensors; two of the same name are an error.</param>
    /// <param name="metadata">Strings for the header, beside <c>format: pt</c>.</param>
    public static void Write(
        Stream stream, IEnumerable<CheckpointTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        // Wide elements first, as the reference writer has it: every tensor is then aligned to its element size.
        List<CheckpointTensor> ordered =
        [
            .. tensors
                .OrderByDescending(tensor => tensor.DType.ElementSize())
                .ThenBy(tensor => tensor.Name, StringComparer.Ordinal),
        ];
        byte[] header = Header(ordered, metadata);
        Span<byte> prefix = stackalloc byte[SafetensorsHeader.PrefixLength];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
        stream.Write(prefix);
        stream.Write(header);
        foreach (CheckpointTensor tensor in ordered)
        {
            stream.Write(tensor.ToBytes());
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote, and not one byte more.</summary>
    /// <param name="stream">A stream whose length need not be known.</param>
    /// <param name="source">What it is, for messages.</param>
    /// <exception cref="InvalidDataException">It is not safetensors, or it ends early.</exception>
    /// <remarks>
    /// A false length costs no memory: what is not there cannot be read, and memory grows with what was read.
    /// </remarks>
    public static IReadOnlyList<CheckpointTensor> Read(Stream stream, string source)
    {
        byte[] prefix = ReadExactly(stream, SafetensorsHeader.PrefixLength, source, "the header's length");
        int headerLength = SafetensorsHeader.ReadLength(prefix, SafetensorsHeader.MaximumLength, source);
        SafetensorsHeader header = SafetensorsHeader.Parse(ReadExactly(stream, headerLength, source, "the header"), source);

        List<CheckpointTensor> tensors = new(header.Entries.Count);
        foreach (SafetensorsEntry entry in header.Entries)
        {
            byte[] bytes = ReadExactly(stream, entry.End - entry.Begin, source, $"tensor '{entry.Name}'");
            tensors.Add(new InMemoryTensor(source, entry.Name, entry.DType, entry.Shape, bytes));
        }

        return tensors;
    }

    private static byte[] Header(List<CheckpointTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        ArrayBufferWriter<byte> buffer = new();
        HashSet<string> names = new(StringComparer.Ordinal) { "__metadata__" };
        using (Utf8JsonWriter writer = new(buffer, s_json))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("__metadata__");
            writer.WriteString("format", "pt");
            foreach ((string key, string value) in metadata ?? new Dictionary<string, string>())
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
            long offset = 0;
            foreach (CheckpointTensor tensor in tensors)
            {
                if (!names.Add(tensor.Name))
                {
                    throw new ArgumentException($"Two tensors are named '{tensor.Name}', or it is the header's own name.", nameof(tensors));
                }

                writer.WriteStartObject(tensor.Name);
                writer.WriteString("dtype", tensor.DType.SafetensorsName()
                    ?? throw new ArgumentException($"Safetensors has no {tensor.DType}, the type of '{tensor.Name}'.", nameof(tensors)));
                WriteNumbers(writer, "shape", tensor.Shape);
                WriteNumbers(writer, "data_offsets", [offset, offset + tensor.ByteCount]);
                writer.WriteEndObject();
                offset += tensor.ByteCount;
            }

            writer.WriteEndObject();
        }

        // Blanks up to a multiple of eight, so that the data starts aligned.
        int length = (buffer.WrittenCount + 7) / 8 * 8;
        byte[] header = new byte[length];
        buffer.WrittenSpan.CopyTo(header);
        header.AsSpan(buffer.WrittenCount).Fill((byte)' ');
        return header;
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, IEnumerable<long> numbers)
    {
        writer.WriteStartArray(name);
        foreach (long number in numbers)
        {
            writer.WriteNumberValue(number);
        }

        writer.WriteEndArray();
    }

    private static byte[] ReadExactly(Stream stream, long count, string source, string what)
    {
        if (count > Array.MaxLength)
        {
            throw new InvalidDataException($"'{source}': {what} claims {count} bytes, more than one array can hold.");
        }

        byte[] bytes = new byte[Math.Min(count, ChunkLength)];
        int filled = 0;
        while (true)
        {
            int read = stream.ReadAtLeast(bytes.AsSpan(filled), bytes.Length - filled, throwOnEndOfStream: false);
            filled += read;
            if (filled < bytes.Length)
            {
                throw new InvalidDataException($"'{source}' ends within {what}: {count} bytes were expected, {filled} are there.");
            }

            if (filled == count)
            {
                return bytes;
            }

            Array.Resize(ref bytes, (int)Math.Min(count, Math.Min(2L * bytes.Length, Array.MaxLength)));
        }
    }
}
