using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.AudioTransformers.Checkpoints;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>JSON of configurations in saved models: the family's name as "$type", the options as "Sizes".</summary>
internal class ModelConfigConverter : JsonConverter<AudioModelConfig>
{
    private const string Family = "$type";
    private const string Options = "Sizes";

    private static readonly JsonSerializerOptions s_options = new()
    {
        Converters = { new ModelConfigConverter(), new JsonStringEnumConverter() },
    };

    /// <summary>Key of the description of a model in the metadata of a file of weights.</summary>
    public const string MetadataKey = "model";

    /// <summary>Property of that description that has the configuration.</summary>
    public const string MetadataProperty = "Architecture";

    /// <summary>Name of the family of configurations that were saved without it; null where there are none.</summary>
    protected virtual string? UnnamedFamily => null;

    /// <summary>
    /// Configuration in the metadata of a file of weights that this library wrote, whose shapes do not tell all of it; null
    /// where there is none, or it is of another type.
    /// </summary>
    public static AudioModelConfig? Recorded(Checkpoint checkpoint, Type type)
    {
        try
        {
            AudioModelConfig? config = checkpoint.Metadata.TryGetValue(MetadataKey, out string? model)
                ? (JsonNode.Parse(model) as JsonObject)?[MetadataProperty]?.Deserialize<AudioModelConfig>(s_options)
                : null;
            return type.IsInstanceOfType(config) ? config : null;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            // Files of others may have anything under this key.
            return null;
        }
    }

    public override AudioModelConfig Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        JsonNode? node = JsonNode.Parse(ref reader);
        if (node is not JsonObject saved || saved[Options] is not JsonObject config)
        {
            throw new JsonException($"A configuration has no \"{Options}\".");
        }

        string? name = saved[Family]?.ToString() ?? UnnamedFamily;
        ModelFamily family = ModelFamilies.All.FirstOrDefault(each => each.Name == name)
            ?? throw new JsonException(
                $"There is no model '{name}'; expected one of {string.Join(", ", ModelFamilies.All.Select(each => each.Name))}.");
        family.Upgrade(config);
        return (AudioModelConfig?)config.Deserialize(family.ConfigType, options)
            ?? throw new JsonException("A configuration is null.");
    }

    public override void Write(Utf8JsonWriter writer, AudioModelConfig value, JsonSerializerOptions options)
    {
        var saved = new JsonObject
        {
            [Family] = ModelFamilies.Of(value).Name,
            [Options] = JsonSerializer.SerializeToNode(value, value.GetType(), options),
        };
        saved.WriteTo(writer, options);
    }
}
