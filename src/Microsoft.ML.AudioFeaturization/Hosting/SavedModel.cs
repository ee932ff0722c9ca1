using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>How this library's transformers are kept in a model file: one header, one binary stream.</summary>
internal static class SavedModel
{
    private const string StreamName = "Model.bin";

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
        MlNetInternals.SetVersionInfo(context, modelSignature, version, loaderSignature, loader.Assembly);
        MlNetInternals.SaveBinaryStream(context, StreamName, write);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The stream is missing, cut short or holds something else.</exception>
    public static T Load<T>(object context, string what, Func<BinaryReader, T> read)
        where T : class
    {
        T? model = null;
        try
        {
            bool found = MlNetInternals.TryLoadBinaryStream(context, StreamName, reader => model = read(reader));
            return found && model is not null
                ? model
                : throw new InvalidDataException($"The saved {what} has no stream '{StreamName}'.");
        }
        catch (Exception exception) when (exception is EndOfStreamException or JsonException or FormatException
            or ArgumentException or NotSupportedException or OverflowException)
        {
            throw new InvalidDataException($"The saved {what} is damaged: {exception.Message}", exception);
        }
    }

    /// <summary>Writes an object as JSON: its public properties and fields.</summary>
    public static void WriteJson<T>(this BinaryWriter writer, T value) =>
        writer.Write(JsonSerializer.Serialize(value, s_json));

    /// <summary>An object of the JSON that <see cref="WriteJson"/> writes of it.</summary>
    /// <exception cref="InvalidDataException">The JSON is null.</exception>
    public static T FromJson<T>(JsonNode json)
        where T : class =>
        json.Deserialize<T>(s_json) ?? throw new InvalidDataException($"Expected {typeof(T).Name}, found null.");

    /// <summary>Reads an object that <see cref="WriteJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The text is not such an object.</exception>
    public static T ReadJson<T>(this BinaryReader reader)
        where T : class =>
        JsonSerializer.Deserialize<T>(reader.ReadString(), s_json)
        ?? throw new InvalidDataException($"Expected {typeof(T).Name}, found null.");
}
