using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.ML.AudioTransformers.Tests.WrongInput;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tests.SavedModels;

/// <summary>What a model gives, as JSON: of every column its name, its type, its annotations and its values.</summary>
internal static class ViewRecord
{
    private const double Tolerance = 1e-5;

    /// <summary>Records what a model was saved for, and the columns that it adds.</summary>
    /// <param name="inputSchema">The schema that was saved with the model.</param>
    /// <param name="input">What the model took.</param>
    /// <param name="output">What it made of that.</param>
    public static JsonObject Of(DataViewSchema inputSchema, IDataView input, IDataView output) => new()
    {
        ["input"] = ToArray(inputSchema
            .Where(column => !column.IsHidden)
            .Select(column => (JsonNode)$"{column.Name}: {column.Type}")),
        ["output"] = ToArray(output.Schema
            .Where(column => !column.IsHidden && column.Index >= input.Schema.Count)
            .Select(column => (JsonNode)Of(output, column))),
    };

    /// <summary>Where two records differ: nothing where they are alike but for rounding.</summary>
    public static IReadOnlyList<string> Differences(JsonNode? expected, JsonNode? actual)
    {
        List<string> differences = [];
        Compare("record", expected, actual, differences);
        return differences;
    }

    private static JsonObject Of(IDataView view, DataViewSchema.Column column)
    {
        var annotations = new JsonObject();
        foreach (DataViewSchema.Column annotation in column.Annotations.Schema)
        {
            annotations[annotation.Name] = new JsonObject
            {
                ["type"] = annotation.Type.ToString(),
                ["value"] = (JsonNode?)Call(
                    annotation.Type, nameof(Annotation), nameof(AnnotationVector), column.Annotations, annotation.Name),
            };
        }

        return new JsonObject
        {
            ["name"] = column.Name,
            ["type"] = column.Type.ToString(),
            ["annotations"] = annotations,
            ["rows"] = (JsonNode?)Call(column.Type, nameof(Scalars), nameof(Vectors), view, column),
        };
    }

    /// <summary>Calls a method for a type's own values, or another for vectors of such.</summary>
    private static object? Call(DataViewType type, string scalar, string vector, params object[] arguments)
    {
        Type item = type is VectorDataViewType { ItemType: var itemType } ? itemType.RawType : type.RawType;
        MethodInfo method = typeof(ViewRecord).GetMethod(
            type is VectorDataViewType ? vector : scalar, BindingFlags.NonPublic | BindingFlags.Static)!;
        return method.MakeGenericMethod(item).Invoke(null, arguments);
    }

    private static JsonNode Annotation<T>(DataViewSchema.Annotations annotations, string name)
        where T : struct
    {
        T value = default;
        annotations.GetValue(name, ref value);
        return ToNode(value);
    }

    private static JsonArray AnnotationVector<T>(DataViewSchema.Annotations annotations, string name)
        where T : struct
    {
        VBuffer<T> value = default;
        annotations.GetValue(name, ref value);
        return ToArray(value.DenseValues().Select(ToNode));
    }

    private static JsonArray Scalars<T>(IDataView view, DataViewSchema.Column column)
        where T : struct
    {
        using DataViewRowCursor cursor = view.GetRowCursor([column]);
        ValueGetter<T> getter = cursor.GetGetter<T>(column);
        T value = default;
        JsonArray rows = [];
        while (cursor.MoveNext())
        {
            getter(ref value);
            rows.Add(ToNode(value));
        }

        return rows;
    }

    private static JsonArray Vectors<T>(IDataView view, DataViewSchema.Column column)
        where T : struct
    {
        using DataViewRowCursor cursor = view.GetRowCursor([column]);
        ValueGetter<VBuffer<T>> getter = cursor.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        JsonArray rows = [];
        while (cursor.MoveNext())
        {
            getter(ref value);
            rows.Add((JsonNode)ToArray(value.DenseValues().Select(ToNode)));
        }

        return rows;
    }

    private static JsonArray ToArray(IEnumerable<JsonNode> nodes) => [.. nodes];

    /// <summary>A number where JSON has one for it, else text.</summary>
    private static JsonNode ToNode<T>(T value)
        where T : struct
    {
        double? number = value switch
        {
            float single => double.Parse(single.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            double many => many,
            IConvertible and not bool => Convert.ToDouble(value, CultureInfo.InvariantCulture),
            _ => null,
        };
        return number is { } finite && double.IsFinite(finite)
            ? JsonValue.Create(finite)
            : JsonValue.Create(Convert.ToString(value, CultureInfo.InvariantCulture)!);
    }

    private static void Compare(string place, JsonNode? expected, JsonNode? actual, List<string> differences)
    {
        switch (expected, actual)
        {
            case (JsonObject first, JsonObject second):
                Compare($"{place}'s members", string.Join(", ", first.Select(member => member.Key)),
                    string.Join(", ", second.Select(member => member.Key)), differences);
                foreach ((string name, JsonNode? value) in first.Where(member => second.ContainsKey(member.Key)))
                {
                    Compare($"{place}.{name}", value, second[name], differences);
                }

                break;
            case (JsonArray first, JsonArray second):
                Compare($"{place}'s length", first.Count, second.Count, differences);
                for (int i = 0; i < Math.Min(first.Count, second.Count); i++)
                {
                    Compare($"{place}[{i}]", first[i], second[i], differences);
                }

                break;
            default:
                if (!AreAlike(expected, actual))
                {
                    differences.Add($"{place} is {Text(actual)}, was {Text(expected)}");
                }

                break;
        }
    }

    private static bool AreAlike(JsonNode? expected, JsonNode? actual)
    {
        if (expected is JsonValue first && actual is JsonValue second
            && first.TryGetValue(out double was) && second.TryGetValue(out double isNow))
        {
            return Math.Abs(was - isNow) <= Tolerance * Math.Max(1, Math.Abs(was));
        }

        return JsonNode.DeepEquals(expected, actual);
    }

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "nothing";
}
