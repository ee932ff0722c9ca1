using System.Diagnostics;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Onnx;

/// <summary>Exports that cannot be: the error says why, and nothing is half-written.</summary>
[TestClass]
public sealed class RefusedExportsTests
{
    /// <summary>A disk in memory of 128 KB, less than the model's weights.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void AFullDiskLeavesTheOldFile(bool isExternal)
    {
        using var folder = new TemporaryFolder();
        RequiredTool.Check(
            OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
                && Run("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", folder.Path) == 0,
            "Linux and the right to mount a small disk in memory");
        try
        {
            using AudioClassificationTransformer model = ContractTraining.Train(
                OnnxExportTests.Of("AST"), options => ((AstOptions)options).Config.EmbedDim = 96);
            string path = folder.File("model.onnx");
            File.WriteAllText(path, "before");

            Assert.ThrowsExactly<IOException>(() => model.SaveOnnx(path, new() { ExternalData = isExternal }));

            Assert.AreEqual("before", File.ReadAllText(path));
            Assert.HasCount(1, Directory.GetFiles(folder.Path));
        }
        finally
        {
            Assert.AreEqual(0, Run("umount", folder.Path));
        }
    }

    /// <summary>A folder stands where the file should.</summary>
    [TestMethod]
    public void APathThatCannotBeWritten()
    {
        using var folder = new TemporaryFolder();
        using AudioClassificationTransformer model = ContractTraining.Train(OnnxExportTests.Of("PaSST"));
        string path = folder.File("model.onnx");
        Directory.CreateDirectory(path);

        foreach (bool isExternal in new[] { false, true })
        {
            Exception error = Assert.Throws<Exception>(() => model.SaveOnnx(path, new() { ExternalData = isExternal }));
            Assert.IsTrue(error is IOException or UnauthorizedAccessException, $"{error}");
            StringAssert.Contains(error.Message, "model.onnx");
        }

        Assert.IsEmpty(Directory.GetFiles(folder.Path));
    }

    /// <summary>Of features that differ there is no one input.</summary>
    [TestMethod]
    public void AnEnsembleOfTwoFrontEndsTakesNoFeatures()
    {
        using var folder = new TemporaryFolder();
        AudioClassificationTransformer first = ContractTraining.Train(OnnxExportTests.Of("PaSST"));
        AudioClassificationTransformer second = ContractTraining.Train(
            OnnxExportTests.Of("PaSST"), options => options.FrontEnd!.NormalizationMean = -3);
        using AudioEnsembleTransformer ensemble = new MLContext().Model.CreateAudioEnsemble([first, second]);
        string path = folder.File("ensemble.onnx");

        var error = Assert.ThrowsExactly<NotSupportedException>(
            () => ensemble.SaveOnnx(path, new() { Input = OnnxModelInput.Features }));

        StringAssert.Contains(error.Message, "different features of the same column");
        Assert.IsFalse(File.Exists(path));
    }

    private static int Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
