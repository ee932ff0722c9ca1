using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioShards.Shards;

/// <summary>Row that a model is applied to, of which the path of a recording is known, and no other column.</summary>
/// <param name="schema">Schema of <see cref="CreateSchema"/>.</param>
/// <param name="pathColumnName">Name of the column of paths.</param>
internal sealed class ClipRow(DataViewSchema schema, string pathColumnName) : DataViewRow
{
    private readonly int _pathIndex = schema[pathColumnName].Index;
    private string _path = "";
    private long _position = -1;

    public override DataViewSchema Schema => schema;

    public override long Position => _position;

    public override long Batch => 0;

    /// <summary>
    /// Schema of a row: that of the rows that a model was trained with, since steps of it may ask for their labels, whatever
    /// the name and type.
    /// </summary>
    /// <param name="inputSchema">Schema that the model was trained with; null for a column of paths alone.</param>
    /// <param name="pathColumnName">Name of the column of paths.</param>
    /// <exception cref="ArgumentOutOfRangeException">It has no such column, or one that is no text.</exception>
    public static DataViewSchema CreateSchema(DataViewSchema? inputSchema, string pathColumnName)
    {
        if (inputSchema is null)
        {
            var schema = new DataViewSchema.Builder();
            schema.AddColumn(pathColumnName, TextDataViewType.Instance);
            return schema.ToSchema();
        }

        DataViewSchema.Column path = SchemaChecks.GetColumn(inputSchema, pathColumnName, "Path");
        return path.Type is TextDataViewType
            ? inputSchema
            : throw SchemaChecks.WrongType(pathColumnName, "Path", "text", path.Type);
    }

    /// <summary>Goes to the row of another recording.</summary>
    public void MoveTo(string path) => (_path, _position) = (path, _position + 1);

    /// <summary>Whether a column is that of the path.</summary>
    public override bool IsColumnActive(DataViewSchema.Column column) => column.Index == _pathIndex;

    public override ValueGetter<DataViewRowId> GetIdGetter() =>
        (ref DataViewRowId value) => value = new DataViewRowId((ulong)_position, 0);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw new InvalidOperationException($"Column '{column.Name}' of a recording has no values: its path alone is known.");
        }

        ValueGetter<ReadOnlyMemory<char>> path = (ref ReadOnlyMemory<char> value) => value = _path.AsMemory();
        return path as ValueGetter<TValue> ?? throw new InvalidOperationException(
            $"Column '{column.Name}' has values of type {column.Type.RawType}, not {typeof(TValue)}.");
    }
}
