using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Reliability;

/// <summary>
/// Pipes, devices, sockets and folders in the place of files of weights, of what stands beside them and of a workspace's: refused
/// by name, without waiting for whoever writes to a pipe.
/// </summary>
[TestClass]
[OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)]
public sealed class SpecialFileTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Delete() => _folder.Dispose();

    [TestMethod]
    [DataRow("model.pt")]
    [DataRow("model.safetensors")]
    public void WeightsAreRefused(string name)
    {
        string path = _folder.File(name);
        var mlContext = new MLContext(seed: 1);

        SpecialFile.AssertRefused(path, () => mlContext.Model.LoadAudioCheckpoint(path).Dispose());
        SpecialFile.AssertRefused(path, () => FileChecksum.Of(path));
        SpecialFile.AssertRefused(path, () => SafetensorsFile.Open(path).Dispose());
    }

    [TestMethod]
    public void AShardItsIndexAndJsonBesideThemAreRefused()
    {
        string part = _folder.File("a.safetensors");
        string index = _folder.File("model.safetensors.index.json");
        File.WriteAllText(index, """{"weight_map":{"w":"a.safetensors"}}""");
        void Open() => Checkpoint.Open(index).Dispose();

        // That a folder is no part is found before it is looked into.
        SpecialFile.AssertRefused(part, Open, isFolderLeftOut: true);
        SpecialFile.AssertRefused(index, Open);

        Safetensors.Save(part, [new InMemoryTensor("test", "w", CheckpointDType.Float32, [1], new byte[4])]);
        using Checkpoint checkpoint = Checkpoint.Open(part);
        SpecialFile.AssertRefused(
            _folder.File("config.json"), () => checkpoint.Beside("config.json"), isFolderLeftOut: true);
    }

    [TestMethod]
    public void FilesOfAWorkspaceAreRefused()
    {
        using var workspace = new TrainingWorkspace(_folder.File("run"));

        SpecialFile.AssertRefused(workspace.LastPath, () => workspace.SavedSeed(), isFolderLeftOut: true);
        SpecialFile.AssertRefused(workspace.BestPath, () => SealedSafetensors.Check(workspace.BestPath));
        SpecialFile.AssertRefused(workspace.LastPath, () => Safetensors.Save(
            workspace.LastPath, [new InMemoryTensor("test", "w", CheckpointDType.Float32, [1], new byte[4])]));
    }
}
