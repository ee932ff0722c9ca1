using Microsoft.ML.Data;

namespace Microsoft.ML.AudioDatasets.Datasets;

/// <summary>A column of a data set: which field of <see cref="Clip"/> it shows, and under which name.</summary>
/// <param name="Field">The field.</param>
/// <param name="Name">The column's name.</param>
/// <param name="Labels">The label set that its labels are of, or null if it has none.</param>
internal sealed record ClipColumn(string Field, string Name, AudioLabelSet? Labels = null)
{
    /// <summary>The columns that all data sets begin with.</summary>
    public static ClipColumn[] Recording { get; } =
    [
        new(nameof(Clip.Path), "Path"), new(nameof(Clip.Name), "Clip"), new(nameof(Clip.Start), "Start"),
        new(nameof(Clip.Duration), "Duration"),
    ];

    public static ClipColumn Split { get; } = Plain(nameof(Clip.Split));

    public static ClipColumn Fold { get; } = Plain(nameof(Clip.Fold));

    public static ClipColumn Video { get; } = Plain(nameof(Clip.Video));

    public static ClipColumn Participant { get; } = Plain(nameof(Clip.Participant));

    /// <summary>A column without labels that is called as its field.</summary>
    public static ClipColumn Plain(string field) => new(field, field);

    /// <summary>One class a clip, as text.</summary>
    public static ClipColumn Label(AudioLabelSet labels) => new(nameof(Clip.Label), "Label", labels);

    /// <summary>Any number of classes a clip, as a vector of text.</summary>
    public static ClipColumn Tags(AudioLabelSet labels) => new(nameof(Clip.Labels), "Label", labels);

    /// <summary>One slot a class, NaN where it is unlabelled.</summary>
    public static ClipColumn Mask(AudioLabelSet labels) => new(nameof(Clip.LabelMask), "Label", labels);

    /// <summary>The labels, onsets and offsets of events.</summary>
    public static ClipColumn[] Events(AudioLabelSet labels) =>
        [Tags(labels), new(nameof(Clip.Onset), "Onsets"), new(nameof(Clip.Offset), "Offsets")];

    /// <summary>The schema of a data view with such columns, for ML.NET's own views over objects.</summary>
    public static SchemaDefinition ToSchema(IReadOnlyList<ClipColumn> columns)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(Clip));
        SchemaDefinition.Column[] all = [.. schema];
        schema.Clear();
        foreach (ClipColumn column in columns)
        {
            SchemaDefinition.Column item = all.Single(candidate => candidate.MemberName == column.Field);
            item.ColumnName = column.Name;
            if (column.Field == nameof(Clip.LabelMask))
            {
                Describe(item, column.Labels!);
            }

            schema.Add(item);
        }

        return schema;
    }

    private static void Describe(SchemaDefinition.Column column, AudioLabelSet labels)
    {
        ReadOnlyMemory<char>[] names = [.. labels.Labels.Select(label => label.AsMemory())];
        column.ColumnType = new VectorDataViewType(NumberDataViewType.Single, names.Length);
        column.AddAnnotation(
            "SlotNames",
            new VBuffer<ReadOnlyMemory<char>>(names.Length, names),
            new VectorDataViewType(TextDataViewType.Instance, names.Length));
    }
}
