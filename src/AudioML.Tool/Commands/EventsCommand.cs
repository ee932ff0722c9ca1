using AudioML.Tool.Terminal;
using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioShards;
using Microsoft.ML.AudioTransformers;

namespace AudioML.Tool.Commands;

/// <summary>Finds sound events in recordings of any length.</summary>
internal static class EventsCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        Argument<FileInfo[]> files = Sharding.Files();
        Option<FileInfo> model = Shared.Model();
        model.Description = "A detector of sound events that the library saved (.zip).";
        Option<bool> json = Shared.Json();
        var sharding = new Sharding();
        var command = new Command(
            "events",
            "Find which sounds are heard, from when to when.\n\n"
            + "  audioml events -m detector.zip night.flac\n"
            + "  audioml events -m detector.zip recordings --shard 3/8 -o events")
        {
            files, model, sharding.Shard, sharding.Parts, sharding.Workers, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            if (parsed.GetValue(sharding.Shard) is not null)
            {
                return sharding.Run(
                    parsed,
                    sharding.OneFolder(parsed.GetValue(files)!),
                    AudioShardKind.Events,
                    parsed.GetValue(model)!,
                    context => (Shared.LoadModel(context, parsed.GetValue(model)!, out DataViewSchema schema), schema),
                    parsed.GetValue(json),
                    cancellation);
            }

            var mlContext = new MLContext(seed: 1);
            SoundEventDetectionTransformer detector = Shared.LoadModel(mlContext, parsed.GetValue(model)!)
                .FindTransformer<SoundEventDetectionTransformer>();
            var output = new Output(parsed.GetValue(json));
            foreach (FileInfo file in parsed.GetValue(files)!)
            {
                using AudioReader recording = AudioReader.Open(file.FullName);
                foreach (SoundEvent found in detector.DetectEvents(recording, file.ToString()))
                {
                    cancellation.ThrowIfCancellationRequested();
                    output.Result(
                        new
                        {
                            file = found.Clip,
                            label = found.Label,
                            onset = found.Onset,
                            offset = found.Offset,
                            score = found.Score,
                        },
                        FormattableString.Invariant(
                            $"{found.Clip}\t{found.Onset:F2}\t{found.Offset:F2}\t{found.Label}\t{found.Score:F3}"));
                }
            }

            return ExitCode.Done;
        }));
        return command;
    }
}
