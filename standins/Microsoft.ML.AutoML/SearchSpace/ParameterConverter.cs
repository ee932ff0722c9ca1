using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.SearchSpace;

/// <summary>Writes a parameter as the JSON of its value, and reads it back.</summary>
internal sealed class ParameterConverter : JsonConverter<Parameter>
{
    public override Parameter Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Parameter.CreateNestedParameter(
                    [.. JsonSerializer.Deserialize<Dictionary<string, Parameter>>(ref reader, options)]);
            case JsonTokenType.String:
                return Parameter.FromString(reader.GetString());
            case JsonTokenType.Number:
                return reader.TryGetInt64(out long whole)
                    ? Parameter.FromLong(whole)
                    : Parameter.FromDouble(reader.GetDouble());
            case JsonTokenType.True:
            case JsonTokenType.False:
                return Parameter.FromBool(reader.GetBoolean());
            case JsonTokenType.StartArray:
                List<object> items = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Read(ref reader, typeToConvert, options));
                }

                return Parameter.FromIEnumerable(items);
            case JsonTokenType.Null:
                return null;
            default:
                throw new ArgumentException($"Unsupported reader type {reader.TokenType}");
        }
    }

    public override void Write(Utf8JsonWriter writer, Parameter value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value.Value, options);
}
