using System.Collections;
using Microsoft.ML.SearchSpace.Option;

namespace Microsoft.ML.SearchSpace;

/// <summary>Named options, and spaces within spaces; its dimensions are its options', in the order of their names.</summary>
public class SearchSpace : OptionBase, IDictionary<string, OptionBase>
{
    private readonly Dictionary<string, OptionBase> _options;
    private readonly Parameter _defaultOption;

    public SearchSpace()
    {
        _options = [];
    }

    protected SearchSpace(Type typeInfo, Parameter defaultOption = null)
    {
        _options = OptionMembers.Read(typeInfo);
        _defaultOption = defaultOption;
    }

    public override int FeatureSpaceDim => _options.Values.Sum(option => option.FeatureSpaceDim);

    public override double[] Default => [.. Ordered.SelectMany(item => item.Value.Default)];

    public override int?[] Step => [.. Ordered.SelectMany(item => item.Value.Step)];

    public ICollection<string> Keys => _options.Keys;

    public ICollection<OptionBase> Values => _options.Values;

    public int Count => _options.Count;

    public bool IsReadOnly => false;

    private IEnumerable<KeyValuePair<string, OptionBase>> Ordered => _options.OrderBy(item => item.Key);

    public OptionBase this[string key]
    {
        get => _options[key];
        set => _options[key] = value;
    }

    public override Parameter SampleFromFeatureSpace(double[] feature)
    {
        Parameter sample = Parameter.CreateNestedParameter();
        int start = 0;
        foreach ((string key, OptionBase option) in Ordered)
        {
            sample[key] = option.SampleFromFeatureSpace(feature[start..(start + option.FeatureSpaceDim)]);
            start += option.FeatureSpaceDim;
        }

        return _defaultOption is null ? sample : Merge(_defaultOption, sample);
    }

    public override double[] MappingToFeatureSpace(Parameter parameter) =>
        [.. Ordered.SelectMany(item => item.Value.MappingToFeatureSpace(parameter[item.Key]))];

    /// <summary>The same for the same options, in every process.</summary>
    public override int GetHashCode()
    {
        uint hash = 31;
        foreach (char character in SampleFromFeatureSpace([.. Enumerable.Repeat(0.5, FeatureSpaceDim)]).ToString())
        {
            hash = ((hash << 5) + hash) ^ character;
        }

        return (int)(hash >> 1);
    }

    public void Add(string key, OptionBase value) => _options.Add(key, value);

    public void Add(KeyValuePair<string, OptionBase> item) => _options.Add(item.Key, item.Value);

    public void Clear() => _options.Clear();

    public bool Contains(KeyValuePair<string, OptionBase> item) => _options.Contains(item);

    public bool ContainsKey(string key) => _options.ContainsKey(key);

    public void CopyTo(KeyValuePair<string, OptionBase>[] array, int arrayIndex) =>
        ((ICollection<KeyValuePair<string, OptionBase>>)_options).CopyTo(array, arrayIndex);

    public bool Remove(string key) => _options.Remove(key);

    public bool Remove(KeyValuePair<string, OptionBase> item) =>
        ((ICollection<KeyValuePair<string, OptionBase>>)_options).Remove(item);

    public bool TryGetValue(string key, out OptionBase value) => _options.TryGetValue(key, out value);

    public IEnumerator<KeyValuePair<string, OptionBase>> GetEnumerator() => _options.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _options.GetEnumerator();

    // What is sampled replaces what is default; what is not sampled stays.
    private static Parameter Merge(Parameter defaults, Parameter sample)
    {
        if (defaults.ParameterType != ParameterType.Object || sample.ParameterType != ParameterType.Object)
        {
            return sample;
        }

        Parameter merged = Parameter.CreateNestedParameter([.. defaults]);
        foreach ((string key, Parameter value) in sample)
        {
            merged[key] = defaults.TryGetValue(key, out Parameter inner) ? Merge(inner, value) : value;
        }

        return merged;
    }
}

/// <summary>The options that a class's attributes describe, and the class's instances as points of that space.</summary>
public sealed class SearchSpace<T> : SearchSpace
    where T : class, new()
{
    public SearchSpace()
        : base(typeof(T))
    {
    }

    public SearchSpace(T defaultOption)
        : base(typeof(T), Parameter.FromObject(defaultOption))
    {
    }

    public new T SampleFromFeatureSpace(double[] feature) => base.SampleFromFeatureSpace(feature).AsType<T>();

    public double[] MappingToFeatureSpace(T input) => MappingToFeatureSpace(Parameter.FromObject(input));
}
