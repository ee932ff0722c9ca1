using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>What estimators do with the shapes of schemas.</summary>
internal static class SchemaShapes
{
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    public static SchemaShape.Column Find(this SchemaShape inputSchema, string columnName)
        => inputSchema.TryFindColumn(columnName, out SchemaShape.Column column)
            ? column
            : throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", columnName);

    /// <summary>The shape with columns added, each in place of one with its name if there is such a one.</summary>
    public static SchemaShape With(this SchemaShape inputSchema, IEnumerable<SchemaShape.Column> columns)
    {
        var result = inputSchema.ToDictionary(column => column.Name);
        foreach (SchemaShape.Column column in columns)
            result[column.Name] = column;
        return new SchemaShape(result.Values);
    }

    /// <summary>The annotations of a column that have one of the names.</summary>
    public static IEnumerable<SchemaShape.Column> AnnotationsNamed(
        this SchemaShape.Column column, params string[] names)
        => column.Annotations.Where(annotation => names.Contains(annotation.Name));
}
