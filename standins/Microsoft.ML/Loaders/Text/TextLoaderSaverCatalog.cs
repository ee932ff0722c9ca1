using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Loads text files.</summary>
public static class TextLoaderSaverCatalog
{
    public static TextLoader CreateTextLoader(
        this DataOperationsCatalog catalog,
        TextLoader.Column[] columns,
        char separatorChar = '\t',
        bool hasHeader = false,
        IMultiStreamSource dataSample = null,
        bool allowQuoting = false,
        bool trimWhitespace = false,
        bool allowSparse = false)
    {
        var options = CreateOptions(separatorChar, hasHeader, allowQuoting, trimWhitespace, allowSparse);
        options.Columns = columns;
        return catalog.CreateTextLoader(options, dataSample);
    }

    public static TextLoader CreateTextLoader(
        this DataOperationsCatalog catalog, TextLoader.Options options, IMultiStreamSource dataSample = null)
        => new(catalog.GetEnvironment(), options, dataSample);

    public static IDataView LoadFromTextFile(
        this DataOperationsCatalog catalog,
        string path,
        TextLoader.Column[] columns,
        char separatorChar = '\t',
        bool hasHeader = false,
        bool allowQuoting = false,
        bool trimWhitespace = false,
        bool allowSparse = false)
    {
        CheckPath(path);
        return catalog
            .CreateTextLoader(
                columns,
                separatorChar,
                hasHeader,
                allowQuoting: allowQuoting,
                trimWhitespace: trimWhitespace,
                allowSparse: allowSparse)
            .Load(new MultiFileSource(path));
    }

    public static IDataView LoadFromTextFile(
        this DataOperationsCatalog catalog, string path, TextLoader.Options options = null)
    {
        CheckPath(path);
        var source = new MultiFileSource(path);
        return catalog.CreateTextLoader(options, source).Load(source);
    }

    /// <summary>Reads the columns that the <see cref="LoadColumnAttribute"/>s of a class describe.</summary>
    public static IDataView LoadFromTextFile<TInput>(
        this DataOperationsCatalog catalog,
        string path,
        char separatorChar = '\t',
        bool hasHeader = false,
        bool allowQuoting = false,
        bool trimWhitespace = false,
        bool allowSparse = false)
        => catalog.LoadFromTextFile<TInput>(
            path, CreateOptions(separatorChar, hasHeader, allowQuoting, trimWhitespace, allowSparse));

    /// <summary>Reads the columns that the <see cref="LoadColumnAttribute"/>s of a class describe.</summary>
    public static IDataView LoadFromTextFile<TInput>(
        this DataOperationsCatalog catalog, string path, TextLoader.Options options)
    {
        CheckPath(path);
        options ??= new TextLoader.Options();
        options.Columns = ColumnsOf(typeof(TInput));
        return catalog.CreateTextLoader(options).Load(new MultiFileSource(path));
    }

    private static TextLoader.Column[] ColumnsOf(Type type)
    {
        MemberInfo[] members =
        [
            .. type.GetFields(BindingFlags.Public | BindingFlags.Instance),
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p.GetGetMethod() != null && p.GetIndexParameters().Length == 0),
        ];
        Contracts.CheckParam(
            members.Length > 0,
            "TInput",
            "Should define at least one public, readable field or property in TInput.");
        return members.Select(ColumnOf).ToArray();
    }

    private static TextLoader.Column ColumnOf(MemberInfo member)
    {
        string kind = member is FieldInfo ? "Field" : "Property";
        var load = member.GetCustomAttribute<LoadColumnAttribute>()
            ?? throw Contracts.Except($"{kind} '{member.Name}' is missing the {nameof(LoadColumnAttribute)} attribute");
        Type type = member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;
        PrimitiveDataViewType itemType
            = DataViewTypeExtensions.PrimitiveTypeOrNull(ColumnTypes.Unwrap(type).ItemType);
        Contracts.Check(
            itemType is not null and not RowIdDataViewType, $"{kind} {member.Name} is of unsupported type.");
        return new TextLoader.Column(
            member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name,
            ColumnTypes.KindOf(itemType),
            load.Sources,
            member.GetCustomAttribute<KeyTypeAttribute>()?.KeyCount);
    }

    private static TextLoader.Options CreateOptions(
        char separator, bool hasHeader, bool allowQuoting, bool trimWhitespace, bool allowSparse)
    {
        if (allowSparse)
            throw new NotSupportedException("Sparse text is not read by this build's stand-in of Microsoft.ML.");
        return new TextLoader.Options
        {
            Separators = [separator],
            HasHeader = hasHeader,
            AllowQuoting = allowQuoting,
            TrimWhitespace = trimWhitespace,
        };
    }

    private static void CheckPath(string path)
    {
        Contracts.CheckNonEmpty(path, nameof(path));
        Contracts.CheckParam(File.Exists(path), nameof(path), $"File or directory does not exist at path: {path}");
    }
}

public static class DataLoaderExtensions
{
    public static IDataView Load(this IDataLoader<IMultiStreamSource> loader, params string[] path)
        => loader.Load(new MultiFileSource(path));
}
