using System.Globalization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Clips;

/// <summary>Key values of a label column: the class that each key stands for.</summary>
/// <param name="ValueKind">Type of the key values: "Text", the name of a number type such as "Single", or null if the keys have
/// no values.</param>
/// <param name="Names">Class names in the order of the keys; without key values, the keys' numbers from 1.</param>
internal sealed record LabelKeys(string? ValueKind, IReadOnlyList<string> Names)
{
    // Types that MapValueToKey maps to keys, apart from text.
    private static readonly IKind[] s_kinds =
    [
        new Kind<float>(NumberDataViewType.Single),
        new Kind<double>(NumberDataViewType.Double),
        new Kind<sbyte>(NumberDataViewType.SByte),
        new Kind<short>(NumberDataViewType.Int16),
        new Kind<int>(NumberDataViewType.Int32),
        new Kind<long>(NumberDataViewType.Int64),
        new Kind<byte>(NumberDataViewType.Byte),
        new Kind<ushort>(NumberDataViewType.UInt16),
        new Kind<uint>(NumberDataViewType.UInt32),
        new Kind<ulong>(NumberDataViewType.UInt64),
    ];

    // Hashed keys can stand for 2^31 classes, and a model has a row of weights for each class.
    private const int MaximumCount = 1 << 20;

    /// <summary>Placeholder for classes that are not known yet, as in a <see cref="SchemaShape"/>.</summary>
    public static LabelKeys Any { get; } = new("Text", ["", ""]);

    /// <summary>Number of classes.</summary>
    public int Count => Names.Count;

    /// <summary>Reads the keys of a label column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is not a key of at most 2^20 classes.</exception>
    public static LabelKeys Read(DataViewSchema.Column column)
    {
        return column.Type is KeyDataViewType { Count: > 0 and <= MaximumCount } key
            ? Read(column, (int)key.Count)
            : throw SchemaChecks.WrongType(
                column.Name, "Label", $"a key, as MapValueToKey makes of text or numbers, of at most {MaximumCount} classes",
                column.Type);
    }

    /// <summary>Reads the classes of a multi-label column: a vector of keys, or a vector with one slot per class.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is neither.</exception>
    public static LabelKeys ReadMultiLabel(DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType { ItemType: KeyDataViewType { Count: > 0 and <= MaximumCount } key })
        {
            return Read(column, (int)key.Count);
        }

        if (column.Type is not VectorDataViewType { IsKnownSize: true, Size: <= MaximumCount } slots
            || (slots.ItemType != NumberDataViewType.Single && slots.ItemType != BooleanDataViewType.Instance))
        {
            throw SchemaChecks.WrongType(
                column.Name, "Label",
                "a vector of keys, as MapValueToKey makes of vectors of text, or a vector of Single or Boolean with one slot a "
                + $"class, of at most {MaximumCount} classes",
                column.Type);
        }

        DataViewSchema.Column? names = column.Annotations.Schema.GetColumnOrNull(AnnotationKinds.SlotNames);
        if (names?.Type is not VectorDataViewType { ItemType: TextDataViewType, Size: var size } || size != slots.Size)
        {
            return new LabelKeys("Text", Numbers(slots.Size));
        }

        VBuffer<ReadOnlyMemory<char>> texts = default;
        column.Annotations.GetValue(AnnotationKinds.SlotNames, ref texts);
        return new LabelKeys("Text", texts.DenseValues().Select(text => text.ToString()).ToArray());
    }

    private static LabelKeys Read(DataViewSchema.Column column, int count)
    {
        DataViewSchema.Column? values = column.Annotations.Schema.GetColumnOrNull(AnnotationKinds.KeyValues);
        if (values?.Type is VectorDataViewType { Size: var size } vector && size == count)
        {
            if (vector.ItemType is TextDataViewType)
            {
                VBuffer<ReadOnlyMemory<char>> texts = default;
                column.Annotations.GetValue(AnnotationKinds.KeyValues, ref texts);
                return new LabelKeys("Text", texts.DenseValues().Select(text => text.ToString()).ToArray());
            }

            if (s_kinds.FirstOrDefault(kind => kind.Type == vector.ItemType) is { } number)
            {
                return new LabelKeys(number.Name, number.Read(column.Annotations));
            }
        }

        return new LabelKeys(null, Numbers(count));
    }

    private static string[] Numbers(int count) =>
        [.. Enumerable.Range(1, count).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    /// <summary>Adds an annotation with the key values in their own type; none if the keys have no values.</summary>
    /// <exception cref="InvalidDataException"><see cref="ValueKind"/> is unknown.</exception>
    public void AddValues(DataViewSchema.Annotations.Builder builder, string annotation)
    {
        if (ValueKind == "Text")
        {
            builder.AddTexts(annotation, Names);
        }
        else if (ValueKind is not null)
        {
            IKind kind = s_kinds.FirstOrDefault(kind => kind.Name == ValueKind)
                ?? throw new InvalidDataException($"Labels of kind '{ValueKind}' are not known.");
            kind.Add(builder, annotation, Names);
        }
    }

    /// <summary>Number type of key values.</summary>
    private interface IKind
    {
        string Name { get; }

        DataViewType Type { get; }

        string[] Read(DataViewSchema.Annotations annotations);

        void Add(DataViewSchema.Annotations.Builder builder, string annotation, IReadOnlyList<string> names);
    }

    private sealed class Kind<T>(PrimitiveDataViewType type) : IKind
        where T : struct, IParsable<T>, IFormattable
    {
        public string Name => typeof(T).Name;

        public DataViewType Type => type;

        public string[] Read(DataViewSchema.Annotations annotations)
        {
            VBuffer<T> values = default;
            annotations.GetValue(AnnotationKinds.KeyValues, ref values);
            return values.DenseValues().Select(value => value.ToString(null, CultureInfo.InvariantCulture)).ToArray();
        }

        public void Add(DataViewSchema.Annotations.Builder builder, string annotation, IReadOnlyList<string> names)
        {
            T[] values = names.Select(name => T.Parse(name, CultureInfo.InvariantCulture)).ToArray();
            ValueGetter<VBuffer<T>> getter = (ref VBuffer<T> destination) => AnnotationKinds.Fill<T>(ref destination, values);
            builder.Add(annotation, new VectorDataViewType(type, values.Length), getter);
        }
    }
}
