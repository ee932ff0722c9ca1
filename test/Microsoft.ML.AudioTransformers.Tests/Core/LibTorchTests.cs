using System.Reflection;
using System.Text;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers.Tests.Core;

/// <summary>Where TorchSharp's native libraries do not load, training and loading a model say what to do.</summary>
[TestClass]
public sealed class LibTorchTests
{
    private readonly TemporaryFolder _folder = new();

    [TestCleanup]
    public void Cleanup() => _folder.Dispose();

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void AnOldSystemIsNamedWithTheCure()
    {
        string app = CopyApp(file => true);
        string library = Directory.GetFiles(app, "libLibTorchSharp.so", SearchOption.AllDirectories).Single();
        File.WriteAllBytes(library, AskForMore(library));

        foreach (string message in Messages(app))
        {
            AssertMentions(message, "needs GLIBCXX_3.4.99, which this system", "PatchLibTorchSharp=true", "GCC 13");
        }
    }

    [TestMethod]
    public void AnAppWithoutLibTorchIsToldThePackage()
    {
        string app = CopyApp(file => !file.Contains("torch", StringComparison.OrdinalIgnoreCase));

        foreach (string message in Messages(app))
        {
            AssertMentions(message, "has to reference LibTorch", "libtorch-cpu-", $"TorchSharp-cpu {typeof(torch).Assembly.GetName().Version!.ToString(3)}");
        }
    }

    /// <summary>What training and loading say in a process whose files are in <paramref name="app"/>.</summary>
    private string[] Messages(string app)
    {
        string model = _folder.File("model.zip");
        var mlContext = new MLContext(seed: 1);
        IDataView data = TinyModel.Data(mlContext);
        PasstOptions options = TinyModel.Options();
        options.Epochs = 1;
        mlContext.Model.Save(TinyModel.Pipeline(mlContext, options).Fit(data), data.Schema, model);

        // TorchSharp looks for LibTorch in the package cache too.
        var environment = new Dictionary<string, string> { ["NUGET_PACKAGES"] = _folder.File("no-packages") };
        string[] messages = FreshProcess.RunIn(app, TrainAndLoad, environment, model).Split('\n');
        Assert.HasCount(2, messages);
        return messages;
    }

    private static string TrainAndLoad(string[] arguments)
    {
        var mlContext = new MLContext(seed: 1).RegisterAudioTransformers();
        Exception train = Assert.ThrowsExactly<DllNotFoundException>(
            () => TinyModel.Pipeline(mlContext, TinyModel.Options()).Fit(TinyModel.Data(mlContext)));

        // ML.NET calls loaders by reflection, and wraps what they throw.
        Exception? load = Assert.Throws<Exception>(() => mlContext.Model.Load(arguments[0], out _));
        while (load is TargetInvocationException)
        {
            load = load.InnerException;
        }

        Assert.IsInstanceOfType<DllNotFoundException>(load);
        return $"{train.Message}\n{load.Message}";
    }

    /// <summary>The library, asking for a version that no libstdc++ has in place of one that this system has.</summary>
    private static byte[] AskForMore(string library)
    {
        byte[] elf = File.ReadAllBytes(library);
        int place = elf.AsSpan().IndexOf("\0GLIBCXX_3.4.30\0"u8);
        Assert.IsGreaterThan(0, place);
        Encoding.ASCII.GetBytes("\0GLIBCXX_3.4.99\0").CopyTo(elf, place);
        return elf;
    }

    /// <summary>A folder with this test's program, but of the native libraries only those that are asked for.</summary>
    private string CopyApp(Func<string, bool> isWanted)
    {
        string app = Directory.CreateDirectory(_folder.File("app")).FullName;
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(app, Path.GetRelativePath(AppContext.BaseDirectory, file));
            bool isNative = Path.GetDirectoryName(file)!.EndsWith("native", StringComparison.Ordinal);
            if (isNative ? !isWanted(Path.GetFileName(file)) : Path.GetExtension(file) is not (".dll" or ".json"))
            {
                continue;
            }

            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            if (new FileInfo(file).Length > 10_000_000)
            {
                File.CreateSymbolicLink(copy, file);
            }
            else
            {
                File.Copy(file, copy);
            }
        }

        return app;
    }

    private static void AssertMentions(string message, params string[] parts)
    {
        foreach (string part in parts)
        {
            Assert.Contains(part, message);
        }
    }
}
