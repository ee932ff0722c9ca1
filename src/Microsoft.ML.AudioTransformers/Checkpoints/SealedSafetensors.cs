using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>
/// Files of safetensors with a checksum of themselves in their metadata: SHA-256 of the whole file with zeros in the
/// checksum's place. Any reader of safetensors reads them; a bit that a disk or a copy has turned is found.
/// </summary>
internal static class SealedSafetensors
{
    private const string Key = "sha256";
    private const int DigestLength = 2 * SHA256.HashSizeInBytes;
    private const int ChunkLength = 1 << 20;

    private static readonly byte[] s_start = Encoding.ASCII.GetBytes($"\"{Key}\":\"");

    /// <summary>Writes a file atomically.</summary>
    /// <inheritdoc cref="Safetensors.Save"/>
    public static void Save(
        string path, IEnumerable<CheckpointTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        Dictionary<string, string> unsealed = new(metadata ?? new Dictionary<string, string>())
        {
            [Key] = new string('0', DigestLength),
        };
        AtomicFile.RemoveAbandoned(path);
        AtomicFile.Write(path, stream =>
        {
            Safetensors.Write(stream, tensors, unsealed);
            (int place, string digest) = Digest(stream, path);
            stream.Position = place;
            stream.Write(Encoding.ASCII.GetBytes(digest));
        });
    }

    /// <summary>Checks that a file is as it was written.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not, or has no checksum.</exception>
    public static void Check(string path)
    {
        using FileStream stream = RegularFile.OpenRead(path);
        (int place, string expected) = Digest(stream, path);
        stream.Position = place;
        Span<byte> kept = stackalloc byte[DigestLength];
        stream.ReadExactly(kept);
        if (Encoding.ASCII.GetString(kept) != expected)
        {
            throw new InvalidDataException(
                $"'{path}' is damaged: its SHA-256 is not the one that was written with it. Delete it to begin anew.");
        }
    }

    /// <summary>The checksum of a file, and its place in the file.</summary>
    private static (int Place, string Digest) Digest(Stream stream, string path)
    {
        stream.Position = 0;
        var prefix = new byte[SafetensorsHeader.PrefixLength];
        stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false);
        ulong claimed = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (claimed > (ulong)Math.Max(stream.Length - prefix.Length, 0) || claimed > SafetensorsHeader.MaximumLength)
        {
            throw Unsealed(path);
        }

        var header = new byte[(int)claimed];
        stream.ReadExactly(header);
        int start = header.AsSpan().IndexOf(s_start);
        if (start < 0 || start + s_start.Length + DigestLength > header.Length)
        {
            throw Unsealed(path);
        }

        Span<byte> kept = header.AsSpan(start + s_start.Length, DigestLength);
        kept.Fill((byte)'0');
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(prefix);
        hash.AppendData(header);
        var chunk = new byte[ChunkLength];
        for (int read = stream.Read(chunk); read > 0; read = stream.Read(chunk))
        {
            hash.AppendData(chunk, 0, read);
        }

        return (prefix.Length + start + s_start.Length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static InvalidDataException Unsealed(string path) => new(
        $"'{path}' is damaged, or not of this version: expected safetensors with a checksum '{Key}' in the metadata. "
        + "Delete it to begin anew.");
}
