using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>
/// Reader of the datasets of action recognition: clips with a verb and a noun each, as targets with 1 for one verb and one
/// noun.
/// </summary>
internal sealed class ActionReader(
    ActionRecognitionTrainer.Options options, ActionTask task, FeatureReader features, IChannel channel)
    : ClipReader(options.Model, features, channel)
{
    public override AudioTask Task => task;

    /// <summary>Reads the training set, which must have at least two verbs and two nouns.</summary>
    public override ClipDataset ReadTraining(IDataView data)
    {
        ClipDataset clips = Read(data, TrainingSet);
        int[] counts = clips.CountClasses(task.Verbs.Count + task.Nouns.Count);
        CheckClasses(options.VerbColumnName, task.Verbs, counts.AsSpan(0, task.Verbs.Count), clips.Count);
        CheckClasses(options.NounColumnName, task.Nouns, counts.AsSpan(task.Verbs.Count), clips.Count);
        return clips;
    }

    /// <summary>Reads the validation set, which must have the verbs and nouns of the training set.</summary>
    public override ClipDataset ReadValidation(IDataView data, ClipDataset training)
    {
        CheckSame(data.Schema, options.VerbColumnName, "Verb", task.Verbs);
        CheckSame(data.Schema, options.NounColumnName, "Noun", task.Nouns);
        return Read(data, ValidationSet);
    }

    private ClipDataset Read(IDataView data, string what)
    {
        DataViewSchema.Column verbs = SchemaChecks.GetColumn(data.Schema, options.VerbColumnName, "Verb");
        DataViewSchema.Column nouns = SchemaChecks.GetColumn(data.Schema, options.NounColumnName, "Noun");
        return Read(
            data, what, [verbs, nouns], Labels,
            $"both a verb in column '{options.VerbColumnName}' and a noun in column '{options.NounColumnName}'");

        Func<ClipLabels?> Labels(DataViewRowCursor cursor)
        {
            ValueGetter<uint> verbGetter = cursor.GetGetter<uint>(verbs);
            ValueGetter<uint> nounGetter = cursor.GetGetter<uint>(nouns);
            uint verb = 0;
            uint noun = 0;
            return () =>
            {
                verbGetter(ref verb);
                nounGetter(ref noun);
                if (verb == 0 || noun == 0)
                {
                    return null;
                }

                var targets = new float[task.Verbs.Count + task.Nouns.Count];
                targets[verb - 1] = 1;
                targets[task.Verbs.Count + noun - 1] = 1;
                return new ClipLabels(0, targets);
            };
        }
    }

    private static void CheckSame(DataViewSchema schema, string columnName, string role, LabelKeys labels) =>
        CheckSameKeys(columnName, LabelKeys.Read(SchemaChecks.GetColumn(schema, columnName, role)), labels);
}
