using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

/// <summary>How the chunks of a file are written.</summary>
/// <param name="Format">Name of the format in messages.</param>
/// <param name="IdBytes">Bytes of a chunk's name, of which the first four are text.</param>
/// <param name="LengthBytes">Bytes of its length: 4 or 8.</param>
/// <param name="IsBigEndian">Byte order of the length.</param>
/// <param name="Alignment">Chunks start at a multiple of this.</param>
/// <param name="CountsHeader">Whether a length counts the name and the length as well.</param>
internal sealed record ChunkSyntax(
    string Format, int IdBytes, int LengthBytes, bool IsBigEndian, int Alignment, bool CountsHeader = false)
{
    /// <summary>Microsoft's and IBM's RIFF.</summary>
    public static ChunkSyntax Riff { get; } = new("WAV", 4, 4, IsBigEndian: false, 2);

    /// <summary>RIFF with numbers in big-endian order.</summary>
    public static ChunkSyntax Rifx { get; } = new("WAV", 4, 4, IsBigEndian: true, 2);

    /// <summary>Sony's Wave64.</summary>
    public static ChunkSyntax Wave64 { get; } = new("W64", 16, 8, IsBigEndian: false, 8, CountsHeader: true);

    /// <summary>Electronic Arts' IFF, as AIFF uses it.</summary>
    public static ChunkSyntax Iff { get; } = new("AIFF", 4, 4, IsBigEndian: true, 2);

    /// <summary>Apple's Core Audio Format.</summary>
    public static ChunkSyntax Caf { get; } = new("CAF", 4, 8, IsBigEndian: true, 1);

    /// <summary>Bytes of a chunk's header.</summary>
    public int HeaderBytes => IdBytes + LengthBytes;
}

/// <summary>Walks over the chunks of a file.</summary>
/// <param name="source">The file, at the first chunk.</param>
/// <param name="syntax">How chunks are written.</param>
internal sealed class ChunkCursor(AudioSource source, ChunkSyntax syntax)
{
    /// <summary>The first four characters of the chunk's name.</summary>
    public string Id { get; private set; } = "";

    /// <summary>Bytes of the chunk's body as its header claims; negative where that is more than 63 bits.</summary>
    public long Length { get; private set; }

    /// <summary>The first byte of the body, counted from the file's first.</summary>
    public long BodyStart { get; private set; }

    /// <summary>Reads the next chunk's header.</summary>
    /// <param name="wanted">The chunk that is looked for, in messages.</param>
    /// <exception cref="InvalidDataException">The file ends before.</exception>
    public void Next(string wanted)
    {
        if (!TryNext())
        {
            throw Cut(source.Position, $"its headers, before a '{wanted}' chunk");
        }
    }

    /// <summary>Reads the next chunk's header.</summary>
    /// <returns>False at the file's end.</returns>
    public bool TryNext()
    {
        Span<byte> header = stackalloc byte[syntax.HeaderBytes];
        if (source.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
        {
            return false;
        }

        Id = Encoding.Latin1.GetString(header[..4]);
        ReadOnlySpan<byte> length = header[syntax.IdBytes..];
        Length = (syntax.LengthBytes, syntax.IsBigEndian) switch
        {
            (4, false) => BinaryPrimitives.ReadUInt32LittleEndian(length),
            (4, true) => BinaryPrimitives.ReadUInt32BigEndian(length),
            (_, false) => BinaryPrimitives.ReadInt64LittleEndian(length),
            (_, true) => BinaryPrimitives.ReadInt64BigEndian(length),
        };
        if (syntax.CountsHeader && Length >= 0)
        {
            Length = Math.Max(0, Length - syntax.HeaderBytes);
        }

        BodyStart = source.Position;
        return true;
    }

    /// <summary>Reads the body, or its start where it is longer than there is room for.</summary>
    /// <returns>The bytes that were read.</returns>
    /// <exception cref="InvalidDataException">The file ends before.</exception>
    public Span<byte> ReadBody(Span<byte> body)
    {
        body = body[..(int)Math.Clamp(Length, 0, body.Length)];
        if (source.ReadAtLeast(body, body.Length, throwOnEndOfStream: false) < body.Length)
        {
            throw Cut(source.Position, $"its '{Id}' chunk of {Length} bytes");
        }

        return body;
    }

    /// <summary>Goes to the end of the body.</summary>
    /// <exception cref="InvalidDataException">The file ends before.</exception>
    public void Skip()
    {
        if (!TrySkip())
        {
            throw Cut(source.CanSeek ? source.Length : source.Position, $"its '{Id}' chunk of {Length} bytes");
        }
    }

    /// <summary>Goes to the end of the body.</summary>
    /// <returns>False where the file ends before.</returns>
    public bool TrySkip()
    {
        if (Length is < 0 or > long.MaxValue / 2)
        {
            return false;
        }

        long end = BodyStart + Length;
        long padding = (syntax.Alignment - (end % syntax.Alignment)) % syntax.Alignment;

        // The padding of the last chunk is often forgotten.
        long left = end - source.Position;
        return left < 0 || source.Skip(left + padding) >= left;
    }

    /// <summary>An exception for a file that ends within its headers.</summary>
    public InvalidDataException Cut(long bytes, string where) => Cut(source.Name, syntax.Format, bytes, where);

    /// <inheritdoc cref="Cut(long, string)"/>
    public static InvalidDataException Cut(string name, string format, long bytes, string where) =>
        new($"'{name}' is cut short: the {format} file ends at byte {bytes}, inside {where}.");
}
