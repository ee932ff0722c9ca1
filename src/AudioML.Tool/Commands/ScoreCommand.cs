using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.AudioShards;

namespace AudioML.Tool.Commands;

/// <summary>Scores a folder of recordings into Parquet files.</summary>
internal static class ScoreCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Folder of the recordings, and of folders with more." };
        Option<FileInfo> model = Shared.Model();
        Option<bool> json = Shared.Json();
        var sharding = new Sharding();
        var command = new Command(
            "score",
            "Score any number of recordings into Parquet files; a run that was stopped goes on.\n\n"
            + "  audioml score recordings -m my-sounds.zip -o scores\n"
            + "  audioml score recordings -m my-sounds.zip -o scores --shard 3/8")
        {
            folder, model, sharding.Shard, sharding.Parts, sharding.Workers, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() => sharding.Run(
            parsed,
            parsed.GetValue(folder)!,
            AudioShardKind.Scores,
            parsed.GetValue(model)!,
            mlContext => (Shared.LoadModel(mlContext, parsed.GetValue(model)!, out DataViewSchema schema), schema),
            parsed.GetValue(json),
            cancellation)));
        return command;
    }
}
