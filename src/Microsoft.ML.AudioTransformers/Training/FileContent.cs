using System.Security.Cryptography;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>What a file holds, in few words: two files with the same ones are the same.</summary>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Sha256">SHA-256 of its bytes, in hexadecimal.</param>
internal sealed record FileContent(long Length, string Sha256)
{
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static FileContent Of(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return new FileContent(stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}
