using System.Text.Json.Nodes;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Scoring.Exports;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring.Ensembles;

/// <summary>Export of an ensemble to one ONNX file.</summary>
internal static class EnsembleExport
{
    /// <inheritdoc cref="AudioEnsembleTransformer.SaveOnnx"/>
    public static void Save(
        IReadOnlyList<ITransformer> models, AudioEnsembleTransformer.Description description, string path,
        OnnxExportOptions? options)
    {
        AudioModelParameters[] members = [.. models.Select((model, i) => Find(model, description.Name(i)))];
        AudioModelParameters first = members[0];
        var export = new OnnxExport(options, first.Task.ExportName);
        bool isOneColumn = members.Select(member => member.Description.FeatureColumnName).Distinct().Count() == 1;
        List<OnnxValue> scores = [];
        for (int i = 0; i < members.Length; i++)
        {
            AudioModelParameters member = members[i];
            int[] order = [.. first.ClassNames.Select(name => member.ClassNames.ToList().IndexOf(name))];
            if (member.Task.ExportName != first.Task.ExportName || order.Length != member.ClassNames.Count
                || order.Contains(-1) || order.Distinct().Count() < order.Length)
            {
                throw new NotSupportedException(
                    $"{description.Name(i)} has other labels than {description.Name(0)}, or another task; expected the same of "
                    + "all models.");
            }

            // The caller cuts a long clip once for the whole graph.
            if (WindowsOf(member) != WindowsOf(first))
            {
                throw new NotSupportedException(
                    $"{description.Name(i)} hears {WindowsOf(member)}, and {description.Name(0)} {WindowsOf(first)}; expected the "
                    + $"same {nameof(ModelDescription.LongClips)} and {nameof(ModelDescription.Windows)} of all models.");
            }

            OnnxValue own = member.Export(
                export, members.Length == 1 ? "" : $"model{i + 1}.",
                isOneColumn ? null : member.Description.FeatureColumnName);
            scores.Add(order.SequenceEqual(Enumerable.Range(0, order.Length))
                ? own
                : own.Gather(1, Array.ConvertAll(order, label => (long)label)));
        }

        first.Task.Export(export, OnnxExport.Mean(scores));
        string[] names = [.. members.Select(member => member.ArchitectureName)];
        export.Describe(OnnxMetadata.Model, names);
        export.Describe(OnnxMetadata.Labels, first.ClassNames);
        export.Describe(OnnxMetadata.Description, DescriptionOf(first.Task, description));
        if (isOneColumn)
        {
            export.DescribeText(OnnxMetadata.FeatureColumn, first.Description.FeatureColumnName);
        }

        first.DescribeWindows(export);
        export.Save(path, $"Ensemble of {string.Join(", ", names)}, {first.Task.ExportName} of clips.");
    }

    /// <summary>The first model's task with the columns of the ensemble, which has no others.</summary>
    private static JsonNode DescriptionOf(ScoredTask task, AudioEnsembleTransformer.Description description)
    {
        JsonObject saved = JsonNode.Parse(SavedModel.ToJson<object>(task))!.AsObject();
        if (task.IsSingleLabel is not null)
        {
            saved.Remove(nameof(ClassColumns.Top));
            saved[nameof(description.ScoreColumnName)] = description.ScoreColumnName;
            saved[nameof(description.PredictedLabelColumnName)] = description.PredictedLabelColumnName;
        }

        return saved;
    }

    /// <summary>How a model hears long clips, in words: of two models that hear them alike, the same text.</summary>
    private static string WindowsOf(AudioModelParameters model) => model.Description.CreateGrid() is not { } grid
        ? "the beginning of long clips"
        : FormattableString.Invariant(
            $"windows of {Seconds(grid.Length, model)} s every {Seconds(grid.Hop, model)} s (")
        + string.Join(", ", OptionCheck.Values(model.Description.Windows ?? new WindowOptions())
            .Select(option => $"{option.Name} {option.Value}")) + ")";

    private static double Seconds(int samples, AudioModelParameters model) =>
        (double)samples / model.Description.FrontEnd!.SampleRate;

    // Models of an ensemble are often pipelines that load files first and turn keys into names at the end.
    private static AudioModelParameters Find(ITransformer model, string name)
    {
        AudioModelTransformer[] found = [.. Parts(model).OfType<AudioModelTransformer>()];
        return found.Length == 1
            ? found[0].Model
            : throw new NotSupportedException(
                $"{name} is {model.GetType().Name} with {found.Length} classifiers or taggers of this library; expected one to "
                + "export.");
    }

    private static IEnumerable<ITransformer> Parts(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(Parts) : [model];
}
