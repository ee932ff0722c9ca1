using AudioML.Tool.Terminal;
using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.AudioDatasets;
using Microsoft.ML.AudioTransformers;

namespace AudioML.Tool.Commands;

/// <summary>Trains a model on recordings, tests it, and saves it.</summary>
internal static class TrainCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        Argument<string> data = Shared.Data();
        var model = new Option<string>("--model")
        {
            Description = "The model.",
            DefaultValueFactory = _ => "passt",
        };
        model.AcceptOnlyFromAmong("passt", "htsat", "datar", "ast");
        var weights = new Option<FileInfo?>("--weights") { Description = "Published weights to fine-tune; else random ones." };
        var output = new Option<FileInfo?>("--output", "-o") { Description = "The model's file. Default: the data's name, .zip." };
        var rate = new Option<int?>("--rate") { Description = "Sample rate in Hz. Default: that of the weights, or 16000." };
        var epochs = new Option<int?>("--epochs") { Description = "Epochs. Default: chosen by the number of clips." };
        var seed = new Option<int>("--seed") { Description = "Seed.", DefaultValueFactory = _ => 1 };
        var share = new Option<double>("--test-share")
        {
            Description = "Share of the clips to test on, where the data names no splits.",
            DefaultValueFactory = _ => 0.2,
        };
        Option<bool> json = Shared.Json();
        var command = new Command(
            "train",
            "Learn recordings. Model size, rate, epochs and front end are chosen by the clips.\n\n"
            + "  audioml train my-sounds\n"
            + "  audioml train clips.csv --model htsat -o birds.zip\n"
            + "  audioml train my-sounds --weights passt-s-f128-p16-s10-ap.476-swa.pt")
        {
            data, model, weights, output, rate, epochs, seed, share, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            string path = parsed.GetValue(data)!;
            string name = Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
            var request = new Request(
                path,
                parsed.GetValue(output)?.FullName ?? Path.GetFullPath(name + ".zip"),
                parsed.GetValue(weights)?.FullName,
                parsed.GetValue(rate),
                parsed.GetValue(epochs),
                parsed.GetValue(seed),
                parsed.GetValue(share),
                new Output(parsed.GetValue(json)),
                cancellation);
            return parsed.GetValue(model) switch
            {
                "htsat" => Train<HtsAtOptions>(request),
                "datar" => Train<DatarOptions>(request),
                "ast" => Train<AstOptions>(request),
                _ => Train<PasstOptions>(request),
            };
        }));
        return command;
    }

    private static int Train<TOptions>(Request request)
        where TOptions : AudioTrainerOptions
    {
        var mlContext = new MLContext(request.Seed);
        mlContext.Log += (_, log) =>
        {
            // One line tells what was chosen; warnings tell what is not as one expects.
            if (log.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning
                || log.RawMessage.Contains("OptionsFor", StringComparison.Ordinal)
                || log.RawMessage.StartsWith("Resuming", StringComparison.Ordinal))
            {
                Output.Say(log.RawMessage);
            }
        };
        AudioDataset dataset = Shared.ReadData(mlContext, request.Data);
        (IDataView training, IDataView test) = Shared.Split(mlContext, dataset, request.TestShare);
        string workspace = request.Output + ".training";
        int rate = request.Rate ?? Shared.RateOf(mlContext, request.Weights);
        ITransformer model = request.Print.Progress(report => mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Append(mlContext.Transforms.LoadAudio("Waveform", "Path", rate))
            .Append(mlContext.AudioClassification().Trainer<TOptions>(options =>
            {
                options.PretrainedWeights = request.Weights;
                options.Epochs = request.Epochs ?? options.Epochs;
                options.WorkspacePath = workspace;
                options.CancellationToken = request.Cancellation;
                options.MetricsEverySteps = 1;
                options.MetricsCallback = report;
            }))
            .Fit(training));
        mlContext.Model.SaveAudioModel(model, training.Schema, request.Output);
        if (request.Cancellation.IsCancellationRequested)
        {
            Output.Say($"Stopped. '{request.Output}' has the model so far; the same command goes on where it stopped.");
            return ExitCode.Canceled;
        }

        Directory.Delete(workspace, recursive: true);
        AudioClassificationMetrics metrics = mlContext.AudioClassification().Evaluate(model.Transform(test));
        request.Print.Result(
            new { model = request.Output, accuracy = metrics.Accuracy, clips = metrics.ClipCount, classes = metrics.ClassNames },
            FormattableString.Invariant($"accuracy {metrics.Accuracy:F3} on {metrics.ClipCount} clips that it was not ")
            + $"trained on\nsaved {request.Output}");
        return ExitCode.Done;
    }

    private sealed record Request(
        string Data,
        string Output,
        string? Weights,
        int? Rate,
        int? Epochs,
        int Seed,
        double TestShare,
        Output Print,
        CancellationToken Cancellation);
}
