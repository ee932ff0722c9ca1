using System.Globalization;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Tests.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Distributed;

/// <summary>Ranks that the launchers of Open MPI and MPICH start, each a process of its own.</summary>
[TestClass]
public sealed class MpiTests
{
    [TestMethod]
    [DataRow("openmpi")]
    [DataRow("mpich")]
    public void RanksTrainTheWeightsOfOneProcess(string library)
    {
        using var folder = new TemporaryFolder();
        Dictionary<string, float[]> whole = Read(TrainInProcess([folder.File("whole"), "", "0"])!);

        Dictionary<string, float[]> ranks = Read(Run(library, 2, TrainInProcess, folder.File("ranks"), "", "0"));

        Assert.IsLessThan(1e-6, DataParallelTests.Distance(whole, ranks));
    }

    [TestMethod]
    public void ATrainingGoesOnWithAnotherNumberOfRanks()
    {
        using var folder = new TemporaryFolder();
        Dictionary<string, float[]> whole = Read(TrainInProcess([folder.File("whole"), "", "0"])!);
        string workspace = folder.File("workspace");

        Run("openmpi", 3, TrainInProcess, folder.File("canceled"), workspace, "3");
        Dictionary<string, float[]> resumed = Read(Run("openmpi", 2, TrainInProcess, folder.File("resumed"), workspace, "0"));

        Assert.IsGreaterThan(1e-4, DataParallelTests.Distance(whole, Read(folder.File("canceled"))));
        Assert.IsLessThan(1e-6, DataParallelTests.Distance(whole, resumed));
    }

    [TestMethod]
    [DataRow("openmpi")]
    [DataRow("mpich")]
    public void ARankThatFailsIsNamedToTheOthers(string library)
    {
        string message = MessageOf(library, FailInProcess);

        StringAssert.StartsWith(message, "Rank 1 of 2 failed:");
        StringAssert.Contains(message, "row 3");
    }

    [TestMethod]
    public void ARankThatDoesNotComeIsWaitedForNoLongerThanSaid()
    {
        string message = MessageOf("openmpi", WaitInProcess);

        StringAssert.StartsWith(message, "Rank 0 of 2 waited ");
        StringAssert.Contains(message, "within 1 s, the option Distributed.TimeoutSeconds");
    }

    [TestMethod]
    public void ALibraryThatIsNotThereIsNamed()
    {
        DllNotFoundException exception = Assert.ThrowsExactly<DllNotFoundException>(
            () => new DistributedOptions { LibraryPath = "libno-such-mpi.so" }.Rank);

        StringAssert.Contains(exception.Message, "libno-such-mpi.so");
    }

    /// <summary>Trains as all ranks do, and writes the weights on the first.</summary>
    private static string TrainInProcess(string[] arguments)
    {
        (string path, string workspace, int cancelAt) = (arguments[0], arguments[1], int.Parse(arguments[2], CultureInfo.InvariantCulture));
        DistributedOptions? distributed =
            Environment.GetEnvironmentVariable("AUDIOML_TEST_RANKS") is null ? null : DistributedOptions.Mpi();
        using var source = new CancellationTokenSource();
        using AudioClassificationTransformer model = ContractTraining.Train(
            ModelFamilies.All.Single(family => family.Name == "PaSST"),
            options =>
            {
                (options.Epochs, options.BatchSize) = (5, 4);
                options.WorkspacePath = workspace.Length == 0 ? null : workspace;
                options.Augmentation.MixupAlpha = 0.3;
                options.Optimization.Distributed = distributed;
                (options.CancellationToken, options.MetricsEverySteps, options.CheckpointEverySteps) = (source.Token, 1, 1);
                options.MetricsCallback = metrics =>
                {
                    if (metrics.Step == cancelAt)
                    {
                        source.Cancel();
                    }
                };
            },
            ContractClip.Make(14));
        if (distributed is { Rank: > 0 })
        {
            return null!;
        }

        using var writer = new BinaryWriter(File.Create(path));
        foreach ((string name, float[] weights) in TinyTraining.Weights(model.Model.Network))
        {
            writer.Write(name);
            writer.Write(weights.Length);
            Array.ForEach(weights, writer.Write);
        }

        return path;
    }

    /// <summary>The second rank has a clip that is not finite; writes what the first is told.</summary>
    private static string FailInProcess(string[] arguments)
    {
        DistributedOptions distributed = DistributedOptions.Mpi();
        ContractClip[] clips = ContractClip.Make(8);
        clips[3].Features[5] = distributed.Rank == 1 ? float.NaN : 0;
        try
        {
            ContractTraining.Train(
                ModelFamilies.All[0], options => options.Optimization.Distributed = distributed, clips).Dispose();
        }
        catch (DistributedException exception) when (distributed.Rank == 0)
        {
            File.WriteAllText(arguments[0], exception.Message);
        }
        catch (InvalidDataException) when (distributed.Rank == 1)
        {
            // Lets the first say what it was told before the launcher ends both.
            Thread.Sleep(3000);
        }

        return null!;
    }

    /// <summary>The second rank does not train; writes what the first says.</summary>
    private static string WaitInProcess(string[] arguments)
    {
        DistributedOptions distributed = DistributedOptions.Mpi();
        distributed.TimeoutSeconds = 1;
        if (distributed.Rank == 1)
        {
            Thread.Sleep(20_000);
            return null!;
        }

        DistributedException exception = Assert.ThrowsExactly<DistributedException>(() => ContractTraining.Train(
            ModelFamilies.All[0], options => options.Optimization.Distributed = distributed).Dispose());
        File.WriteAllText(arguments[0], exception.Message);
        return null!;
    }

    /// <summary>What the first of two ranks is told; the launcher then ends as failed.</summary>
    private static string MessageOf(string library, Func<string[], string> method)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("message");
        Assert.ThrowsExactly<InvalidOperationException>(() => Run(library, 2, method, path));
        return File.ReadAllText(path);
    }

    private static string Run(string library, int ranks, Func<string[], string> method, params string[] arguments)
    {
        string launcher = $"mpirun.{library}";
        RequiredTool.Check(
            Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
                .Any(folder => File.Exists(Path.Combine(folder, launcher))),
            $"{launcher} (Debian's {(library == "openmpi" ? "openmpi-bin" : "mpich")})");
        return FreshProcess.RunUnder(
        [
            "env", "AUDIOML_TEST_RANKS=1", "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
            launcher, .. library == "openmpi" ? ["--oversubscribe"] : (string[])[], "-n", $"{ranks}",
        ], method, arguments);
    }

    private static Dictionary<string, float[]> Read(string path)
    {
        var weights = new Dictionary<string, float[]>();
        using var reader = new BinaryReader(File.OpenRead(path));
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            string name = reader.ReadString();
            weights[name] = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadSingle())];
        }

        return weights;
    }
}
