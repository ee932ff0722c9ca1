using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>
/// Writer of safetensors to files and streams, and reader from forward-only streams with other content before and after, such
/// as the streams of ML.NET's model files. <see cref="SafetensorsFile"/> reads files.
/// </summary>
internal static class Safetensors
{
    private const int ChunkLength = 1 << 20;

    // Escapes only what JSON requires: the header is never part of a web page.
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a file atomically: a failure leaves a file that was there before as it was.</summary>
    /// <param name="path">Path of the file to write or replace.</param>
    /// <param name="tensors">Tensors, all with different names.</param>
    /// <param name="metadata">Metadata for the header, in addition to <c>format: pt</c>.</param>
    public static void Save(
        string path, IEnumerable<CheckpointTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        AtomicFile.RemoveAbandoned(path);
        AtomicFile.Write(path, stream => Write(stream, tensors, metadata));
    }

    /// <summary>Writes header and tensors at a stream's position.</summary>
    /// <param name="stream">Stream; it is neither flushed nor closed.</param>
    /// <param name="tensors">Tensors, all with different names.</param>
    /// <param name="metadata">Metadata for the header, in addition to <c>format: pt</c>.</param>
    public static void Write(
        Stream stream, IEnumerable<CheckpointTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        // Largest element size first, as in the reference writer, so that every tensor is aligned to its element size.
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
            tensor.WriteTo(stream);
        }
    }

    /// <summary>Reads the header of what <see cref="Write"/> wrote.</summary>
    /// <param name="stream">Stream, which need not know its length; it then stands at the first tensor's bytes.</param>
    /// <param name="source">Name of the stream in error messages.</param>
    /// <exception cref="InvalidDataException">The content is not safetensors, or ends early.</exception>
    public static SafetensorsHeader ReadHeader(Stream stream, string source)
    {
        byte[] prefix = ReadExactly(stream, SafetensorsHeader.PrefixLength, source, "the header's length");
        int headerLength = SafetensorsHeader.ReadLength(prefix, SafetensorsHeader.MaximumLength, source);
        SafetensorsHeader header = SafetensorsHeader.Parse(ReadExactly(stream, headerLength, source, "the header"), source);
        if (header.Unreadable is [var unreadable, ..])
        {
            throw new InvalidDataException(
                $"'{source}': tensor '{unreadable.Name}' has the type {unreadable.Type}, which this library never writes.");
        }

        return header;
    }

    /// <summary>Reads all of what <see cref="Write"/> wrote.</summary>
    /// <inheritdoc cref="ReadHeader"/>
    /// <remarks>Memory grows with the bytes read, whatever lengths the header claims.</remarks>
    public static IReadOnlyList<CheckpointTensor> Read(Stream stream, string source)
    {
        SafetensorsHeader header = ReadHeader(stream, source);
        List<CheckpointTensor> tensors = new(header.Entries.Count);
        foreach (SafetensorsEntry entry in header.Entries)
        {
            tensors.Add(ReadTensor(stream, entry, source));
        }

        return tensors;
    }

    /// <summary>Reads the tensor at whose bytes a stream stands.</summary>
    /// <exception cref="InvalidDataException">The stream ends early.</exception>
    public static CheckpointTensor ReadTensor(Stream stream, SafetensorsEntry entry, string source) => new InMemoryTensor(
        source, entry.Name, entry.DType, entry.Shape,
        ReadExactly(stream, entry.End - entry.Begin, source, $"tensor '{entry.Name}'"));

    /// <summary>Reads the bytes of a tensor, or some of them, at which a stream stands.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="entry">The tensor's entry in the header.</param>
    /// <param name="source">Name of the stream in error messages.</param>
    /// <param name="bytes">Filled with as many bytes as it has.</param>
    /// <param name="before">How many bytes of the tensor were read before. Default: none.</param>
    /// <exception cref="InvalidDataException">The stream ends early.</exception>
    public static void ReadInto(Stream stream, SafetensorsEntry entry, string source, Span<byte> bytes, int before = 0)
    {
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (read < bytes.Length)
        {
            throw EndsEarly(source, $"tensor '{entry.Name}'", entry.End - entry.Begin, before + read);
        }
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
                    throw new ArgumentException(
                        $"Two tensors are named '{tensor.Name}', or it is the header's own name.", nameof(tensors));
                }

                writer.WriteStartObject(tensor.Name);
                writer.WriteString("dtype", tensor.DType.SafetensorsName()
                    ?? throw new ArgumentException(
                        $"Safetensors has no {tensor.DType}, the type of '{tensor.Name}'.", nameof(tensors)));
                WriteNumbers(writer, "shape", tensor.Shape);
                WriteNumbers(writer, "data_offsets", [offset, offset + tensor.ByteCount]);
                writer.WriteEndObject();
                offset += tensor.ByteCount;
            }

            writer.WriteEndObject();
        }

        // Padded with blanks to a multiple of eight bytes, so that the data is aligned.
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

    private static InvalidDataException EndsEarly(string source, string what, long expected, int filled) =>
        new($"'{source}' ends within {what}: {expected} bytes were expected, {filled} are there.");

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
                throw EndsEarly(source, what, count, filled);
            }

            if (filled == count)
            {
                return bytes;
            }

            Array.Resize(ref bytes, (int)Math.Min(count, Math.Min(2L * bytes.Length, Array.MaxLength)));
        }
    }
}
