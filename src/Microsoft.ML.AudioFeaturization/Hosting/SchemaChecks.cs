using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>Lookups and checks of columns. Errors name the column, its type and the expected one.</summary>
internal static class SchemaChecks
{
    /// <summary>The column of a schema.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none of that name.</exception>
    public static DataViewSchema.Column GetColumn(DataViewSchema schema, string name, string role) =>
        schema.GetColumnOrNull(name)
        ?? throw MissingColumn(name, role, schema.Select(column => column.Name));

    /// <summary>The column of a schema shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none of that name.</exception>
    public static SchemaShape.Column GetColumn(SchemaShape shape, string name, string role)
    {
        foreach (SchemaShape.Column column in shape)
        {
            if (column.Name == name)
            {
                return column;
            }
        }

        throw MissingColumn(name, role, shape.Select(column => column.Name));
    }

    /// <summary>The error for a column of the wrong type.</summary>
    public static ArgumentOutOfRangeException WrongType(string name, string role, string expected, object actual) =>
        new("inputSchema", $"{role} column '{name}' is {actual}; expected {expected}.");

    /// <summary>The input shape with columns added, or replaced where the name is taken.</summary>
    public static SchemaShape With(SchemaShape inputSchema, params IEnumerable<SchemaShape.Column> added)
    {
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(column => column.Name);
        foreach (SchemaShape.Column column in added)
        {
            columns[column.Name] = column;
        }

        return new SchemaShape(columns.Values);
    }

    /// <summary>The shape of columns that a transformer will add.</summary>
    public static IEnumerable<SchemaShape.Column> ShapesOf(IEnumerable<DataViewSchema.DetachedColumn> columns)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(columns);
        return MlNetInternals.CreateShape(builder.ToSchema());
    }

    /// <summary>A shape's type in words.</summary>
    public static string Describe(SchemaShape.Column column) => column.Kind switch
    {
        SchemaShape.Column.VectorKind.Scalar => column.IsKey ? $"a key of {column.ItemType}" : $"a {column.ItemType}",
        SchemaShape.Column.VectorKind.Vector => $"a vector of {column.ItemType} of known size",
        _ => $"a vector of {column.ItemType} of variable size",
    };

    private static ArgumentOutOfRangeException MissingColumn(string name, string role, IEnumerable<string> names) =>
        new("inputSchema", $"{role} column '{name}' not found; the columns are: {string.Join(", ", names)}.");
}
