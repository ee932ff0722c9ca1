using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.AudioShards.Parts;

/// <summary>What all parts of one scoring have in common. It is in each part's metadata, under <see cref="Key"/>, as JSON.</summary>
internal sealed record PartHeader
{
    /// <summary>Key of the metadata of a Parquet file.</summary>
    public const string Key = "audioml";

    private const int MostValues = 1 << 20;

    private static readonly JsonSerializerOptions s_json = new() { Converters = { new JsonStringEnumConverter() } };

    /// <summary>What is written of a recording.</summary>
    public required AudioShardKind Kind { get; init; }

    /// <summary>Column that the rows were read from; of events, what its columns' names begin with.</summary>
    public required string Column { get; init; }

    /// <summary>Name of the model, by which two are told apart.</summary>
    public required string Model { get; init; }

    /// <summary>Numbers of a row's vector; 0 for events.</summary>
    public required int Width { get; init; }

    /// <summary>Classes in the order of the scores; none for events and embeddings.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The header as text.</summary>
    public override string ToString() => JsonSerializer.Serialize(this, s_json);

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static PartHeader Parse(string path, string? text)
    {
        try
        {
            PartHeader? header = text is null ? null : JsonSerializer.Deserialize<PartHeader>(text, s_json);
            return header is { Width: >= 0 and <= MostValues, Column: not null, Model: not null, Classes: not null }
                && header.Kind switch
                {
                    AudioShardKind.Scores => header.Width > 0 && header.Classes.Count == header.Width,
                    AudioShardKind.Events => header.Width == 0 && header.Classes.Count == 0,
                    AudioShardKind.Embeddings => header.Width > 0 && header.Classes.Count == 0,
                    _ => false,
                }
                && header.Classes.All(name => name is not null)
                ? header
                : throw new InvalidDataException(
                    $"'{path}' has no description of its rows (metadata '{Key}'); expected a part that ScoreShard wrote.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' has a damaged description of its rows: {exception.Message}", exception);
        }
    }
}
