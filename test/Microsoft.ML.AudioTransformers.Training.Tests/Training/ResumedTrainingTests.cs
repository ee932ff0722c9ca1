using System.Diagnostics;
using System.Globalization;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

[TestClass]
public sealed class ResumedTrainingTests
{
    private const int StepCount = 24;

    public TestContext TestContext { get; set; } = null!;

    /// <summary>Killed processes, one after another, each at a step of its own, then one that is left alone.</summary>
    [TestMethod]
    public void KilledTrainingEndsWithTheWeightsOfAnUnbrokenRun()
    {
        int kills = int.Parse(
            Environment.GetEnvironmentVariable("AUDIOML_TRAINING_KILLS") ?? "3", CultureInfo.InvariantCulture);
        using var folder = new TemporaryFolder();
        string unbroken = FreshProcess.Run(TrainInProcess, folder.File("unbroken"), "0");
        var random = new Random(29);
        for (int i = 0; i < kills; i++)
        {
            string workspace = folder.File($"killed{i}");
            int first = random.Next(1, StepCount - 1);
            int second = random.Next(first + 1, StepCount);
            Kill(workspace, first);
            Kill(workspace, second);

            Assert.AreEqual(unbroken, FreshProcess.Run(TrainInProcess, workspace, "0"), $"killed at {first}, {second}");
        }
    }

    /// <summary>A set that memory does not hold is read again up to where the run was.</summary>
    [TestMethod]
    public void KilledStreamedTrainingEndsWithTheWeightsOfAnUnbrokenRun()
    {
        using var folder = new TemporaryFolder();
        string unbroken = FreshProcess.Run(TrainStreamedInProcess, folder.File("unbroken"), "0");
        string workspace = folder.File("killed");
        Kill(workspace, 9, TrainStreamedInProcess);
        Kill(workspace, 15, TrainStreamedInProcess);

        Assert.AreEqual(unbroken, FreshProcess.Run(TrainStreamedInProcess, workspace, "0"));
        Assert.AreNotEqual(unbroken, FreshProcess.Run(TrainInProcess, folder.File("in memory"), "0"));
    }

    /// <summary>Killed by another thread while it trains or writes, whatever it is just doing.</summary>
    [TestMethod]
    public void TrainingKilledAtAnyMomentEndsWithTheSameWeights()
    {
        int kills = int.Parse(
            Environment.GetEnvironmentVariable("AUDIOML_TRAINING_KILLS") ?? "2", CultureInfo.InvariantCulture);
        using var folder = new TemporaryFolder();
        string unbroken = FreshProcess.Run(TrainInProcess, folder.File("unbroken"), "0");
        var random = new Random(31);
        int killed = 0;
        for (int i = 0; i < kills; i++)
        {
            string workspace = folder.File($"killed{i}");
            string delay = random.Next(1, 300).ToString(CultureInfo.InvariantCulture);
            try
            {
                FreshProcess.Run(TrainInProcess, workspace, "0", delay);
            }
            catch (InvalidOperationException)
            {
                killed++;
            }

            Assert.AreEqual(unbroken, FreshProcess.Run(TrainInProcess, workspace, "0"), $"killed after {delay} ms");
        }

        TestContext.WriteLine($"{killed} of {kills} processes were killed before they had finished.");
    }

    /// <summary>
    /// Killed by strace before one of the system calls that change files: each leaves the old state or the new. All calls
    /// are tried where AUDIOML_TRAINING_KILLS is set, else a few.
    /// </summary>
    [TestMethod]
    public void TrainingKilledBeforeAnyFileOperationEndsWithTheSameWeights()
    {
        RequiredTool.Check(CanTrace(), "strace, and a kernel that lets it trace");
        using var folder = new TemporaryFolder();
        string unbroken = FreshProcess.Run(TrainTwoEpochsInProcess, folder.File("unbroken"), "0");
        bool all = Environment.GetEnvironmentVariable("AUDIOML_TRAINING_KILLS") is not null;
        var random = new Random(37);
        int killed = 0;
        int finished = 0;
        foreach (string call in all ? ["mkdir", "flock", "pwrite64", "fsync", "rename"] : (string[])["pwrite64", "rename"])
        {
            bool isKilled = true;
            int first = all ? 1 : random.Next(1, 6);
            for (int count = first; isKilled && (all || count == first); count++)
            {
                string workspace = folder.File($"{call}{count}");
                isKilled = RunUntil(call, count, workspace);
                (killed, finished) = isKilled ? (killed + 1, finished) : (killed, finished + 1);
                string what = $"killed before call {count} of {call}";
                Assert.AreEqual(unbroken, FreshProcess.Run(TrainTwoEpochsInProcess, workspace, "0"), what);
                Assert.IsEmpty(Directory.GetFiles(workspace, "*.tmp"), what);
            }
        }

        TestContext.WriteLine($"{killed} processes were killed before a call, {finished} had fewer calls.");
        Assert.IsGreaterThan(1, killed);
        Assert.AreEqual(all, finished > 0);
    }

