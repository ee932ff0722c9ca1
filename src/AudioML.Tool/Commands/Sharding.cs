using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using AudioML.Tool.Terminal;
using Microsoft.ML;
using Microsoft.ML.AudioShards;
using TorchSharp;

namespace AudioML.Tool.Commands;

/// <summary>Options of commands that take a shard of a folder, and how they run.</summary>
internal sealed class Sharding
{
    /// <summary>Argument of recordings, or of the folder that a shard is of.</summary>
    public static Argument<FileInfo[]> Files() => new("files")
    {
        Description = "Recordings; with --shard, a folder of them.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Option of the shard.</summary>
    public Option<string?> Shard { get; } = new("--shard")
    {
        Description = "Score a folder's recordings into Parquet files, as one of n processes: i/n with i from 0 to n - 1; auto/n "
            + "takes i from JOB_COMPLETION_INDEX or SLURM_ARRAY_TASK_ID, auto takes n from Slurm too.",
    };

    /// <summary>Option of the folder of the parts.</summary>
    public Option<DirectoryInfo> Parts { get; } = new("--output", "-o")
    {
        Description = "With --shard: folder of the Parquet files; a run that was stopped goes on in it.",
        DefaultValueFactory = _ => new DirectoryInfo("scores"),
    };

    /// <summary>Option of the number of threads.</summary>
    public Option<int> Workers { get; } = new("--workers")
    {
        Description = "With --shard: recordings at a time, a thread each. Default: one a processor.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    /// <summary>Scores a shard.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="folder">Folder of the recordings.</param>
    /// <param name="kind">What is written of a recording.</param>
    /// <param name="model">File of the model, or folder of its weights.</param>
    /// <param name="load">Loads the model, with the schema that it was trained with; null for a column of paths alone.</param>
    /// <param name="json">Whether the result is JSON.</param>
    /// <param name="cancellation">Ends the scoring after the recordings at hand.</param>
    public int Run(
        ParseResult parsed,
        string folder,
        AudioShardKind kind,
        FileInfo model,
        Func<MLContext, (ITransformer Model, DataViewSchema? InputSchema)> load,
        bool json,
        CancellationToken cancellation)
    {
        var mlContext = new MLContext(seed: 1);
        mlContext.Log += (_, log) =>
        {
            if (log.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning
                || log.RawMessage.StartsWith("shard ", StringComparison.Ordinal))
            {
                Output.Say(log.RawMessage);
            }
        };
        var shard = AudioShard.Parse(parsed.GetValue(Shard) ?? "0/1");

        // A recording a thread: its scores are then the same on any number of processors.
        torch.set_num_threads(1);
        (ITransformer loaded, DataViewSchema? inputSchema) = load(mlContext);
        AudioShardResult result = mlContext.ScoreShard(
            loaded, inputSchema, folder, parsed.GetValue(Parts)!.FullName,
            new AudioShardOptions
            {
                Shard = shard, Kind = kind, Workers = parsed.GetValue(Workers), ModelName = HashOf(model),
            },
            cancellation);
        new Output(json).Result(
            new { part = result.Path, recordings = result.Files, unscored = result.Unscored, resumed = result.Resumed },
            FormattableString.Invariant($"{result.Path}: {result.Files - result.Unscored} of {result.Files} recordings"));
        if (result.Unscored > 0)
        {
            Output.Say(FormattableString.Invariant($"{result.Unscored} without scores: {result.UnscoredPath} says why"));
        }

        // Where nothing can be read, something else is wrong than the recordings: a codec, or rights.
        return result.Files > 0 && result.Unscored == result.Files ? ExitCode.BadData : ExitCode.Done;
    }

    /// <summary>The one folder that a command is given with <c>--shard</c>.</summary>
    /// <exception cref="ArgumentException">It is given more.</exception>
    public string OneFolder(FileInfo[] files) => files is [FileInfo folder]
        ? folder.FullName
        : throw new ArgumentException($"With {Shard.Name}, expected one folder of recordings; {files.Length} were given.");

    // Of a folder, that of its files' names and hashes, in the form of sha256sum.
    private static string HashOf(FileInfo model)
    {
        if (!Directory.Exists(model.FullName))
        {
            return HashOf(model.FullName);
        }

        IEnumerable<string> lines = Directory.EnumerateFiles(model.FullName).Order(StringComparer.Ordinal)
            .Select(path => $"{HashOf(path)}  {Path.GetFileName(path)}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    private static string HashOf(string path)
    {
        using FileStream stream = File.OpenRead(Shared.CheckFile(path));
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
