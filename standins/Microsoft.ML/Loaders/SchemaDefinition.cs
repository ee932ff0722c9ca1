using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The columns that a class's public fields and properties stand for.</summary>
public sealed class SchemaDefinition : List<SchemaDefinition.Column>
{
    private SchemaDefinition()
    {
    }

    [Flags]
    public enum Direction
    {
        Read = 1,
        Write = 2,
        Both = Read | Write,
    }

    public Column this[string columnName]
    {
        get => Find(column => column.ColumnName == columnName);
        set
        {
            Contracts.CheckValue(value, nameof(value));
            if (value.ColumnName != columnName)
                throw Contracts.ExceptParam(
                    nameof(columnName),
                    $"The column name is specified as '{value.ColumnName}' but must match the selector '{columnName}'.");
            int index = FindIndex(column => column.ColumnName == columnName);
            if (index < 0)
                Add(value);
            else
                this[index] = value;
        }
    }

    public static SchemaDefinition Create(Type userType, Direction direction = Direction.Both)
    {
        Contracts.CheckValue(userType, nameof(userType));
        var definition = new SchemaDefinition();
        foreach (MemberInfo member in RowMember.MembersOf(userType, direction))
        {
            string name = member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name;
            if (definition[name] != null)
                throw Contracts.ExceptParam(
                    nameof(userType), $"Duplicate column name '{name}' detected, this is disallowed");
            definition.Add(new Column(member.Name, TypeOf(member), name));
        }

        return definition;
    }

    private static DataViewType TypeOf(MemberInfo member)
    {
        var (rawType, isVector) = RowMember.ItemTypeOf(member);
        PrimitiveDataViewType itemType = DataViewTypeExtensions.PrimitiveTypeOrNull(rawType);
        if (member.GetCustomAttribute<KeyTypeAttribute>() is { } key)
        {
            if (!KeyDataViewType.IsValidDataType(rawType))
                throw Contracts.ExceptParam(
                    "userType",
                    $"Member {member.Name} marked with KeyType attribute, but does not appear to be a valid kind of data for a key type");
            itemType = new KeyDataViewType(rawType, key.KeyCount.Count.GetValueOrDefault());
        }

        var vector = member.GetCustomAttribute<VectorTypeAttribute>();
        if (vector != null && !isVector)
            throw Contracts.ExceptParam(
                "userType",
                $"Member {member.Name} marked with VectorTypeAttribute, but does not appear to be a vector type");
        if (!isVector)
            return itemType;
        return vector?.Dimensions is { Length: > 0 } dimensions
            ? new VectorDataViewType(itemType, dimensions)
            : new VectorDataViewType(itemType);
    }

    public sealed class Column
    {
        private readonly DataViewSchema.Annotations.Builder _annotations = new();
        private readonly HashSet<string> _kinds = [];

        internal Column(string memberName, DataViewType columnType, string columnName)
        {
            MemberName = memberName;
            ColumnType = columnType;
            ColumnName = columnName;
        }

        public string MemberName { get; }

        public string ColumnName { get; set; }

        public DataViewType ColumnType { get; set; }

        public DataViewSchema.Annotations Annotations => _annotations.ToAnnotations();

        public void AddAnnotation<T>(string kind, T value, DataViewType annotationType)
        {
            Contracts.CheckValue(kind, nameof(kind));
            Contracts.CheckValue(annotationType, nameof(annotationType));
            Contracts.Check(_kinds.Add(kind), "Column already contains an annotation of this kind.");
            _annotations.Add(kind, annotationType, AnnotationGetter(value, annotationType));
        }

        internal void AddAnnotations(DataViewSchema.Annotations annotations)
            => _annotations.Add(annotations, _kinds.Add);

        private static Delegate AnnotationGetter<T>(T value, DataViewType type)
        {
            var (itemType, _) = ColumnTypes.Unwrap(typeof(T));
            if (type.GetItemType().RawType != itemType)
                throw Contracts.ExceptParam(
                    nameof(value), $"An annotation of type {type} cannot hold a value of type {typeof(T)}.");
            if (typeof(T) == type.RawType)
                return (ValueGetter<T>)((ref T destination) => destination = value);
            var row = new AnnotationValue<T> { Value = value };
            return RowMember.Of<AnnotationValue<T>>(nameof(AnnotationValue<T>.Value), type).CreateGetter(() => row);
        }
    }

    private sealed class AnnotationValue<T>
    {
        public T Value;
    }
}
