using System.Security.Cryptography;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioTransformers.Onnx.Sessions;

/// <summary>
/// Content of a model: its file and, where the weights are beside it, theirs. It is read again when the model is saved, and must
/// be what it was.
/// </summary>
internal sealed class ModelContent
{
    private readonly string? _path;
    private readonly byte[]? _hash;
    private readonly byte[]? _bytes;
    private readonly byte[]? _weights;
    private byte[]? _weightsHash;

    private ModelContent(string? path, byte[]? hash, byte[]? bytes, string? weightsName, byte[]? weights)
    {
        (_path, _hash, _bytes, WeightsName, _weights) = (path, hash, bytes, weightsName, weights);
    }

    /// <summary>Name of the file of weights; null if they are in the model.</summary>
    public string? WeightsName { get; private set; }

    /// <summary>Name of the model in messages.</summary>
    public string Name => _path is null ? "The saved ONNX model" : $"'{_path}'";

    /// <summary>Whether the file ends with its sum; null if the content is not of a file.</summary>
    public bool? HasSum { get; private init; }

    /// <summary>Content of a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="verifies">Whether the file's sum, where it has one, must be right.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The sum is wrong.</exception>
    public static ModelContent OfFile(string path, bool verifies)
    {
        using FileStream stream = RegularFile.OpenRead(path);
        bool? isRight = OnnxSum.Check(stream, out byte[] hash);
        return isRight != false || !verifies
            ? new ModelContent(Path.GetFullPath(path), hash, null, null, null) { HasSum = isRight is not null }
            : throw new InvalidDataException(
                $"'{path}' is damaged, or was changed: the SHA-256 at its end is not that of its bytes. Expected the file as it "
                + $"was exported; if a tool changed it on purpose, set {nameof(OnnxAudioOptions.VerifySums)} to false.");
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">A length or a name is not one that is written.</exception>
    /// <exception cref="EndOfStreamException">The stream is cut short.</exception>
    public static ModelContent Read(BinaryReader reader)
    {
        byte[] bytes = ReadBlock(reader);
        string name = reader.ReadString();
        if (name.Length == 0)
        {
            return new ModelContent(null, null, bytes, null, null);
        }

        return IsPlain(name)
            ? new ModelContent(null, null, bytes, name, ReadBlock(reader))
            : throw new InvalidDataException($"The file of weights is called '{name}'; expected a name without folders.");
    }

    /// <summary>Writes the content.</summary>
    /// <exception cref="InvalidDataException">The file has changed since it was loaded.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist any more.</exception>
    public void Write(BinaryWriter writer)
    {
        WriteBlock(writer, _bytes ?? ReadSame(_path!, _hash!));
        writer.Write(WeightsName ?? "");
        if (WeightsName is { } name)
        {
            WriteBlock(writer, _weights ?? ReadSame(WeightsPath(name), _weightsHash!));
        }
    }

    /// <summary>Takes the name of the file of weights from the metadata of a loaded file.</summary>
    /// <param name="name">Name of the file; null if the weights are in the model.</param>
    /// <param name="sum">SHA-256 that the file must have, in hexadecimal digits; null for any.</param>
    /// <exception cref="InvalidDataException">The name has folders, or the file another SHA-256.</exception>
    public void SetWeights(string? name, string? sum)
    {
        if (name is not null && !IsPlain(name))
        {
            throw new InvalidDataException($"{Name} names its file of weights '{name}'; expected a name without folders.");
        }

        WeightsName = name;
        if (name is not null && _path is not null)
        {
            using FileStream stream = RegularFile.OpenRead(WeightsPath(name));
            _weightsHash = SHA256.HashData(stream);
            if (sum is not null && !sum.Equals(Convert.ToHexStringLower(_weightsHash), StringComparison.OrdinalIgnoreCase))
            {
                throw new InvalidDataException(
                    $"'{stream.Name}', the weights of {Name}, is damaged, or was changed: expected the SHA-256 {sum}, found "
                    + $"{Convert.ToHexStringLower(_weightsHash)}. If a tool changed it on purpose, set "
                    + $"{nameof(OnnxAudioOptions.VerifySums)} to false.");
            }
        }
    }

    /// <summary>Opens what a function makes of the path of the model, or of its bytes.</summary>
    public T Open<T>(Func<string, T> ofFile, Func<byte[], T> ofBytes)
    {
        if (_path is not null)
        {
            return ofFile(_path);
        }

        if (WeightsName is null)
        {
            return ofBytes(_bytes!);
        }

        // The native library finds weights beside a model by paths only.
        DirectoryInfo folder = Directory.CreateTempSubdirectory("onnx-audio-");
        try
        {
            string path = Path.Combine(folder.FullName, "model.onnx");
            File.WriteAllBytes(path, _bytes!);
            File.WriteAllBytes(Path.Combine(folder.FullName, WeightsName), _weights!);
            return ofFile(path);
        }
        finally
        {
            TryDelete(folder);
        }
    }

    private static void TryDelete(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Some systems keep mapped files as long as the session lives; the system's own cleaning takes them.
        }
    }

    private string WeightsPath(string name) => Path.Combine(Path.GetDirectoryName(_path!)!, name);

    private static byte[] ReadSame(string path, byte[] hash)
    {
        byte[] bytes = File.ReadAllBytes(RegularFile.Check(path));
        return SHA256.HashData(bytes).AsSpan().SequenceEqual(hash)
            ? bytes
            : throw new InvalidDataException($"'{path}' has changed since it was loaded; expected the same to save.");
    }

    private static void WriteBlock(BinaryWriter writer, byte[] bytes)
    {
        writer.Write(bytes.LongLength);
        writer.Write(bytes);
    }

    private static bool IsPlain(string name) =>
        name.Length > 0 && name is not "." and not ".." && name.IndexOfAny(['/', '\\', ':', '\0']) < 0;

    /// <summary>Reads a block. Memory grows with the bytes read, whatever length is claimed.</summary>
    private static byte[] ReadBlock(BinaryReader reader)
    {
        long length = reader.ReadInt64();
        if (length < 0 || length > Array.MaxLength)
        {
            throw new InvalidDataException($"A file has the length {length}; expected 0 to {Array.MaxLength}.");
        }

        using var content = new MemoryStream();
        var block = new byte[1 << 16];
        while (content.Length < length)
        {
            int read = reader.Read(block, 0, (int)Math.Min(block.Length, length - content.Length));
            content.Write(block, 0, read > 0 ? read : throw new EndOfStreamException(
                $"{content.Length} of a file's {length} bytes are there."));
        }

        return content.ToArray();
    }
}
