using System.Text.Json.Nodes;
using Microsoft.ML.AudioTransformers.Checkpoints.TorchFiles;

namespace Microsoft.ML.AudioTransformers.Checkpoints;

/// <summary>
/// Plain values of an unpickled file as JSON: numbers, text, lists, dictionaries, and objects by their attributes, such as the
/// configurations that training code saves beside the weights. Tensors and all else become null.
/// </summary>
internal sealed class PlainValues
{
    private const int MaximumDepth = 16;
    private const int MaximumCount = 100_000;

    private int _count;

    private PlainValues()
    {
    }

    /// <summary>The value as JSON; null where it is none, or nests too deep.</summary>
    /// <param name="value">Unpickled value.</param>
    public static JsonNode? ToJson(object? value) =>
        // As text in between, so that a number converts to whatever type it fits.
        new PlainValues().Convert(value, 0) is { } json ? JsonNode.Parse(json.ToJsonString()) : null;

    private JsonNode? Convert(object? value, int depth)
    {
        if (depth > MaximumDepth || ++_count > MaximumCount)
        {
            return null;
        }

        return value switch
        {
            string text => JsonValue.Create(text),
            bool flag => JsonValue.Create(flag),
            long number => JsonValue.Create(number),
            double number when double.IsFinite(number) => JsonValue.Create(number),
            PickleDictionary dictionary => FromEntries(dictionary, depth),
            List<object?> list => FromElements(list, depth),
            object?[] tuple => FromElements(tuple, depth),
            PickleObject { Items: { Entries.Count: > 0 } items } => FromEntries(items, depth),
            PickleObject { Elements: { Count: > 0 } elements } => FromElements(elements, depth),
            PickleObject { State: PickleDictionary state } => FromEntries(state, depth),
            _ => null,
        };
    }

    private JsonObject FromEntries(PickleDictionary dictionary, int depth)
    {
        JsonObject json = [];
        foreach ((object? key, object? value) in dictionary.Entries)
        {
            if (key is string name && _count <= MaximumCount)
            {
                json[name] = Convert(value, depth + 1);
            }
        }

        return json;
    }

    private JsonArray FromElements(IReadOnlyList<object?> elements, int depth)
    {
        JsonArray json = [];
        foreach (object? element in elements)
        {
            if (_count > MaximumCount)
            {
                break;
            }

            json.Add(Convert(element, depth + 1));
        }

        return json;
    }
}
