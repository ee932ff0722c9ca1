using AudioML.Tool.Terminal;
using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;

namespace AudioML.Tool.Commands;

/// <summary>Turns recordings into vectors by published weights.</summary>
internal static class EmbedCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var files = new Argument<FileInfo[]>("files") { Description = "Recordings.", Arity = ArgumentArity.OneOrMore };
        var weights = new Option<FileInfo>("--weights")
        {
            Description = "A file of weights (.pt, .ckpt, .safetensors).",
            Required = true,
        };
        Option<bool> json = Shared.Json();
        var command = new Command(
            "embed",
            "Turn recordings into vectors, for search or for another trainer.\n\n"
            + "  audioml embed --weights passt-s-f128-p16-s10-ap.476-swa.pt a.wav b.wav --json > vectors.jsonl")
        {
            files, weights, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var mlContext = new MLContext(seed: 1);
            AudioTrainerOptions model = mlContext.Model.DescribeAudioCheckpoint(parsed.GetValue(weights)!.FullName)
                .CreateTrainerOptions();
            int rate = model.FrontEnd?.SampleRate ?? throw new InvalidDataException(
                $"'{parsed.GetValue(weights)}' does not tell its front end; expected a file of published weights of sounds.");
            FileInfo[] recordings = parsed.GetValue(files)!;
            IDataView rows = mlContext.Data.LoadFromEnumerable(recordings.Select(file => new Recording { Path = file.FullName }));
            IDataView embedded = mlContext.Transforms.LoadAudio("Waveform", "Path", rate)
                .Append(mlContext.Transforms.ExtractAudioEmbedding(
                    "Embedding", "Waveform", new AudioEmbeddingOptions { Model = model }))
                .Fit(rows).Transform(rows);
            var output = new Output(parsed.GetValue(json));
            foreach ((FileInfo file, float[] embedding) in recordings.Zip(embedded.GetColumn<float[]>("Embedding")))
            {
                cancellation.ThrowIfCancellationRequested();
                output.Result(
                    new { file = file.ToString(), embedding },
                    $"{file}\t" + string.Join(' ', embedding.Select(value => FormattableString.Invariant($"{value:G6}"))));
            }

            return ExitCode.Done;
        }));
        return command;
    }
}
