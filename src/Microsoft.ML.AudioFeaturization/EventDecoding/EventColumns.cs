using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.EventDecoding;

/// <summary>
/// Columns that a detector of sound events adds: the score, a vector of Single with one named slot a class; and the events in
/// order of onset: labels, a vector of keys, and onsets, offsets and scores, vectors of Single.
/// </summary>
internal static class EventColumns
{
    public const int Score = 0;
    public const int Labels = 1;
    public const int Onsets = 2;
    public const int Offsets = 3;
    public const int Scores = 4;

    public static DataViewSchema.DetachedColumn[] Create(
        IReadOnlyList<string> classNames, IReadOnlyList<string> eventNames, string scoreName, string prefix)
    {
        var score = new DataViewSchema.Annotations.Builder();
        score.AddTexts(AnnotationKinds.SlotNames, classNames);
        var labels = new DataViewSchema.Annotations.Builder();
        labels.AddTexts(AnnotationKinds.KeyValues, eventNames);
        var numbers = new VectorDataViewType(NumberDataViewType.Single);
        var keys = new VectorDataViewType(new KeyDataViewType(typeof(uint), eventNames.Count));
        return
        [
            new(scoreName, new VectorDataViewType(NumberDataViewType.Single, classNames.Count), score.ToAnnotations()),
            new($"{prefix}{nameof(Labels)}", keys, labels.ToAnnotations()),
            new($"{prefix}{nameof(Onsets)}", numbers),
            new($"{prefix}{nameof(Offsets)}", numbers),
            new($"{prefix}{nameof(Scores)}", numbers),
        ];
    }
}
