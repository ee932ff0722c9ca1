using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>The distinct values of a column, in the order of their keys.</summary>
internal abstract class TermMap
{
    protected TermMap(PrimitiveDataViewType itemType, int count)
    {
        ItemType = itemType;
        Count = count;
        // A key has at least one category.
        KeyType = new KeyDataViewType(typeof(uint), Math.Max(count, 1));
    }

    public PrimitiveDataViewType ItemType { get; }

    public int Count { get; }

    public KeyDataViewType KeyType { get; }

    /// <summary>Adds the values, as they are or as text, as the annotation of a column with these keys.</summary>
    public abstract void AddKeyValues(
        DataViewSchema.Annotations.Builder builder, DataViewSchema.Column input, bool asText);

    /// <summary>A getter of the keys of a column's values; 0 for a value that is not known.</summary>
    public abstract Delegate CreateGetter(DataViewRow row, DataViewSchema.Column input);

    public abstract void Save(BinaryWriter writer);

    public static TermMap Load(BinaryReader reader)
    {
        var type = ValueCodec.ReadType(reader) as PrimitiveDataViewType;
        Contracts.CheckDecode(type != null, "Corrupt model file: key values of an unknown type.");
        int count = ValueCodec.ReadCount(reader);
        return RuntimeGeneric.Call<TermMap>(Load<int>, type.RawType, reader, type, count);
    }

    private static TermMap<T> Load<T>(BinaryReader reader, PrimitiveDataViewType type, int count)
    {
        var terms = new List<T>();
        for (int i = 0; i < count; i++)
            terms.Add(ValueCodec.Read<T>(reader));
        return new TermMap<T>(type, terms);
    }
}

internal sealed class TermMap<T> : TermMap
{
    private readonly T[] _terms;
    private readonly Dictionary<T, uint> _keys;

    public TermMap(PrimitiveDataViewType itemType, IReadOnlyCollection<T> terms)
        : base(itemType, terms.Count)
    {
        _terms = [.. terms];
        _keys = new Dictionary<T, uint>(_terms.Length, TermValues.Equality<T>());
        for (int i = 0; i < _terms.Length; i++)
            Contracts.CheckDecode(_keys.TryAdd(_terms[i], (uint)i + 1), $"The value {_terms[i]} has two keys.");
    }

    public override void AddKeyValues(
        DataViewSchema.Annotations.Builder builder, DataViewSchema.Column input, bool asText)
    {
        if (Count == 0)
            return;
        if (ItemType is KeyDataViewType key
            && input.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues) is { } annotation
            && annotation.Type is VectorDataViewType values
            && (ulong)values.Size == key.Count)
        {
            RuntimeGeneric.Call<object>(AddValuesOfKeys<int>, values.ItemType.RawType, builder, input, values.ItemType);
        }
        else if (asText && ItemType is not TextDataViewType)
        {
            ReadOnlyMemory<char>[] texts = _terms
                .Select(term => Convert.ToString(term, CultureInfo.InvariantCulture).AsMemory())
                .ToArray();
            AddTo(builder, TextDataViewType.Instance, texts);
        }
        else
        {
            AddTo(builder, ItemType, _terms);
        }
    }

    public override Delegate CreateGetter(DataViewRow row, DataViewSchema.Column input)
    {
        DataViewSchema.Column column = row.Schema[input.Index];
        if (input.Type is not VectorDataViewType vector)
        {
            var getter = row.GetGetter<T>(column);
            T item = default;
            return (ValueGetter<uint>)((ref uint value) =>
            {
                getter(ref item);
                value = KeyOf(item);
            });
        }

        var vectorGetter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> items = default;
        return (ValueGetter<VBuffer<uint>>)((ref VBuffer<uint> value) =>
        {
            vectorGetter(ref items);
            Contracts.Check(
                !vector.IsKnownSize || vector.Size == items.Length,
                $"Column '{input.Name}': expected {vector.Size} slots, but got {items.Length}");
            var editor = VBufferEditor.Create(ref value, items.Length);
            if (!items.IsDense)
                editor.Values.Fill(KeyOf(default));
            ReadOnlySpan<T> terms = items.GetValues();
            ReadOnlySpan<int> indices = items.GetIndices();
            for (int i = 0; i < terms.Length; i++)
                editor.Values[items.IsDense ? i : indices[i]] = KeyOf(terms[i]);
            value = editor.Commit();
        });
    }

    public override void Save(BinaryWriter writer)
    {
        ValueCodec.WriteType(writer, ItemType);
        writer.Write(_terms.Length);
        foreach (T term in _terms)
            ValueCodec.Write(writer, term);
    }

    private static void AddTo<TValue>(
        DataViewSchema.Annotations.Builder builder, PrimitiveDataViewType type, TValue[] values)
        => builder.AddKeyValues(
            values.Length,
            type,
            (ref VBuffer<TValue> value) => VBuffer<TValue>.Copy(values, 0, ref value, values.Length));

    private object AddValuesOfKeys<TValue>(
        DataViewSchema.Annotations.Builder builder, DataViewSchema.Column input, PrimitiveDataViewType type)
    {
        VBuffer<TValue> values = default;
        input.GetKeyValues(ref values);
        AddTo(
            builder,
            type,
            _terms.Select(term => values.GetItemOrDefault(checked((int)Convert.ToUInt64(term) - 1))).ToArray());
        return null;
    }

    private uint KeyOf(T term) => _keys.GetValueOrDefault(term);
}
