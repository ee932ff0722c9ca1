using System.Buffers.Binary;
using System.Text.Json;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>Tensor in a safetensors header.</summary>
/// <param name="Name">Name of the tensor.</param>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Shape.</param>
/// <param name="Begin">Offset of the first byte, counted from the end of the header.</param>
/// <param name="End">Offset of the byte after the last.</param>
internal sealed record SafetensorsEntry(string Name, CheckpointDType DType, long[] Shape, long Begin, long End);

/// <summary>Tensor of a file whose elements cannot be read, because of their type; the file is valid nevertheless.</summary>
/// <param name="Name">Name of the tensor.</param>
/// <param name="Type">Name of the type in the file, such as <c>F8_E4M3</c>.</param>
internal sealed record UnreadableTensor(string Name, string Type);

/// <summary>
/// Header of a safetensors file: its length in eight bytes (unsigned, little-endian), then JSON of that length. The file is not
/// trusted: every number is checked, and the tensors must cover the data without gaps or overlaps. Source: the specification of
/// the format.
/// </summary>
internal sealed class SafetensorsHeader
{
    public const int PrefixLength = 8;

    /// <summary>Maximum length of the JSON in bytes, of the specification.</summary>
    public const long MaximumLength = 100_000_000;

    private SafetensorsHeader(
        List<SafetensorsEntry> entries,
        List<UnreadableTensor> unreadable,
        Dictionary<string, string> metadata,
        long dataLength)
    {
        Entries = entries;
        Unreadable = unreadable;
        Metadata = metadata;
        DataLength = dataLength;
    }

    /// <summary>Tensors, in the order of the data.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>Tensors of types that the library does not know: float8, float4 and what the format may yet get.</summary>
    public IReadOnlyList<UnreadableTensor> Unreadable { get; }

    /// <summary>Metadata: the strings under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Number of bytes of data after the header.</summary>
    public long DataLength { get; }

    /// <summary>Reads the length of the JSON from the first eight bytes of a file.</summary>
    /// <param name="prefix">The eight bytes.</param>
    /// <param name="available">Maximum number of bytes after them.</param>
    /// <param name="source">Name of the file in error messages.</param>
    /// <exception cref="InvalidDataException">The length is below 2, or above what follows or the limit.</exception>
    public static int ReadLength(ReadOnlySpan<byte> prefix, long available, string source)
    {
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length < 2 || length > (ulong)Math.Min(available, MaximumLength))
        {
            throw Error(
                source, $"the header claims {length} bytes; {available} follow it and {MaximumLength} are allowed");
        }

        return (int)length;
    }

    /// <summary>Parses a header.</summary>
    /// <param name="json">The header without the eight bytes of its length.</param>
    /// <param name="source">Name of the file in error messages.</param>
    /// <exception cref="InvalidDataException">The header is not valid.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, string source)
    {
        try
        {
            return ParseObject(json, source);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException(
                $"'{source}': the safetensors header is not valid JSON: {exception.Message}", exception);
        }
    }

    private static SafetensorsHeader ParseObject(ReadOnlySpan<byte> json, string source)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 8 });
        List<SafetensorsEntry> entries = [];
        List<UnreadableTensor> unreadable = [];
        List<(string Name, long Begin, long End)> places = [];
        Dictionary<string, string> metadata = [];
        HashSet<string> names = new(StringComparer.Ordinal);

        Expect(ref reader, JsonTokenType.StartObject, source, "the header");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (!names.Add(name))
            {
                throw Error(source, $"tensor '{name}' occurs twice in the header");
            }

            if (name == "__metadata__")
            {
                ReadMetadata(ref reader, metadata, source);
            }
            else
            {
                StoredEntry stored = ReadEntry(ref reader, name, source);
                places.Add((name, stored.Begin, stored.End));
                if (stored.DType is { } dtype)
                {
                    entries.Add(new SafetensorsEntry(name, dtype, stored.Shape, stored.Begin, stored.End));
                }
                else
                {
                    unreadable.Add(new UnreadableTensor(name, stored.Type));
                }
            }
        }

        // Throws if anything but blanks follows the closing brace.
        reader.Read();
        entries.Sort(static (left, right) => (left.Begin, left.End).CompareTo((right.Begin, right.End)));
        return new SafetensorsHeader(entries, unreadable, metadata, CheckCoverage(places, source));
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata, string source)
    {
        Expect(ref reader, JsonTokenType.StartObject, source, "__metadata__");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String, source, $"__metadata__ '{key}'");
            metadata[key] = reader.GetString()!;
        }
    }

    private static StoredEntry ReadEntry(ref Utf8JsonReader reader, string name, string source)
    {
        string subject = $"tensor '{name}'";
        string? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, source, subject);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string property = reader.GetString()!;
            switch (property)
            {
                case "dtype":
                    Expect(ref reader, JsonTokenType.String, source, $"{subject}, dtype");
                    type = reader.GetString();
                    break;
                case "shape":
                    shape = ReadNumbers(ref reader, source, $"{subject}, shape");
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(ref reader, source, $"{subject}, data_offsets");
                    break;
                default:
                    throw Error(source, $"{subject} has the unknown property '{property}'");
            }
        }

        if (type is null || shape == null || offsets is not [long begin, long end])
        {
            throw Error(source, $"{subject} needs a dtype, a shape and two data_offsets");
        }

        // Of a type that is not known, the size of an element is not known either.
        CheckpointDType? element = CheckpointDTypes.FromSafetensorsName(type);
        int size = element?.ElementSize() ?? 1;
        if (CheckpointTensor.CountElements(shape) is not { } count || count > long.MaxValue / size)
        {
            throw Error(source, $"{subject} has the impossible shape {CheckpointTensor.Describe(shape)}");
        }

        if (end < begin)
        {
            throw Error(source, $"{subject}: its offsets are {begin} to {end}");
        }

        long bytes = count * size;
        if (element is not null && end - begin != bytes)
        {
            throw Error(
                source,
                $"{subject}: {element} {CheckpointTensor.Describe(shape)} has {bytes} bytes, its offsets are {begin} to {end}");
        }

        return new StoredEntry(element, type, shape, begin, end);
    }

    private static long[] ReadNumbers(ref Utf8JsonReader reader, string source, string subject)
    {
        Expect(ref reader, JsonTokenType.StartArray, source, subject);
        List<long> numbers = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
            {
                throw Error(source, $"{subject} holds something other than whole numbers from 0 to {long.MaxValue}");
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    /// <summary>Checks that the tensors cover the data without gaps or overlaps.</summary>
    /// <returns>Length of the data in bytes.</returns>
    private static long CheckCoverage(List<(string Name, long Begin, long End)> places, string source)
    {
        long expected = 0;
        foreach ((string Name, long Begin, long End) entry in places.OrderBy(place => (place.Begin, place.End)))
        {
            if (entry.Begin != expected)
            {
                string problem = entry.Begin < expected ? "overlaps the tensor before it" : "leaves a gap before it";
                throw Error(
                    source,
                    $"tensor '{entry.Name}' at {entry.Begin} to {entry.End} {problem} (which ends at {expected})");
            }

            expected = entry.End;
        }

        return expected;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string source, string subject)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw Error(source, $"{subject}: expected {type}, found {reader.TokenType}");
        }
    }

    private static InvalidDataException Error(string source, string problem) =>
        new($"'{source}' is not a valid safetensors file: {problem}.");

    /// <summary>Tensor as the header has it; the element type is null where it is not known.</summary>
    private readonly record struct StoredEntry(CheckpointDType? DType, string Type, long[] Shape, long Begin, long End);
}