    private static bool CanTrace()
    {
        if (!File.Exists("/usr/bin/strace"))
        {
            return false;
        }

        using Process process = Process.Start("/usr/bin/strace", ["-qq", "-o", "/dev/null", "true"])!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>Trains in a process that is killed before a system call of this kind, counted from 1.</summary>
    /// <returns>Whether there were that many.</returns>
    private static bool RunUntil(string call, int count, string workspace)
    {
        string when = count.ToString(CultureInfo.InvariantCulture);
        try
        {
            FreshProcess.RunUnder(
                [
                    "/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}",
                    "-e", $"inject={call}:signal=SIGKILL:when={when}",
                ],
                TrainTwoEpochsInProcess, workspace, "0");
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    [TestMethod]
    public void FinishedTrainingGivesItsModelAgainWithoutTraining()
    {
        using var folder = new TemporaryFolder();
        int epochs = 0;
        string first = Train(folder.File("run"), _ => { });
        string again = Train(folder.File("run"), _ => epochs++);

        Assert.AreEqual(first, again);
        Assert.AreEqual(0, epochs);
    }

    [TestMethod]
    public void AnotherRunsCheckpointIsRefusedWithWhatDiffers()
    {
        using var folder = new TemporaryFolder();
        Train(folder.File("run"), _ => { });

        var exception = Assert.ThrowsExactly<InvalidDataException>(() => Train(folder.File("run"), _ => { }, options =>
        {
            options.WeightDecay = 0.5;
            options.Config.EmbedDim = 32;
        }));

        StringAssert.Contains(exception.Message, "WeightDecay is 0.5, in the checkpoint 0.0001");
        StringAssert.Contains(exception.Message, "EmbedDim is 32, in the checkpoint 16");
        Assert.IsFalse(exception.Message.Contains("TrainingSet", StringComparison.Ordinal));
    }

    [TestMethod]
    public void OtherDataIsRefused()
    {
        using var folder = new TemporaryFolder();
        Train(folder.File("run"), _ => { });

        var exception = Assert.ThrowsExactly<InvalidDataException>(
            () => Train(folder.File("run"), _ => { }, dataSeed: 9));

        StringAssert.Contains(exception.Message, "TrainingSet is ");
    }

    /// <summary>The weights that a run starts from are known by their content: the file's place means nothing.</summary>
    [TestMethod]
    public void OtherPretrainedWeightsUnderTheSamePathAreRefused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("start.safetensors");
        File.WriteAllBytes(path, Convert.FromHexString(Train(folder.File("first"), _ => { })));
        void FromWeights(PasstOptions options) => options.PretrainedWeights = path;
        string trained = Train(folder.File("run"), _ => { }, FromWeights);

        string moved = folder.File("moved.safetensors");
        File.Copy(path, moved);
        Assert.AreEqual(trained, Train(folder.File("run"), _ => { }, options => options.PretrainedWeights = moved));
        File.WriteAllBytes(path, Convert.FromHexString(trained));
        var exception = Assert.ThrowsExactly<InvalidDataException>(
            () => Train(folder.File("run"), _ => { }, FromWeights));

        StringAssert.Contains(exception.Message, "PretrainedWeights.Sha256 is ");
        Assert.IsFalse(exception.Message.Contains("PretrainedWeights.Length", StringComparison.Ordinal));
    }

    [TestMethod]
    public void DamagedCheckpointIsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        Train(folder.File("run"), _ => { });
        string path = Path.Combine(folder.File("run"), "last.safetensors");
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);

        var exception = Assert.ThrowsExactly<InvalidDataException>(() => Train(folder.File("run"), _ => { }));

        StringAssert.Contains(exception.Message, path);
    }

    [TestMethod]
    public void ACheckpointWhoseSeedIsNoNumberIsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        using var workspace = new TrainingWorkspace(folder.File("run"));
        var metadata = new Dictionary<string, string> { ["training_fingerprint"] = "{\"Seed\":\"1.5\"}" };
        Safetensors.Save(workspace.LastPath, [new InMemoryTensor("test", "x", CheckpointDType.Float32, [1], new byte[4])], metadata);

