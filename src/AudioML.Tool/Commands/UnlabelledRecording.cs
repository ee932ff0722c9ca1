using Microsoft.ML;
using Microsoft.ML.Data;

namespace AudioML.Tool.Commands;

/// <summary>
/// A recording of which the path is known. The other columns that a model was trained with, such as the labels, are empty: a step
/// of it may ask for them.
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

    /// <summary>Recordings as rows that a model can be applied to.</summary>
    /// <param name="mlContext">The context.</param>
    /// <param name="inputSchema">Schema that the model was trained with. Columns of types that labels do not have are left out.</param>
    /// <param name="paths">Paths of the files.</param>
    public static IDataView Load(MLContext mlContext, DataViewSchema inputSchema, IEnumerable<string> paths)
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
