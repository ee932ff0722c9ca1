using AudioML.Tool.Terminal;
using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.AudioDatasets;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AutoML;

namespace AudioML.Tool.Commands;

/// <summary>Tries options of a model, and keeps the best.</summary>
internal static class SweepCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        Argument<string> data = Shared.Data();
        var trials = new Option<int>("--trials") { Description = "Trainings.", DefaultValueFactory = _ => 10 };
        var folder = new Option<DirectoryInfo>("--folder")
        {
            Description = "Folder of the results; a sweep that was stopped goes on in it.",
            DefaultValueFactory = _ => new DirectoryInfo("sweep"),
        };
        var epochs = new Option<int?>("--epochs") { Description = "Epochs of a trial. Default: chosen by the number of clips." };
        var worker = new Option<bool>("--worker")
        {
            Description = "Be one of any number of processes that share the folder, each with the same command, and take trials "
                + "until all are done.",
        };
        Option<bool> json = Shared.Json();
        var command = new Command(
            "sweep",
            "Try options of PaSST on recordings, and keep the best model.\n\n"
            + "  audioml sweep my-sounds --trials 20\n"
            + "  audioml sweep my-sounds --trials 20 --folder shared --worker")
        {
            data, trials, folder, epochs, worker, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var mlContext = new MLContext(seed: 1);
            mlContext.Log += (_, log) =>
            {
                if (log.RawMessage.StartsWith("trial ", StringComparison.Ordinal))
                {
                    Output.Say(log.RawMessage);
                }
            };
            AudioDataset dataset = Shared.ReadData(mlContext, parsed.GetValue(data)!);
            (IDataView training, IDataView validation) = Shared.Split(mlContext, dataset, share: 0.2);
            var reader = mlContext.Transforms.Conversion.MapValueToKey("Label")
                .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", Shared.RateOf(mlContext, weights: null)));
            PasstOptions options = mlContext.AudioClassification().OptionsFor<PasstOptions>(
                reader.Fit(training).Transform(training),
                chosen => chosen.Epochs = parsed.GetValue(epochs) ?? chosen.Epochs);
            AudioSweep sweep = mlContext.CreateAudioSweep(
                reader.Append(mlContext.Auto().Passt(options)),
                new AudioSweep.Options { Trials = parsed.GetValue(trials), Folder = parsed.GetValue(folder)!.FullName });
            AudioSweepResult result = parsed.GetValue(worker)
                ? sweep.Work(training, validation, cancellation)
                : sweep.Run(training, validation, cancellation);
            new Output(parsed.GetValue(json)).Result(
                new { model = result.ModelPath, accuracy = result.BestTrial.Metric, trials = result.Trials.Count },
                FormattableString.Invariant(
                    $"best of {result.Trials.Count}: trial {result.BestTrial.Id}, accuracy {result.BestTrial.Metric:F3}\n")
                + $"saved {result.ModelPath}");
            return ExitCode.Done;
        }));
        return command;
    }
}
