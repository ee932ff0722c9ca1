using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Interactive.OldLinux;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Interactive.Tests;

/// <summary>The native library in a notebook on old Linux: what cannot be helped is left to its own error.</summary>
[TestClass]
public sealed class NotebookLibTorchTests
{
    [TestMethod]
    public void WhatIsNoLibraryIsLeft()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("libLibTorchSharp.so"), "no library");

        Assert.IsFalse(NotebookLibTorch.LoadCopy(folder.File("libLibTorchSharp.so")));
        Assert.IsFalse(NotebookLibTorch.LoadCopy(folder.File("missing.so")));
    }

    [TestMethod]
    public void ADamagedLibraryIsLeft()
    {
        // The header of an x86-64 library whose one section lies beyond the end of the file.
        byte[] elf = new byte[128];
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(elf, 0);
        elf[18] = 62;
        elf[41] = 0x40;
        elf[58] = 64;
        elf[60] = 1;
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("libLibTorchSharp.so"), elf);

        Assert.IsFalse(NotebookLibTorch.LoadCopy(folder.File("libLibTorchSharp.so")));
    }
}
