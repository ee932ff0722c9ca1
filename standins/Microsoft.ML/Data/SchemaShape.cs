using System.Collections;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>What can be known of a schema before there is data: a vector's size and a key's count are left open.</summary>
public sealed class SchemaShape : IReadOnlyList<SchemaShape.Column>
{
    private static readonly SchemaShape _empty = new([]);

    private readonly Column[] _columns;

    public SchemaShape(IEnumerable<Column> columns)
    {
        Contracts.CheckValue(columns, nameof(columns));
        _columns = [.. columns];
        Contracts.CheckParam(
            Array.TrueForAll(_columns, column => column.IsValid),
            nameof(columns),
            "Some items are not initialized properly.");
    }

    public int Count => _columns.Length;

    public Column this[int index] => _columns[index];

    public IEnumerator<Column> GetEnumerator() => ((IEnumerable<Column>)_columns).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static SchemaShape Create(DataViewSchema schema)
    {
        Contracts.CheckValue(schema, nameof(schema));
        return new SchemaShape(
            from column in schema
            where !column.IsHidden
            let annotations = column.Annotations.Schema.Select(a => ShapeOf(a.Name, a.Type, null))
            select ShapeOf(column.Name, column.Type, new SchemaShape(annotations)));
    }

    internal static void GetColumnTypeShape(
        DataViewType type, out Column.VectorKind vecKind, out DataViewType itemType, out bool isKey)
    {
        var vector = type as VectorDataViewType;
        vecKind = vector == null ? Column.VectorKind.Scalar
            : vector.IsKnownSize ? Column.VectorKind.Vector
            : Column.VectorKind.VariableVector;
        itemType = vector?.ItemType ?? type;
        isKey = itemType is KeyDataViewType;
        if (isKey)
            itemType = itemType.RawType.ToPrimitiveType();
    }

    internal bool TryFindColumn(string name, out Column column)
    {
        Contracts.CheckValue(name, nameof(name));
        column = Array.Find(_columns, candidate => candidate.Name == name);
        return column.IsValid;
    }

    private static Column ShapeOf(string name, DataViewType type, SchemaShape annotations)
    {
        GetColumnTypeShape(type, out Column.VectorKind kind, out DataViewType itemType, out bool isKey);
        return new Column(name, kind, itemType, isKey, annotations);
    }

    public struct Column
    {
        public readonly string Name;

        public readonly VectorKind Kind;

        public readonly DataViewType ItemType;

        public readonly bool IsKey;

        public readonly SchemaShape Annotations;

        internal Column(
            string name, VectorKind vecKind, DataViewType itemType, bool isKey, SchemaShape annotations = null)
        {
            Contracts.CheckNonEmpty(name, nameof(name));
            Contracts.CheckParam(itemType is not KeyDataViewType, nameof(itemType), "Item type cannot be a key");
            Contracts.CheckParam(itemType is not VectorDataViewType, nameof(itemType), "Item type cannot be a vector");
            Contracts.CheckParam(
                !isKey || KeyDataViewType.IsValidDataType(itemType.RawType),
                nameof(itemType),
                "The item type must be valid for a key");
            Name = name;
            Kind = vecKind;
            ItemType = itemType;
            IsKey = isKey;
            Annotations = annotations ?? _empty;
        }

        public enum VectorKind
        {
            Scalar = 0,
            Vector = 1,
            VariableVector = 2,
        }

        internal readonly bool IsValid => Name != null;

        internal readonly string GetTypeString()
        {
            string item = IsKey ? $"Key<{ItemType}>" : ItemType.ToString();
            return Kind switch
            {
                VectorKind.Vector => $"Vector<{item}>",
                VectorKind.VariableVector => $"VarVector<{item}>",
                _ => item,
            };
        }

        internal readonly bool IsCompatibleWith(Column source)
        {
            if (Name != source.Name || Kind != source.Kind || IsKey != source.IsKey || !ItemType.Equals(source.ItemType))
                return false;
            foreach (Column annotation in Annotations)
            {
                if (!source.Annotations.TryFindColumn(annotation.Name, out Column other)
                    || !annotation.IsCompatibleWith(other))
                    return false;
            }

            return true;
        }
    }
}
