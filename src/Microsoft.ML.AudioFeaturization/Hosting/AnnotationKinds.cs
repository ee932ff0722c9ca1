using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>
/// The names under which ML.NET keeps a column's annotations; its own list of them is internal.
/// </summary>
internal static class AnnotationKinds
{
    public const string SlotNames = "SlotNames";
    public const string KeyValues = "KeyValues";
    public const string ScoreColumnKind = "ScoreColumnKind";
    public const string ScoreColumnSetId = "ScoreColumnSetId";
    public const string ScoreValueKind = "ScoreValueKind";
    public const string TrainingLabelValues = "TrainingLabelValues";

    /// <summary>
    /// The rows that a view leaves out, since their recordings cannot be read, as far as its cursors have found them when the
    /// value is asked for; a vector of text: see <see cref="SkippedRow"/>.
    /// </summary>
    public const string SkippedRows = "AudioSkippedRows";

    /// <summary>Adds a text value.</summary>
    public static void AddText(this DataViewSchema.Annotations.Builder builder, string kind, string value) =>
        builder.AddPrimitiveValue(kind, TextDataViewType.Instance, value.AsMemory());

    /// <summary>Adds a vector of texts, such as the names of a score's slots.</summary>
    public static void AddTexts(this DataViewSchema.Annotations.Builder builder, string kind, IReadOnlyList<string> values)
    {
        ReadOnlyMemory<char>[] texts = values.Select(value => value.AsMemory()).ToArray();
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter =
            (ref VBuffer<ReadOnlyMemory<char>> destination) => Fill(ref destination, texts);
        builder.Add(kind, new VectorDataViewType(TextDataViewType.Instance, texts.Length), getter);
    }

    /// <summary>Copies values into a vector.</summary>
    public static void Fill<T>(ref VBuffer<T> destination, ReadOnlySpan<T> values)
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, values.Length);
        values.CopyTo(editor.Values);
        destination = editor.Commit();
    }
}
