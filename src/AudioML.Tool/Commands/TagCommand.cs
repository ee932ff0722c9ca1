using AudioML.Tool.Terminal;
using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;

namespace AudioML.Tool.Commands;

/// <summary>Names what recordings are, with the likeliest classes.</summary>
internal static class TagCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var files = new Argument<FileInfo[]>("files") { Description = "Recordings.", Arity = ArgumentArity.OneOrMore };
        Option<FileInfo> model = Shared.Model();
        var top = new Option<int>("-k") { Description = "Classes to name.", DefaultValueFactory = _ => 3 };
        Option<bool> json = Shared.Json();
        var command = new Command(
            "tag",
            "Say what recordings are.\n\n"
            + "  audioml tag -m my-sounds.zip a.wav b.mp3\n"
            + "  audioml tag -m passt-s-f128-p16-s10-ap.476-swa.pt street.wav -k 5 --json")
        {
            files, model, top, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() =>
        {
            var mlContext = new MLContext(seed: 1);
            ITransformer loaded = Shared.LoadModel(mlContext, parsed.GetValue(model)!, out DataViewSchema inputSchema);
            IReadOnlyList<string> names = loaded.AudioModel().Model.ClassNames;
            FileInfo[] recordings = parsed.GetValue(files)!;
            IDataView scored = UnlabelledRecording.Score(
                mlContext, loaded, inputSchema, recordings.Select(file => file.FullName));
            var output = new Output(parsed.GetValue(json));

            // A model that was made to leave out damaged recordings gives them no row.
            var unscored = new Queue<FileInfo>(recordings);
            int leftOut = 0;
            using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Path"], scored.Schema["Score"]]);
            ValueGetter<ReadOnlyMemory<char>> readPath = cursor.GetGetter<ReadOnlyMemory<char>>(scored.Schema["Path"]);
            ValueGetter<VBuffer<float>> readScores = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
            ReadOnlyMemory<char> path = default;
            VBuffer<float> values = default;
            while (cursor.MoveNext())
            {
                readPath(ref path);
                readScores(ref values);
                float[] scores = [.. values.DenseValues()];
                for (; !path.Span.SequenceEqual(unscored.Peek().FullName); leftOut++)
                {
                    Output.Say($"{unscored.Dequeue()}: left out by the model, which could not read it.");
                }

                FileInfo file = unscored.Dequeue();
                cancellation.ThrowIfCancellationRequested();
                var tags = names.Zip(scores, (label, score) => new { label, score })
                    .OrderByDescending(tag => tag.score).Take(parsed.GetValue(top)).ToArray();
                output.Result(
                    new { file = file.ToString(), tags },
                    $"{file}: " + string.Join(
                        ", ", tags.Select(tag => FormattableString.Invariant($"{tag.label} {tag.score:F3}"))));
            }

            foreach (FileInfo file in unscored)
            {
                Output.Say($"{file}: left out by the model, which could not read it.");
            }

            return leftOut + unscored.Count > 0 ? ExitCode.BadData : ExitCode.Done;
        }));
        return command;
    }
}
