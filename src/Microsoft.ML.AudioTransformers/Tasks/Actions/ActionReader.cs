using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>
/// Reads clips with a verb and a noun out of a data view, as tags of which one of the verbs and one of the nouns is 1; and
/// says which row and column is wrong.
/// </summary>
internal sealed class ActionReader(
    string verbColumnName,
    string nounColumnName,
    string featureColumnName,
    FeatureReader reader,
    LabelKeys verbs,
    LabelKeys nouns,
    IChannel channel)
{
    /// <summary>Whether memory is to hold labels alone, and the rows are read again each epoch.</summary>
    public bool IsStreamed { get; init; }

    /// <summary>The clips of a training set: at least two verbs and two nouns.</summary>
    /// <exception cref="InvalidDataException">There are no rows, one verb or noun only, or a row is not finite.</exception>
    public ClipDataset ReadTraining(IDataView data)
    {
        ClipDataset clips = Read(data, "training set");
        int[] counts = clips.CountClasses(verbs.Count + nouns.Count);
        CheckClasses(verbColumnName, verbs, counts.AsSpan(0, verbs.Count), clips.Count);
        CheckClasses(nounColumnName, nouns, counts.AsSpan(verbs.Count), clips.Count);
        return clips;
    }

    /// <summary>The clips of a validation set, which has the training set's verbs and nouns.</summary>
    /// <exception cref="InvalidDataException">There are no rows, or the classes are others.</exception>
    public ClipDataset ReadValidation(IDataView data)
    {
        CheckSame(data.Schema, verbColumnName, "Verb", verbs);
        CheckSame(data.Schema, nounColumnName, "Noun", nouns);
        return Read(data, "validation set");
    }

    private ClipDataset Read(IDataView data, string what)
    {
        DataViewSchema.Column verbColumn = SchemaChecks.GetColumn(data.Schema, verbColumnName, "Verb");
        DataViewSchema.Column nounColumn = SchemaChecks.GetColumn(data.Schema, nounColumnName, "Noun");
        DataViewSchema.Column featureColumn = SchemaChecks.GetColumn(data.Schema, featureColumnName, "Feature");
        reader.CheckColumn(featureColumn);
        var clips = new ClipDataset(IsStreamed ? new ClipRows(data, featureColumn, reader, what) : null);
        long rows = 0;
        using (DataViewRowCursor cursor = data.GetRowCursor(
            IsStreamed ? [verbColumn, nounColumn] : [verbColumn, nounColumn, featureColumn]))
        {
            ValueGetter<uint> verbGetter = cursor.GetGetter<uint>(verbColumn);
            ValueGetter<uint> nounGetter = cursor.GetGetter<uint>(nounColumn);
            Func<float[]> values = clips.Rows is null ? reader.Values(cursor, featureColumn) : () => [];
            uint verb = 0;
            uint noun = 0;
            for (; cursor.MoveNext(); rows++)
            {
                verbGetter(ref verb);
                nounGetter(ref noun);
                if (verb == 0 || noun == 0)
                {
                    continue;
                }

                var tags = new float[verbs.Count + nouns.Count];
                tags[verb - 1] = 1;
                tags[verbs.Count + noun - 1] = 1;
                clips.Rows?.Add(rows);
                clips.Add(values(), tags, cursor.Position);
            }
        }

        if (clips.Count == 0)
        {
            throw new InvalidDataException(rows == 0
                ? $"The {what} has no rows."
                : $"None of the {rows} rows of the {what} has both a verb in column '{verbColumnName}' and a noun in column "
                    + $"'{nounColumnName}'.");
        }

        if (clips.Count < rows)
        {
            channel.Warning(
                MessageSensitivity.None,
                $"{rows - clips.Count} of {rows} rows of the {what} lack a verb in column '{verbColumnName}' or a noun in "
                + $"column '{nounColumnName}' and are left out.");
        }

        return clips;
    }

    private void CheckClasses(string columnName, LabelKeys labels, ReadOnlySpan<int> counts, int clips)
    {
        int missing = counts.Count(0);
        if (labels.Count - missing < 2)
        {
            throw new InvalidDataException(
                $"Label column '{columnName}' has one class only in the training set, "
                + $"'{labels.Names[counts.IndexOfAnyExcept(0)]}', in {clips} rows; expected at least two.");
        }

        if (missing > 0)
        {
            channel.Warning(
                MessageSensitivity.None,
                $"{missing} of the {labels.Count} classes of label column '{columnName}' "
                + "have no row in the training set: the model cannot learn them.");
        }
    }

    private static void CheckSame(DataViewSchema schema, string columnName, string role, LabelKeys labels)
    {
        LabelKeys own = LabelKeys.Read(SchemaChecks.GetColumn(schema, columnName, role));
        if (own.Names.SequenceEqual(labels.Names))
        {
            return;
        }

        int different = Enumerable.Range(0, Math.Max(own.Count, labels.Count)).First(
            i => own.Names.ElementAtOrDefault(i) != labels.Names.ElementAtOrDefault(i));
        throw new InvalidDataException(
            $"Key {different + 1} of label column '{columnName}' stands for '{own.Names.ElementAtOrDefault(different)}' in the "
            + $"validation set and for '{labels.Names.ElementAtOrDefault(different)}' in the training set: map both with the "
            + "one fitted MapValueToKey.");
    }
}
