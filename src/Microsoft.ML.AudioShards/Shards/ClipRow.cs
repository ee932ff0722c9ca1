using Microsoft.ML.Data;

namespace Microsoft.ML.AudioShards.Shards;

/// <summary>Row with the path of a recording, and an empty label, that a model is applied to.</summary>
/// <param name="schema">Schema of <see cref="CreateSchema"/>.</param>
internal sealed class ClipRow(DataViewSchema schema) : DataViewRow
{
    private string _path = "";
    private long _position = -1;

    public override DataViewSchema Schema => schema;

    public override long Position => _position;

    public override long Batch => 0;

    /// <summary>Schema of a row. A model that was trained with a label has a step that would make a key of it.</summary>
    public static DataViewSchema CreateSchema(string pathColumnName, string labelColumnName)
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(pathColumnName, TextDataViewType.Instance);
        if (pathColumnName != labelColumnName)
        {
            schema.AddColumn(labelColumnName, TextDataViewType.Instance);
        }

        return schema.ToSchema();
    }

    /// <summary>Goes to the row of another recording.</summary>
    public void MoveTo(string path) => (_path, _position) = (path, _position + 1);

    public override bool IsColumnActive(DataViewSchema.Column column) => true;

    public override ValueGetter<DataViewRowId> GetIdGetter() =>
        (ref DataViewRowId value) => value = new DataViewRowId((ulong)_position, 0);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        ValueGetter<ReadOnlyMemory<char>> text = column.Index == 0
            ? (ref ReadOnlyMemory<char> value) => value = _path.AsMemory()
            : (ref ReadOnlyMemory<char> value) => value = default;
        return text as ValueGetter<TValue> ?? throw new InvalidOperationException(
            $"Column '{column.Name}' has values of type {column.Type.RawType}, not {typeof(TValue)}.");
    }
}
