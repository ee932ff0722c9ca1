using System.Text.Json;
using System.Text.RegularExpressions;
using AudioMLNet.TestSupport;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioML.Tool.Tests;

/// <summary>The program as a process: what it prints, writes and returns.</summary>
[TestClass]
public sealed class ToolTests
{
    private static readonly string s_folder = Directory.CreateTempSubdirectory("audioml").FullName;

    /// <summary>Makes recordings of two classes, and trains the model that the tests use.</summary>
    [ClassInitialize]
    public static void Train(TestContext context)
    {
        for (int i = 0; i < 20; i++)
        {
            string path = Path.Combine(s_folder, "sounds", i % 2 == 0 ? "düşük" : "high", $"{i}.wav");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AudioFile.Write(path, Tone(i % 2 == 0 ? 300 : 1500, 0.3, i), 16_000, format: AudioFileFormat.WavPcm16);
        }

        ToolRun run = ToolProcess.Run(s_folder, "train", "sounds", "--epochs", "6", "--json");

        Assert.AreEqual(0, run.ExitCode, run.ToString());
        JsonElement result = JsonDocument.Parse(run.Output).RootElement;
        Assert.AreEqual(Path.Combine(s_folder, "sounds.zip"), result.GetProperty("model").GetString());
        Assert.AreEqual(1.0, result.GetProperty("accuracy").GetDouble(), run.ToString());
        StringAssert.Contains(run.Error, "PaSST for ");
        StringAssert.Contains(run.Error, "epoch 6/6: loss 0.");
        Assert.IsFalse(Directory.Exists(Path.Combine(s_folder, "sounds.zip.training")));
    }

    [ClassCleanup]
    public static void Delete()
    {
        Directory.Delete(s_folder, recursive: true);
        ToolProcess.Clean();
    }

    [TestMethod]
    public void SweepKeepsTheBestModel()
    {
        // As a pod of the Indexed Job, which is a worker.
        ToolRun run = ToolProcess.RunWith(
            s_folder, new() { ["JOB_COMPLETION_INDEX"] = "1" },
            [
                .. Cluster.CommandOf("sweep-job.yaml", s_folder).Select(word => word == "50" ? "2" : word), "--epochs", "1", "--json",
            ]);

        Assert.AreEqual(0, run.ExitCode, run.ToString());
        JsonElement result = JsonDocument.Parse(run.Output).RootElement;
        Assert.AreEqual(2, result.GetProperty("trials").GetInt32());
        Assert.IsTrue(File.Exists(result.GetProperty("model").GetString()), run.ToString());
        StringAssert.Contains(run.Error, "trial 1 ");
        Assert.HasCount(3, File.ReadAllLines(Path.Combine(s_folder, "sweep", "trials.csv")));
    }

