using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>
/// How this library's transformers are kept in a model file: one header, one binary stream, and the SHA-256 of that stream
/// in another. Files of versions before the sums have none, and are loaded unchecked; the header says that there is one, so
/// that a damaged directory of the archive does not make it vanish, but for the first versions with sums.
/// </summary>
internal static class SavedModel
{
    private const string StreamName = "Model.bin";
    private const string HashName = "Model.bin.sha256";

    // Of the version written: there is a sum. No format has so many versions.
    private const uint HasSum = 1u << 30;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private static readonly JsonSerializerOptions s_json = new()
    {
        IncludeFields = true,
        IgnoreReadOnlyProperties = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <param name="context">The context that ML.NET gave.</param>
    /// <param name="modelSignature">Exactly eight characters that name the format.</param>
    /// <param name="version">The format's version.</param>
    /// <param name="loaderSignature">The name, of at most 24 characters, that the loader is registered under.</param>
    /// <param name="loader">The type with the static <c>Create</c>.</param>
    /// <param name="write">Writes the model's content.</param>
    public static void Save(
        ModelSaveContext context,
        string modelSignature,
        uint version,
        string loaderSignature,
        Type loader,
        Action<BinaryWriter> write)
    {
        ArgumentNullException.ThrowIfNull(context);
        MlNetInternals.SetVersionInfo(context, modelSignature, version | HasSum, version, loaderSignature, loader.Assembly);
        byte[] hash = [];
        MlNetInternals.SaveBinaryStream(context, StreamName, entry => ModelArchive.WriteStream(entry, content =>
        {
            using var stream = new HashingStream(content);
            using var writer = new BinaryWriter(stream, s_utf8);
            write(writer);
            writer.Flush();
            hash = stream.Hash();
        }));
        MlNetInternals.SaveBinaryStream(
            context, HashName, entry => ModelArchive.WriteStream(entry, content => content.Write(hash)));
    }

    /// <summary>Reads what <see cref="Save"/> wrote, and checks its SHA-256.</summary>
    /// <param name="context">The context that ML.NET gave.</param>
    /// <param name="what">What is saved, in messages.</param>
    /// <param name="read">Reads the content.</param>
    /// <exception cref="InvalidDataException">
    /// The stream is missing, cut short, holds something else, or does not have the SHA-256 that was saved with it.
    /// </exception>
    public static T Load<T>(object context, string what, Func<BinaryReader, T> read)
        where T : class
    {
        byte[]? saved = null;
        MlNetInternals.TryLoadBinaryStream(
            context, HashName, entry => saved = entry.ReadBytes(SHA256.HashSizeInBytes + 1));
        if (saved is null && (MlNetInternals.GetWrittenVersion(context) & HasSum) != 0)
        {
            throw new InvalidDataException(
                $"The saved {what} is damaged: there is no stream '{HashName}', which was saved with it.");
        }

        T? model = null;
        bool found = MlNetInternals.TryLoadBinaryStream(
            context, StreamName, entry => model = Read(entry.BaseStream, saved, what, read));
        return found && model is not null
            ? model
            : throw new InvalidDataException($"The saved {what} has no stream '{StreamName}'.");
    }

    private static T Read<T>(Stream entry, byte[]? saved, string what, Func<BinaryReader, T> read)
        where T : class
    {
        using var stream = new HashingStream(entry);
        using var reader = new BinaryReader(stream, s_utf8);
        T model;
        try
        {
            model = read(reader);
        }
        catch (Exception exception) when (IsDamage(exception) || !HasHash(stream, saved))
        {
            throw exception is InvalidDataException && HasHash(stream, saved)
                ? exception
                : new InvalidDataException($"The saved {what} is damaged: {exception.Message}", exception);
        }

        if (!HasHash(stream, saved))
        {
            (model as IDisposable)?.Dispose();
            throw new InvalidDataException(
                $"The saved {what} is damaged: the SHA-256 of its '{StreamName}' is {Convert.ToHexString(stream.Hash())}; "
                + $"expected {Convert.ToHexString(saved!)}, which was saved with it.");
        }

        return model;
    }

    private static bool IsDamage(Exception exception) =>
        exception is EndOfStreamException or JsonException or FormatException or ArgumentException or NotSupportedException
            or OverflowException;

    /// <summary>Whether the whole stream has the SHA-256 that was saved; true if none was.</summary>
    private static bool HasHash(HashingStream stream, byte[]? saved)
    {
        if (saved is null)
        {
            return true;
        }

        try
        {
            stream.ReadToEnd();
        }
        catch (InvalidDataException)
        {
            // The entry's compression is damaged.
            return false;
        }

        return saved.AsSpan().SequenceEqual(stream.Hash());
    }

    /// <summary>Writes an object as JSON: its public properties and fields.</summary>
    public static void WriteJson<T>(this BinaryWriter writer, T value) =>
        writer.Write(ToJson(value));

    /// <summary>The JSON that <see cref="WriteJson"/> writes of an object.</summary>
    public static string ToJson<T>(T value) => JsonSerializer.Serialize(value, s_json);

    /// <summary>JSON of a file as nodes.</summary>
    /// <exception cref="JsonException">It is none, or a text of it is not whole.</exception>
    public static JsonNode ParseJson(string json)
    {
        StrictJson.Check(json);
        return JsonNode.Parse(json) ?? throw new JsonException("it is null");
    }

    /// <summary>An object of the JSON that <see cref="WriteJson"/> writes of it.</summary>
    /// <exception cref="InvalidDataException">The JSON is null.</exception>
    public static T FromJson<T>(JsonNode json)
        where T : class =>
        json.Deserialize<T>(s_json) ?? throw new InvalidDataException($"Expected {typeof(T).Name}, found null.");

    /// <summary>Reads an object that <see cref="WriteJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The text is not such an object.</exception>
    public static T ReadJson<T>(this BinaryReader reader)
        where T : class
    {
        string json = reader.ReadString();
        StrictJson.Check(json);
        return JsonSerializer.Deserialize<T>(json, s_json)
            ?? throw new InvalidDataException($"Expected {typeof(T).Name}, found null.");
    }
}
