using AudioML.Tool.Terminal;
using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.AudioDatasets;
using Microsoft.ML.AudioTransformers;

namespace AudioML.Tool.Commands;

/// <summary>Evaluates a saved classifier on labelled recordings.</summary>
internal static class EvaluateCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        Argument<string> data = Shared.Data();
        Option<FileInfo> model = Shared.Model();
        var report = new Option<FileInfo?>("--report") { Description = "Write a page (.html) of the metrics." };
        Option<bool> json = Shared.Json();
        var command = new Command(
            "evaluate",
            "Test a model on labelled recordings; of a table with splits, on its test split.\n\n"
            + "  audioml evaluate other-sounds -m my-sounds.zip --report page.html")
        {
            data, model, report, json,
        };
        command.SetAction((parsed, _) => Task.Run(() =>
        {
            var mlContext = new MLContext(seed: 1);
            ITransformer loaded = Shared.LoadModel(mlContext, parsed.GetValue(model)!);
            AudioDataset dataset = Shared.ReadData(mlContext, parsed.GetValue(data)!);
            IDataView clips = dataset.Splits.Contains("test") ? dataset.Test : dataset.All;
            AudioClassificationMetrics metrics = mlContext.AudioClassification().Evaluate(loaded.Transform(clips));
            if (parsed.GetValue(report) is { } page)
            {
                metrics.SaveReport(page.FullName);
            }

            new Output(parsed.GetValue(json)).Result(
                new
                {
                    accuracy = metrics.Accuracy,
                    meanClassAccuracy = metrics.MeanClassAccuracy,
                    macroF1 = metrics.MacroF1,
                    clips = metrics.ClipCount,
                },
                metrics.ToString()!);
            return ExitCode.Done;
        }));
        return command;
    }
}