        var exception = Assert.ThrowsExactly<InvalidDataException>(() => workspace.SavedSeed());

        StringAssert.Contains(exception.Message, $"'{workspace.LastPath}': Seed is '1.5'");
    }

    [TestMethod]
    public void CanceledTrainingGoesOnWhereItWas()
    {
        using var folder = new TemporaryFolder();
        string unbroken = Train(folder.File("unbroken"), _ => { });
        using var source = new CancellationTokenSource();
        List<long> steps = [];

        Train(folder.File("run"), metrics =>
        {
            if (metrics.Step == 5)
            {
                source.Cancel();
            }
        }, options => options.CancellationToken = source.Token);
        string resumed = Train(folder.File("run"), metrics => steps.Add(metrics.Step));

        Assert.AreEqual(6, steps[0]);
        Assert.AreEqual(unbroken, resumed);
    }

    private static void Kill(string workspace, int step, Func<string[], string>? train = null)
    {
        string at = step.ToString(CultureInfo.InvariantCulture);
        Assert.ThrowsExactly<InvalidOperationException>(() => FreshProcess.Run(train ?? TrainInProcess, workspace, at));
        Assert.IsTrue(File.Exists(Path.Combine(workspace, "lock")), "the process had begun to train");
    }

    /// <summary>
    /// Trains in a workspace; kills its process without notice after a step, if that is above 0, or so many milliseconds
    /// after the first step.
    /// </summary>
    private static string TrainInProcess(string[] arguments) => TrainUntilKilled(arguments, change: null);

    private static string TrainStreamedInProcess(string[] arguments) => TrainUntilKilled(arguments, options =>
    {
        options.Sampling.Order = ClipOrder.Shuffled;
        options.Sampling.ShuffleBuffer = 10;
    });

    private static string TrainTwoEpochsInProcess(string[] arguments) => TrainUntilKilled(arguments, options =>
    {
        (options.Epochs, options.CheckpointEverySteps) = (2, 0);
        options.ValidationSet = new MLContext().Data.LoadFromEnumerable(TinyClip.Make(4, 3, TinyModel.Classes));
        options.ValidationSet = new MLContext().Transforms.Conversion.MapValueToKey("Label")
            .Fit(options.ValidationSet).Transform(options.ValidationSet);
    });

    private static string TrainUntilKilled(string[] arguments, Action<PasstOptions>? change)
    {
        int killAt = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        bool isTimed = arguments.Length > 2;
        return Train(arguments[0], metrics =>
        {
            if (isTimed)
            {
                isTimed = false;
                int delay = int.Parse(arguments[2], CultureInfo.InvariantCulture);
                new Thread(() =>
                {
                    Thread.Sleep(delay);
                    Process.GetCurrentProcess().Kill();
                }).Start();
            }

            if (metrics.Step == killAt)
            {
                Process.GetCurrentProcess().Kill();
            }
        }, change);
    }

    /// <summary>A run of <see cref="StepCount"/> steps in 4 epochs.</summary>
    /// <returns>All weights, in hexadecimal.</returns>
    private static string Train(
        string workspace,
        Action<AudioTrainingMetrics> callback,
        Action<PasstOptions>? change = null,
        int dataSeed = 1)
    {
        var mlContext = new MLContext();
        PasstOptions options = TinyModel.Options();
        options.Epochs = 4;
        options.Augmentation.TimeRollFrames = 3;
        options.Augmentation.MixupAlpha = 0.3;
        options.Augmentation.TimeMaskFrames = 4;
        options.Sampling.Order = ClipOrder.Balanced;
        options.Optimization.ExponentialAverageDecay = 0.9;
        options.Optimization.WeightDecayExclusions = WeightDecayExclusions.All;
        options.WorkspacePath = workspace;
        options.CheckpointEverySteps = 2;
        options.MetricsEverySteps = 1;
        options.MetricsCallback = callback;
        change?.Invoke(options);
        IDataView data = mlContext.Transforms.Conversion.MapValueToKey("Label")
            .Fit(TinyModel.Data(mlContext)).Transform(TinyModel.Data(mlContext, seed: dataSeed));
        using AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Passt(options).Fit(data);
        using var stream = new MemoryStream();
        ModuleWeights.Write(model.Model.Network, stream);
        return Convert.ToHexString(stream.ToArray());
    }
}
