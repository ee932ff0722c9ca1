using Microsoft.ML;
using Microsoft.ML.Data;

namespace AudioML.Tool.Commands;

/// <summary>
/// A recording of which the path is known. The other columns that a model was trained with, such as the labels, are empty:
/// steps of it may ask for them, but its scores must not depend on them.
/// </summary>
internal sealed class UnlabelledRecording
{
    /// <summary>Path of the file.</summary>
    public string Path { get; set; } = "";

    /// <summary>An empty text.</summary>
    public string Text { get; set; } = "";

    /// <summary>No texts.</summary>
    public string[] Texts { get; set; } = [];

    /// <summary>A missing key.</summary>
    public uint Key { get; set; }

    /// <summary>No keys.</summary>
    public uint[] Keys { get; set; } = [];

    /// <summary>A number.</summary>
    public float Number { get; set; }

    /// <summary>No numbers.</summary>
    public float[] Numbers { get; set; } = [];

    /// <summary>Recordings with the scores that a model gives them.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputSchema">Schema that it was trained with. Columns of types that labels do not have are left out.</param>
    /// <param name="paths">Paths of the files.</param>
    /// <returns>Rows with Path and Score; those of files that the model leaves out are missing.</returns>
    /// <exception cref="ArgumentException">
    /// The model was not trained with a text column Path, or its scores depend on another one.
    /// </exception>
    public static IDataView Score(
        MLContext mlContext, ITransformer model, DataViewSchema inputSchema, IEnumerable<string> paths)
    {
        if (inputSchema.GetColumnOrNull(nameof(Path)) is not { Type: TextDataViewType })
        {
            throw new ArgumentException(
                $"The model was trained with the columns {string.Join(", ", inputSchema.Select(column => column.Name))}; "
                + "expected a text column Path, of the paths of recordings.");
        }

        IDataView rows = Load(mlContext, inputSchema, paths);
        if (model.IsRowToRowMapper)
        {
            IRowToRowMapper mapper = model.GetRowToRowMapper(rows.Schema);
            string[] others =
            [
                .. mapper.GetDependencies([mapper.OutputSchema["Score"]]).Select(column => column.Name)
                    .Where(name => name != nameof(Path)),
            ];
            if (others.Length > 0)
            {
                throw new ArgumentException(
                    $"The model's scores depend on the column '{string.Join("', '", others)}', which a file does not have; "
                    + "expected a model whose scores depend on Path alone.");
            }
        }

        return model.Transform(rows);
    }

    private static IDataView Load(MLContext mlContext, DataViewSchema inputSchema, IEnumerable<string> paths)
    {
        SchemaDefinition columns = SchemaDefinition.Create(typeof(UnlabelledRecording));
        columns.Clear();
        foreach (DataViewSchema.Column column in inputSchema.Where(column => !column.IsHidden))
        {
            string? member = column.Name == nameof(Path) ? nameof(Path) : MemberOf(column.Type);
            if (member is not null)
            {
                // A new one each time: several columns may be of one member.
                SchemaDefinition.Column added = SchemaDefinition.Create(typeof(UnlabelledRecording))[member];
                (added.ColumnName, added.ColumnType) = (column.Name, column.Type);
                columns.Add(added);
            }
        }

        return mlContext.Data.LoadFromEnumerable(paths.Select(path => new UnlabelledRecording { Path = path }), columns);
    }

    private static string? MemberOf(DataViewType type) => type switch
    {
        TextDataViewType => nameof(Text),
        KeyDataViewType key when key.RawType == typeof(uint) => nameof(Key),
        NumberDataViewType { RawType: var number } when number == typeof(float) => nameof(Number),
        VectorDataViewType { ItemType: TextDataViewType } => nameof(Texts),
        VectorDataViewType { ItemType: KeyDataViewType key } when key.RawType == typeof(uint) => nameof(Keys),
        VectorDataViewType { ItemType: NumberDataViewType number } when number.RawType == typeof(float) => nameof(Numbers),
        _ => null,
    };
}
