using System.Collections;
using System.Text;
using AudioMLNet.TestSupport;
using Microsoft.Build.Framework;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.Packages.Tests;

/// <summary>
/// The build step on TorchSharp's own library, and on what is none. That what it makes loads is shown by every test
/// that uses TorchSharp on an old system.
/// </summary>
[TestClass]
public sealed class PatchLibTorchSharpTests
{
    private static readonly string s_library = Path.Combine(
        PackedPackages.Metadata("TorchSharpPackage"), "runtimes", "linux-x64", "native", "libLibTorchSharp.so");

    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    [TestMethod]
    public void TwoFlagsChangeOnceAndThePackagesFileNever()
    {
        byte[] original = File.ReadAllBytes(s_library);
        string once = _folder.File("once/libLibTorchSharp.so");
        string twice = _folder.File("twice/libLibTorchSharp.so");

        Assert.IsEmpty(Warnings(s_library, once));
        Assert.IsEmpty(Warnings(once, twice));

        byte[] patched = File.ReadAllBytes(once);
        Assert.HasCount(original.Length, patched);
        Assert.AreEqual(2, Enumerable.Range(0, original.Length).Count(i => patched[i] != original[i]));
        AssertSame(patched, File.ReadAllBytes(twice));
        AssertSame(original, File.ReadAllBytes(s_library));
        Assert.HasCount(1, Directory.GetFiles(_folder.File("once")));
        if (!OperatingSystem.IsWindows())
        {
            Assert.AreEqual(File.GetUnixFileMode(s_library), File.GetUnixFileMode(once));
        }
    }

    [TestMethod]
    [DataRow(4, 1, DisplayName = "32 bits")]
    [DataRow(5, 2, DisplayName = "big-endian")]
    [DataRow(18, 183, DisplayName = "AArch64")]
    [DataRow(0, 0, DisplayName = "no ELF file")]
    public void AnotherKindOfFileStaysAsItIs(int offset, int value)
    {
        byte[] elf = File.ReadAllBytes(s_library);
        elf[offset] = (byte)value;
        byte[] before = [.. elf];

        Assert.IsFalse(PatchLibTorchSharp.Relax(elf));

        AssertSame(before, elf);
    }

    [TestMethod]
    public void ALibraryThatNeedsNothingNewStaysAsItIs()
    {
        byte[] elf = Replace(File.ReadAllBytes(s_library), "\0GLIBCXX_3.4.32\0", "\0GLIBCXX_3.4.31\0");
        byte[] before = [.. elf];

        Assert.IsFalse(PatchLibTorchSharp.Relax(elf));

        AssertSame(before, elf);
    }

    [TestMethod]
    public void ALibraryThatCannotBeHelpedIsNamedInAWarning()
    {
        string library = _folder.File("newer.so");
        string destination = _folder.File("destination.so");
        File.WriteAllText(destination, "from an earlier build");
        byte[] elf = File.ReadAllBytes(s_library);
        File.WriteAllBytes(
            library, Replace(elf, "\0_ZSt21ios_base_library_initv\0", "\0_ZSt21ios_base_library_exitv\0"));

        BuildWarningEventArgs warning = Warnings(library, destination).Single();

        Assert.AreEqual("AUDIOML001", warning.Code);
        Assert.AreEqual(library, warning.File);
        Assert.Contains("_ZSt21ios_base_library_exitv", warning.Message!);
        Assert.IsFalse(File.Exists(destination));
    }

    [TestMethod]
    public void AMissingFileIsNamedInAWarning()
    {
        string library = _folder.File("nowhere.so");

        Assert.AreEqual(library, Warnings(library, _folder.File("destination.so")).Single().File);
    }

    [TestMethod]
    public void DamagedFilesAreRefused()
    {
        byte[] whole = File.ReadAllBytes(s_library);
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 200; i++)
        {
            // Cut off, or with noise in the header, the needed versions (of TorchSharp 0.107.0) or the table of sections.
            byte[] elf = i % 2 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            int start = new[] { 24, 0x3f8f0, elf.Length - 2048 }[i % 3];
            if (i % 2 == 1)
            {
                random.NextBytes(elf.AsSpan(start, random.Next(1, 400)));
            }

            byte[] before = [.. elf];
            try
            {
                if (PatchLibTorchSharp.Relax(elf))
                {
                    continue;
                }
            }
            catch (InvalidDataException)
            {
                refused++;
            }

            AssertSame(before, elf);
        }

        Assert.IsGreaterThan(100, refused);
    }

    private static void AssertSame(byte[] expected, byte[] actual) =>
        Assert.IsTrue(expected.AsSpan().SequenceEqual(actual));

    private static byte[] Replace(byte[] bytes, string text, string other)
    {
        int place = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text));
        Assert.IsGreaterThan(0, place);
        Encoding.ASCII.GetBytes(other).CopyTo(bytes, place);
        return bytes;
    }

    private static IReadOnlyList<BuildWarningEventArgs> Warnings(string library, string destination)
    {
        var engine = new RecordingEngine();
        var task = new PatchLibTorchSharp { BuildEngine = engine, Library = library, Destination = destination };
        Assert.IsTrue(task.Execute());
        return engine.Warnings;
    }

    private sealed class RecordingEngine : IBuildEngine
    {
        public List<BuildWarningEventArgs> Warnings { get; } = [];

        public bool ContinueOnError => false;

        public int LineNumberOfTaskNode => 0;

        public int ColumnNumberOfTaskNode => 0;

        public string ProjectFileOfTaskNode => "";

        public bool BuildProjectFile(
            string projectFileName, string[] targetNames, IDictionary globalProperties, IDictionary targetOutputs) =>
            throw new NotSupportedException();

        public void LogCustomEvent(CustomBuildEventArgs e) => throw new NotSupportedException();

        public void LogErrorEvent(BuildErrorEventArgs e) => throw new NotSupportedException(e.Message);

        public void LogMessageEvent(BuildMessageEventArgs e) => throw new NotSupportedException(e.Message);

        public void LogWarningEvent(BuildWarningEventArgs e) => Warnings.Add(e);
    }
}