    [TestMethod]
    public void EmbedPrintsAVectorForEachRecording()
    {
        ToolProcess.Run(s_folder, "export", "safetensors", "e.safetensors", "-m", "sounds.zip");
        string first = Path.Combine("sounds", "high", "1.wav"), second = Path.Combine("sounds", "düşük", "2.wav");
        ToolRun run = ToolProcess.Run(s_folder, "embed", "--weights", "e.safetensors", first, second, first, "--json");

        Assert.AreEqual(0, run.ExitCode, run.ToString());
        JsonElement[] lines = [.. run.Output.Trim().Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        CollectionAssert.AreEqual(
            new[] { first, second, first }, lines.Select(line => line.GetProperty("file").GetString()).ToArray());
        float[][] vectors = [.. lines.Select(line => line.GetProperty("embedding").EnumerateArray()
            .Select(value => value.GetSingle()).ToArray())];
        CollectionAssert.AreEqual(vectors[0], vectors[2]);
        CollectionAssert.AreNotEqual(vectors[0], vectors[1]);
        Assert.IsGreaterThan(1, vectors[0].Distinct().Count());

        // The weights tell no labels.
        ToolRun shard = ToolProcess.Run(
            s_folder, "embed", "--weights", "e.safetensors", Path.Combine("sounds", "high"), "--shard", "0/1", "-o", "vectors");
        Assert.AreEqual(0, shard.ExitCode, shard.ToString());
        IDataView embedded = new MLContext().Data.LoadScores(Path.Combine(s_folder, "vectors"));
        int row = Array.IndexOf([.. embedded.GetColumn<string>("Path")], "1.wav");
        float[] vector = embedded.GetColumn<float[]>("Embedding").ElementAt(row);
        Assert.HasCount(vectors[0].Length, vector);
        Assert.IsTrue(vector.Zip(vectors[0], (one, other) => Math.Abs(one - other)).Max() < 1e-4f);
    }

    [TestMethod]
    public void TagNamesTheLikeliestClasses()
    {
        string file = Path.Combine("sounds", "high", "1.wav");
        ToolRun text = ToolProcess.Run(s_folder, "tag", "-m", "sounds.zip", file, "-k", "1");
        Assert.AreEqual(0, text.ExitCode, text.ToString());
        StringAssert.Matches(text.Output.Trim(), new(@"^sounds.high.1\.wav: high (0\.\d{3}|1\.000)$"));

        string other = Path.Combine("sounds", "düşük", "2.wav");
        ToolRun json = ToolProcess.Run(s_folder, "tag", "-m", "sounds.zip", file, other, "--json");
        JsonElement[] lines = [.. json.Output.Trim().Split('\n').Select(line => JsonDocument.Parse(line).RootElement)];
        CollectionAssert.AreEqual(
            new[] { "high", "düşük" },
            lines.Select(line => line.GetProperty("tags")[0].GetProperty("label").GetString()).ToArray());
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void ScoreWritesShardsOfAFolder()
    {
        string broken = Path.Combine(s_folder, "sounds", "broken.wav");
        File.WriteAllText(broken, "RIFF no more");
        try
        {
            var mlContext = new MLContext();
            ToolRun whole = ToolProcess.Run(s_folder, "score", "sounds", "-m", "sounds.zip", "-o", "whole", "--json");
            Assert.AreEqual(0, whole.ExitCode, whole.ToString());
            JsonElement result = JsonDocument.Parse(whole.Output).RootElement;
            Assert.AreEqual((21, 1, 0), (
                result.GetProperty("recordings").GetInt32(), result.GetProperty("unscored").GetInt32(),
                result.GetProperty("resumed").GetInt32()));
            StringAssert.Contains(whole.Error, "1 without scores");

            // Where none can be read, it is no success.
            Directory.CreateDirectory(Path.Combine(s_folder, "damaged"));
            File.Copy(broken, Path.Combine(s_folder, "damaged", "broken.wav"));
            Assert.AreEqual(4, ToolProcess.Run(s_folder, "score", "damaged", "-m", "sounds.zip", "-o", "none").ExitCode);

            // One half as a pod of the Indexed Job, and one as a task of Slurm's array.
            string data = Path.Combine(s_folder, "cluster");
            Directory.CreateDirectory(data);
            Directory.CreateSymbolicLink(Path.Combine(data, "recordings"), Path.Combine(s_folder, "sounds"));
            File.CreateSymbolicLink(Path.Combine(data, "model.zip"), Path.Combine(s_folder, "sounds.zip"));
            ToolRun[] tasks = [.. ((Func<ToolRun>[])
            [
                () => ToolProcess.RunWith(
                    s_folder, new() { ["JOB_COMPLETION_INDEX"] = "0" },
                    [.. Cluster.CommandOf("score-job.yaml", data).Select(word => word == "auto/8" ? "auto/2" : word)]),
                () => ToolProcess.RunScript(s_folder, Cluster.PathOf("score.sbatch"), new()
                {
                    ["DATA"] = data, ["SLURM_ARRAY_TASK_ID"] = "1", ["SLURM_ARRAY_TASK_MIN"] = "0", ["SLURM_ARRAY_TASK_COUNT"] = "2",
                    ["SLURM_CPUS_PER_TASK"] = "4",
                }),
            ]).AsParallel().AsOrdered().Select(run => run())];
            Assert.IsTrue(tasks.All(task => task.ExitCode == 0), string.Join<ToolRun>('\n', tasks));

            mlContext.Data.JoinScores(Path.Combine(s_folder, "whole"), Path.Combine(s_folder, "whole.parquet"));
            mlContext.Data.JoinScores(Path.Combine(s_folder, "cluster", "scores"), Path.Combine(s_folder, "halves.parquet"));
            CollectionAssert.AreEqual(
                File.ReadAllBytes(Path.Combine(s_folder, "whole.parquet")),
                File.ReadAllBytes(Path.Combine(s_folder, "halves.parquet")));
            IDataView scores = mlContext.Data.LoadScores(Path.Combine(s_folder, "cluster", "scores"));
            string[] paths = [.. scores.GetColumn<string>("Path")];
            Assert.HasCount(20, paths);
            CollectionAssert.AreEqual(
                paths.Select(path => path.Split('/')[0]).ToArray(), scores.GetColumn<string>("PredictedLabel").ToArray());
            VBuffer<ReadOnlyMemory<char>> names = default;
            scores.Schema["Score"].GetSlotNames(ref names);
            CollectionAssert.AreEquivalent(
                new[] { "düşük", "high" }, names.DenseValues().Select(name => name.ToString()).ToArray());
        }
        finally
        {
            File.Delete(broken);
        }
    }

    [TestMethod]
    public void EvaluateInspectAndExport()
    {
        ToolRun evaluated = ToolProcess.Run(
            s_folder, "evaluate", "sounds", "-m", "sounds.zip", "--report", "page.html", "--json");
        Assert.AreEqual(1.0, JsonDocument.Parse(evaluated.Output).RootElement.GetProperty("accuracy").GetDouble());
        Assert.IsTrue(File.Exists(Path.Combine(s_folder, "page.html")));

        JsonElement model = JsonDocument.Parse(ToolProcess.Run(s_folder, "inspect", "sounds.zip", "--json").Output).RootElement;
        Assert.AreEqual("PaSST", model.GetProperty("architecture").GetString());
        JsonElement audio = JsonDocument.Parse(
            ToolProcess.Run(s_folder, "inspect", Path.Combine("sounds", "high", "1.wav"), "--json").Output).RootElement;
        Assert.AreEqual((16_000, 1, 0.3), (
            audio.GetProperty("sampleRate").GetInt32(), audio.GetProperty("channels").GetInt32(),
            audio.GetProperty("seconds").GetDouble()));

        ToolRun exported = ToolProcess.Run(s_folder, "export", "safetensors", "w.safetensors", "-m", "sounds.zip");
        Assert.AreEqual(0, exported.ExitCode, exported.ToString());
        ToolRun weights = ToolProcess.Run(s_folder, "tag", "-m", "w.safetensors", Path.Combine("sounds", "high", "1.wav"));
        StringAssert.Contains(weights.Output, "1.wav: high ", weights.ToString());

        ToolRun graph = ToolProcess.Run(s_folder, "export", "onnx", "w.onnx", "-m", "sounds.zip", "--json");
        Assert.AreEqual(0, graph.ExitCode, graph.ToString());
        string path = JsonDocument.Parse(graph.Output).RootElement.GetProperty("file").GetString()!;
        Assert.AreEqual(Path.Combine(s_folder, "w.onnx"), path);

        // The metadata of an ONNX file is text in it, as its specification has them (ModelProto.metadata_props).
        string content = System.Text.Encoding.UTF8.GetString(File.ReadAllBytes(path));
        StringAssert.Contains(content, "audio.task");
        StringAssert.Contains(content, "classification");
        StringAssert.Contains(content, "\"high\"");
    }

    [TestMethod]
    public void ListenHearsSamplesOnStandardInput()
    {
        byte[] bytes = [.. Tone(1500, 1, 3).SelectMany(sample => BitConverter.GetBytes((short)(sample * 32767)))];

        ToolRun run = ToolProcess.RunWithInput(s_folder, bytes, "listen", "-m", "sounds.zip", "--json");

        Assert.AreEqual(0, run.ExitCode, run.ToString());
        JsonElement first = JsonDocument.Parse(run.Output.Split('\n')[0]).RootElement;
        Assert.AreEqual("high", first.GetProperty("labels")[0].GetString());
    }

    [TestMethod]
    public void ItRunsUnderACultureWithCommas()
    {
        RequiredTool.Check(ToolProcess.HasCultures, "ICU, which knows the cultures");

        // A number that is parsed and printed by the culture would be 0,25 there.
        ToolRun run = ToolProcess.Run(
            s_folder, "train", "sounds", "--epochs", "1", "--test-share", "0.25", "-o", "commas.zip");

        Assert.AreEqual(0, run.ExitCode, run.ToString());
        StringAssert.Matches(run.Output, new(@"^accuracy [01]\.\d{3} on \d clips"));
        StringAssert.Matches(run.Error, new(@"epoch 1/1: loss \d+\.\d+"));
    }

    [TestMethod]
    public void FailuresHaveCodesAndOneLine()
    {
        (int Code, string Message, string[] Arguments)[] failures =
        [
            (2, "--help", ["tag"]),
            (2, "--help", ["train", "sounds", "--model", "bert"]),
            (3, "There is no folder and no table 'nowhere'", ["train", "nowhere"]),
            (3, "There is no model 'no.zip'", ["tag", "-m", "no.zip", "a.wav"]),
            (4, "", ["tag", "-m", "sounds.zip", "broken.wav"]),
            (5, "Option Epochs is 0; expected 1 or more.", ["train", "sounds", "--epochs", "0"]),
            (2, "--help", ["score", "sounds", "-m", "sounds.zip", "--shard"]),
            (4, "Shard '2/2' is 2/2", ["score", "sounds", "-m", "sounds.zip", "--shard", "2/2"]),
            (5, "no SoundEventDetectionTransformer", ["events", "-m", "sounds.zip", "broken.wav"]),
        ];
        File.WriteAllText(Path.Combine(s_folder, "broken.wav"), "RIFF no more");
        AssertFailures(failures);
    }

    /// <summary>Standard input is a pipe, as a shell's &lt;(...) is, with a link to it that leads to no file.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void PipesAreRefused()
    {
        using var table = new SpecialFile("pipe", Path.Combine(s_folder, "pipe.csv"));
        using var model = new SpecialFile("pipe", Path.Combine(s_folder, "pipe.zip"));
        AssertFailures(
        [
            (4, "pipe.csv' is empty, or a pipe or a device", ["train", "pipe.csv"]),
            (4, "pipe.zip' is empty, or a pipe or a device", ["tag", "-m", "pipe.zip", "a.wav"]),
            (4, "'/dev/stdin' is a link to '/proc", ["train", "/dev/stdin"]),
            (4, "'/dev/stdin' is a pipe; expected an audio file", ["tag", "-m", "sounds.zip", "/dev/stdin"]),
        ]);
    }

    private static void AssertFailures((int Code, string Message, string[] Arguments)[] failures) =>
        Parallel.ForEach(failures, new ParallelOptions { MaxDegreeOfParallelism = 2 }, failure =>
        {
            ToolRun run = ToolProcess.Run(s_folder, failure.Arguments);
            Assert.AreEqual(failure.Code, run.ExitCode, string.Join(' ', failure.Arguments) + "\n" + run);
            StringAssert.Contains(run.Error, failure.Message);
            Assert.AreEqual("", run.Output);
            Assert.DoesNotContain("   at ", run.Error);
        });

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void ANarrowTerminalShowsABar()
    {
        ToolRun run = ToolProcess.RunInTerminal(s_folder, 50, "train", "sounds", "--epochs", "2", "-o", "narrow.zip");

        Assert.AreEqual(0, run.ExitCode, run.ToString());
        string[] lines = [.. Regex.Replace(run.Output, @"\e\[[0-9;?]*[A-Za-z]", "").Split('\r', '\n')];
        string last = lines.Last(line => line.StartsWith("2/2 loss ", StringComparison.Ordinal));
        StringAssert.Matches(last.TrimEnd(), new(@"^2/2 loss \d\.\d{3} ━{10} 100% 00:00:00$"));
        Assert.IsLessThanOrEqualTo(50, last.Length);
        StringAssert.Matches(run.Output, new(@"accuracy [01]\.\d{3} on \d clips"));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void InterruptSavesAndTheSameCommandGoesOn()
    {
        // More epochs than end before the signal comes, however fast they are; so the second run is interrupted as well.
        string[] train = ["train", "sounds", "--epochs", "5000", "-o", "stopped.zip"];

        ToolRun stopped = ToolProcess.Interrupt(
            s_folder, line => line.StartsWith("epoch 2/5000", StringComparison.Ordinal), train);

        Assert.AreEqual(130, stopped.ExitCode, stopped.ToString());
        StringAssert.Contains(stopped.Error, "the same command goes on where it stopped");
        Assert.IsTrue(File.Exists(Path.Combine(s_folder, "stopped.zip")));

        ToolRun resumed = ToolProcess.Interrupt(
            s_folder, line => line.StartsWith("epoch ", StringComparison.Ordinal), train);
        Assert.AreEqual(130, resumed.ExitCode, resumed.ToString());
        StringAssert.Contains(resumed.Error, "Resuming from ");
        Assert.DoesNotContain("epoch 1/5000", resumed.Error);
    }

    [TestMethod]
    public void HelpShowsExamplesAndCompletionCommands()
    {
        StringAssert.Contains(ToolProcess.Run(s_folder, "train", "--help").Output, "audioml train clips.csv --model htsat");
        StringAssert.Contains(ToolProcess.Run(s_folder, "completion", "bash").Output, "complete -o default -F _audioml audioml");
        string suggested = ToolProcess.Run(s_folder, "[suggest:9]", "audioml t").Output;
        CollectionAssert.IsSubsetOf(new[] { "tag", "train" }, suggested.Split('\n', StringSplitOptions.TrimEntries));
    }

    private static float[] Tone(double pitch, double seconds, int seed)
    {
        var random = new Random(seed);
        double tuned = pitch * (0.95 + (0.1 * random.NextDouble()));
        return [.. Enumerable.Range(0, (int)(seconds * 16_000)).Select(
            i => (float)((0.4 * Math.Sin(Math.Tau * tuned * i / 16_000)) + (0.01 * random.NextDouble())))];
    }
}
