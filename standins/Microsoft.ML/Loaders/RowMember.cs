using System.Linq.Expressions;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A public field or property of a user's class and the column that it stands for.</summary>
internal sealed class RowMember
{
    private Delegate _reader;
    private Delegate _writer;

    private RowMember(MemberInfo member, string columnName, DataViewType columnType, DataViewSchema.Annotations annotations)
    {
        Member = member;
        ColumnName = columnName;
        ColumnType = columnType;
        Annotations = annotations;
    }

    public MemberInfo Member { get; }

    public string ColumnName { get; }

    public DataViewType ColumnType { get; }

    public DataViewSchema.Annotations Annotations { get; }

    public Type MemberType => TypeOf(Member);

    /// <summary>The members that a column is made of, in the order of their declaration, fields first.</summary>
    public static IEnumerable<MemberInfo> MembersOf(Type userType, SchemaDefinition.Direction direction)
    {
        bool reads = direction.HasFlag(SchemaDefinition.Direction.Read);
        bool writes = direction.HasFlag(SchemaDefinition.Direction.Write);
        IEnumerable<MemberInfo> fields = userType.GetFields(BindingFlags.Public | BindingFlags.Instance);
        IEnumerable<MemberInfo> properties = userType
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.GetIndexParameters().Length == 0)
            .Where(p => (reads && p.GetGetMethod() != null) || (writes && p.GetSetMethod() != null));
        return fields.Concat(properties)
            .Where(m => m.GetCustomAttribute<NoColumnAttribute>() == null && TypeOf(m) != typeof(IChannel));
    }

    /// <exception cref="ArgumentOutOfRangeException">No column can hold the member's values.</exception>
    public static (Type ItemType, bool IsVector) ItemTypeOf(MemberInfo member)
    {
        var unwrapped = ColumnTypes.Unwrap(TypeOf(member));
        if (DataViewTypeExtensions.PrimitiveTypeOrNull(unwrapped.ItemType) == null)
            throw Contracts.ExceptParam(
                "rawType", $"Could not determine an IDataView type and registered custom types for member {member.Name}");
        return unwrapped;
    }

    /// <summary>The members that a definition names, with the definition's types checked against theirs.</summary>
    public static RowMember[] Of(Type userType, SchemaDefinition.Direction direction, SchemaDefinition definition = null)
    {
        definition ??= SchemaDefinition.Create(userType, direction);
        return definition.Select(column => Of(userType, column)).ToArray();
    }

    public static RowMember Of<TRow>(string memberName, DataViewType columnType)
        => new(FindMember(typeof(TRow), memberName), memberName, columnType, DataViewSchema.Annotations.Empty);

    private static RowMember Of(Type userType, SchemaDefinition.Column column)
    {
        const string ParamName = "userSchemaDefinition";
        MemberInfo member = FindMember(userType, column.MemberName);
        var (rawType, isVector) = ItemTypeOf(member);
        string name = string.IsNullOrEmpty(column.ColumnName) ? column.MemberName : column.ColumnName;
        DataViewType type = column.ColumnType;
        if (type == null)
        {
            PrimitiveDataViewType itemType = DataViewTypeExtensions.PrimitiveTypeOrNull(rawType);
            type = isVector ? new VectorDataViewType(itemType) : itemType;
        }

        if (isVector != type is VectorDataViewType)
            throw Contracts.ExceptParam(
                ParamName,
                $"Column '{name}' is supposed to be {(isVector ? "scalar" : "vector")}, but type of associated field '{member.Name}' is {(isVector ? "vector" : "scalar")}");
        if (type.GetItemType().RawType != rawType)
            throw Contracts.ExceptParam(
                ParamName,
                $"Column '{name}' is supposed to have item type {type.GetItemType().RawType}, but associated field has type {rawType}");
        return new RowMember(member, name, type, column.Annotations);
    }

    private static MemberInfo FindMember(Type userType, string name)
        => (MemberInfo)userType.GetField(name)
            ?? userType.GetProperty(name)
            ?? throw Contracts.ExceptParam(
                "userSchemaDefinition", $"No field or property with name '{name}' found in type '{userType.FullName}'");

    /// <summary>A <see cref="ValueGetter{TValue}"/> of the column's raw type that reads the member of the current row.</summary>
    public Delegate CreateGetter<TRow>(Func<TRow> current)
        => RowObjectGetters.Create(Reader<TRow>(), current, MemberType, ColumnType);

    /// <summary>Sets the member of a row to the value that a data view's row has in the column.</summary>
    public Action<TRow> CreateSetter<TRow>(DataViewRow row, DataViewSchema.Column column)
        => RowObjectSetters.Create<TRow>(Reader<TRow>(), Writer<TRow>(), MemberType, row, column);

    private static Type TypeOf(MemberInfo member)
        => member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;

    // Compiled once: every cursor makes its getters anew.
    private Delegate Reader<TRow>() => _reader ??= CompileReader<TRow>();

    private Delegate Writer<TRow>() => _writer ??= CompileWriter<TRow>();

    private Delegate CompileReader<TRow>()
    {
        if (Member is PropertyInfo property && property.GetGetMethod() == null)
            return null;
        ParameterExpression row = Expression.Parameter(typeof(TRow), "row");
        return Expression.Lambda(
            typeof(Func<,>).MakeGenericType(typeof(TRow), MemberType),
            Expression.MakeMemberAccess(row, Member),
            row).Compile();
    }

    private Delegate CompileWriter<TRow>()
    {
        ParameterExpression row = Expression.Parameter(typeof(TRow), "row");
        ParameterExpression value = Expression.Parameter(MemberType, "value");
        return Expression.Lambda(
            typeof(Action<,>).MakeGenericType(typeof(TRow), MemberType),
            Expression.Assign(Expression.MakeMemberAccess(row, Member), value),
            row,
            value).Compile();
    }
}
