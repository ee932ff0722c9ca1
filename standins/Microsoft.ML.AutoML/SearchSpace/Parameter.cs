using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.SearchSpace;

/// <summary>A value, or named values: what a point of a search space is made of. It is JSON in all but name.</summary>
[JsonConverter(typeof(ParameterConverter))]
public sealed class Parameter
    : IDictionary<string, Parameter>, IEquatable<Parameter>, IEqualityComparer<Parameter>
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    private Parameter(object value, ParameterType type)
    {
        Value = value;
        ParameterType = type;
    }

    public ParameterType ParameterType { get; }

    public int Count => Value is Dictionary<string, Parameter> named ? named.Count : 1;

    public bool IsReadOnly => false;

    public ICollection<string> Keys => Named.Keys;

    ICollection<Parameter> IDictionary<string, Parameter>.Values => Named.Values;

    internal object Value { get; }

    private Dictionary<string, Parameter> Named => (Dictionary<string, Parameter>)Value;

    public Parameter this[string key]
    {
        get => Named[key];
        set => Named[key] = value;
    }

    public static Parameter FromDouble(double value) => new(value, ParameterType.Number);

    public static Parameter FromFloat(float value) => new(value, ParameterType.Number);

    public static Parameter FromLong(long value) => new(value, ParameterType.Integer);

    public static Parameter FromInt(int value) => new(value, ParameterType.Integer);

    public static Parameter FromString(string value) => new(value, ParameterType.String);

    public static Parameter FromBool(bool value) => new(value, ParameterType.Bool);

    public static Parameter FromEnum<T>(T value)
        where T : struct, Enum => FromString(Enum.GetName(value));

    public static Parameter FromIEnumerable<T>(IEnumerable<T> values) => new(values, ParameterType.Array);

    public static Parameter FromObject<T>(T value)
        where T : class => FromValue(value);

    public static Parameter CreateNestedParameter(params KeyValuePair<string, Parameter>[] parameters)
    {
        var parameter = new Parameter(new Dictionary<string, Parameter>(), ParameterType.Object);
        foreach ((string key, Parameter value) in parameters)
        {
            parameter[key] = value;
        }

        return parameter;
    }

    /// <summary>The value as another type, by way of JSON where it is not of that type already.</summary>
    public T AsType<T>() => Value is T value
        ? value
        : JsonSerializer.Deserialize<T>(JsonSerializer.Serialize(Value, s_json), s_json);

    public void Add(string key, Parameter value) => Named.Add(key, value);

    public void Add(KeyValuePair<string, Parameter> item) => Named.Add(item.Key, item.Value);

    public void Clear() => Named.Clear();

    public bool Contains(KeyValuePair<string, Parameter> item) => Named.Contains(item);

    public bool ContainsKey(string key) => Named.ContainsKey(key);

    public void CopyTo(KeyValuePair<string, Parameter>[] array, int arrayIndex) =>
        ((ICollection<KeyValuePair<string, Parameter>>)Named).CopyTo(array, arrayIndex);

    public bool Remove(string key) => Named.Remove(key);

    public bool Remove(KeyValuePair<string, Parameter> item) =>
        ((ICollection<KeyValuePair<string, Parameter>>)Named).Remove(item);

    public bool TryGetValue(string key, out Parameter value) => Named.TryGetValue(key, out value);

    public bool Equals(Parameter other) =>
        other is not null && (ReferenceEquals(this, other) || ToString() == other.ToString());

    public bool Equals(Parameter x, Parameter y) => x.GetHashCode() == y.GetHashCode();

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public int GetHashCode(Parameter obj) => obj.GetHashCode();

    /// <summary>The value as JSON.</summary>
    public override string ToString() => JsonSerializer.Serialize(this);

    IEnumerator<KeyValuePair<string, Parameter>> IEnumerable<KeyValuePair<string, Parameter>>.GetEnumerator() =>
        Named.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => Named.GetEnumerator();

    private static Parameter FromValue(object value) => value switch
    {
        int number => FromInt(number),
        long number => FromLong(number),
        double number => FromDouble(number),
        float number => FromFloat(number),
        string text => FromString(text),
        bool flag => FromBool(flag),
        IEnumerable values => new Parameter(values, ParameterType.Array),
        Enum name => FromString(Enum.GetName(name.GetType(), name)),
        _ => FromProperties(value),
    };

    private static Parameter FromProperties(object value)
    {
        Parameter parameter = CreateNestedParameter();
        foreach (PropertyInfo property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.CanRead && property.CanWrite && property.GetValue(value) is { } inner
                && FromValue(inner) is { Count: > 0 } converted)
            {
                parameter[property.Name] = converted;
            }
        }

        return parameter;
    }
}
