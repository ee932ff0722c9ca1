using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace TorchSharp.Utils;

/// <summary>A dictionary that is enumerated in the order in which its keys were added.</summary>
public class OrderedDict<TKey, TValue> : IEnumerable<(TKey, TValue)>
{
    private readonly List<(TKey Key, TValue Value)> _items = [];
    private readonly Dictionary<TKey, TValue> _values = [];

    public int Count => _items.Count;

    public (TKey, TValue) this[int index]
    {
        get => _items[index];
        set
        {
            _items[index] = value;
            _values[value.Item1] = value.Item2;
        }
    }

    public TValue this[TKey key]
    {
        get => _values[key];
        set
        {
            int index = _values.ContainsKey(key) ? IndexOfKey(key) : -1;
            if (index < 0)
            {
                _items.Add((key, value));
            }
            else
            {
                _items[index] = (key, value);
            }
            _values[key] = value;
        }
    }

    public IEnumerable<TKey> keys() => _items.Select(item => item.Key);

    public IEnumerable<TValue> values() => _items.Select(item => item.Value);

    public IEnumerator<(TKey, TValue)> items() => GetEnumerator();

    public void Add(TKey key, TValue value)
    {
        _values.Add(key, value);
        _items.Add((key, value));
    }

    public void Add((TKey, TValue) item) => Add(item.Item1, item.Item2);

    public bool ContainsKey(TKey key) => _values.ContainsKey(key);

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => _values.TryGetValue(key, out value);

    public bool Remove(TKey key)
    {
        if (!_values.Remove(key))
        {
            return false;
        }
        _items.RemoveAt(IndexOfKey(key));
        return true;
    }

    public void Clear()
    {
        _items.Clear();
        _values.Clear();
    }

    public void clear() => Clear();

    public IEnumerator<(TKey, TValue)> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int IndexOfKey(TKey key) =>
        _items.FindIndex(item => EqualityComparer<TKey>.Default.Equals(item.Key, key));
}
