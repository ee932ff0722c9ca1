using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.AudioFeaturization.Files;

/// <summary>
/// Sum of an exported model: the last entry of its metadata, and so the end of its file, is the SHA-256 of all bytes before
/// that entry. Whoever reads ONNX finds it among the metadata; a changed byte of a file that still ends with a sum is found
/// before the native library meets the file.
/// </summary>
internal static class OnnxSum
{
    /// <summary>Key of the entry.</summary>
    public const string Key = "audio.sum";

    private const int DigitCount = 2 * SHA256.HashSizeInBytes;
    private const int BlockLength = 1 << 16;

    // Protocol buffers: a field of bytes is its number times 8 plus 2, its length, and its content. Metadata is field 14 of a
    // model; an entry has its key in field 1 and its value in field 2. All lengths are below 128, so one byte each.
    private static readonly byte[] s_start =
    [
        (14 * 8) + 2, (byte)(2 + Key.Length + 2 + DigitCount),
        (1 * 8) + 2, (byte)Key.Length, .. Encoding.ASCII.GetBytes(Key),
        (2 * 8) + 2, DigitCount,
    ];

    /// <summary>Length of the entry in bytes.</summary>
    public static int EntryLength => s_start.Length + DigitCount;

    /// <summary>The entry of metadata with a SHA-256, as it stands in a file.</summary>
    public static byte[] Entry(ReadOnlySpan<byte> hash) =>
        [.. s_start, .. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash))];

    /// <summary>Compares the bytes of a file with the sum at its end.</summary>
    /// <param name="stream">Stream of the file, at its start, which can seek.</param>
    /// <param name="hash">SHA-256 of the whole file.</param>
    /// <returns>Whether the sum is right; null if the file does not end with one.</returns>
    public static bool? Check(Stream stream, out byte[] hash)
    {
        long rest = Math.Max(0, stream.Length - EntryLength);
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[BlockLength];
        while (rest > 0 && stream.Read(block, 0, (int)Math.Min(block.Length, rest)) is var read and > 0)
        {
            sum.AppendData(block, 0, read);
            rest -= read;
        }

        byte[] expected = Entry(sum.GetCurrentHash());
        int length = stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
        sum.AppendData(block, 0, length);
        hash = sum.GetHashAndReset();
        ReadOnlySpan<byte> end = block.AsSpan(0, length);
        return end.StartsWith(s_start) ? end.SequenceEqual(expected) : null;
    }
}
