using AudioML.Tool.Terminal;
using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.AudioShards;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;

namespace AudioML.Tool.Commands;

/// <summary>Turns recordings into vectors by published weights.</summary>
internal static class EmbedCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        Argument<FileInfo[]> files = Sharding.Files();
        var weights = new Option<FileInfo>("--weights")
        {
            Description = "A file of weights (.pt, .ckpt, .safetensors).",
            Required = true,
        };
        Option<bool> json = Shared.Json();
        var sharding = new Sharding();
        var command = new Command(
            "embed",
            "Turn recordings into vectors, for search or for another trainer.\n\n"
            + "  audioml embed --weights passt-s-f128-p16-s10-ap.476-swa.pt a.wav b.wav --json > vectors.jsonl\n"
            + "  audioml embed --weights passt-s-f128-p16-s10-ap.476-swa.pt recordings --shard 3/8 -o vectors")
        {
            files, weights, sharding.Shard, sharding.Parts, sharding.Workers, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            FileInfo file = parsed.GetValue(weights)!;
            if (parsed.GetValue(sharding.Shard) is not null)
            {
                return sharding.Run(
                    parsed,
                    sharding.OneFolder(parsed.GetValue(files)!),
                    AudioShardKind.Embeddings,
                    file,
                    context => (Embedder(context, file), InputSchema: null),
                    parsed.GetValue(json),
                    cancellation);
            }

            var mlContext = new MLContext(seed: 1);
            FileInfo[] recordings = parsed.GetValue(files)!;
            IDataView embedded = Embedder(mlContext, file).Transform(
                mlContext.Data.LoadFromEnumerable(recordings.Select(recording => new Recording { Path = recording.FullName })));
            var output = new Output(parsed.GetValue(json));
            foreach ((FileInfo recording, float[] embedding) in recordings.Zip(embedded.GetColumn<float[]>("Embedding")))
            {
                cancellation.ThrowIfCancellationRequested();
                output.Result(
                    new { file = recording.ToString(), embedding },
                    $"{recording}\t" + string.Join(' ', embedding.Select(value => FormattableString.Invariant($"{value:G6}"))));
            }

            return ExitCode.Done;
        }));
        return command;
    }

    private static ITransformer Embedder(MLContext mlContext, FileInfo weights)
    {
        AudioTrainerOptions model = mlContext.Model.DescribeAudioCheckpoint(weights.FullName).CreateTrainerOptions();
        int rate = model.FrontEnd?.SampleRate ?? throw new InvalidDataException(
            $"'{weights}' does not tell its front end; expected a file of published weights of sounds.");
        IDataView none = mlContext.Data.LoadFromEnumerable<Recording>([]);
        return mlContext.Transforms.LoadAudio("Waveform", "Path", rate)
            .Append(mlContext.Transforms.ExtractAudioEmbedding(
                "Embedding", "Waveform", new AudioEmbeddingOptions { Model = model }))
            .Fit(none);
    }
}
