using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>
/// Metadata of a file of weights that this library writes: all that is needed, beside the names of the classes, to score with
/// the file alone.
/// </summary>
internal sealed record WeightsMetadata
{
    /// <summary>Key of the metadata in the header.</summary>
    public const string Model = "model";

    /// <summary>Key of the names of the classes in the header.</summary>
    public const string Classes = "classes";

    /// <summary>Configuration of the network.</summary>
    [JsonConverter(typeof(ModelConfigConverter))]
    public required AudioModelConfig Architecture { get; init; }

    /// <summary>Shape of the features of a clip.</summary>
    public required FeatureShape Shape { get; init; }

    /// <summary>Front end; null where the model takes features.</summary>
    public required LogMelOptions? FrontEnd { get; init; }

    /// <summary>Whether a clip has one class only.</summary>
    public required bool IsSingleLabel { get; init; }

    /// <summary>Metadata of a model as JSON; null for a task whose classes are in more heads than one.</summary>
    public static string? Of(ModelDescription description, ScoredTask task) => task.IsSingleLabel is not { } isSingleLabel
        ? null
        : SavedModel.ToJson(new WeightsMetadata
        {
            Architecture = description.Architecture,
            Shape = description.Shape,
            FrontEnd = description.FrontEnd,
            IsSingleLabel = isSingleLabel,
        });

    /// <summary>Reads what <see cref="Of"/> wrote.</summary>
    /// <exception cref="JsonException">It is damaged.</exception>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    public static WeightsMetadata FromJson(string json)
    {
        JsonObject saved = JsonNode.Parse(json) as JsonObject ?? throw new JsonException("it is not a JSON object");
        var metadata = SavedModel.FromJson<WeightsMetadata>(saved);
        metadata.Shape.Check();
        return metadata;
    }
}
