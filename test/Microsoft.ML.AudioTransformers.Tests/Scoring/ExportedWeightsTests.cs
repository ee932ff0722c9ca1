using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.AudioTransformers.Tests.Models;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring;

/// <summary>What Python would load: the reference's names and shapes, no more and no fewer.</summary>
[TestClass]
public sealed class ExportedWeightsTests
{
    public static IEnumerable<object[]> Models => Goldens.Cases("passt").Concat(Goldens.Cases("ast"));

    [TestMethod, DynamicData(nameof(Models))]
    public void HaveTheReferencesNamesShapesAndValues(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        using var folder = new TemporaryFolder();
        string path = folder.File("exported.safetensors");
        using AudioModelParameters model = Model(golden);

        model.SaveSafetensors(path);

        Dictionary<string, GoldenTensor> expected = Expected(golden);
        using Checkpoint exported = Checkpoint.Open(path);
        CollectionAssert.AreEquivalent(expected.Keys, exported.StateDict.Keys.ToArray(), id);
        foreach ((string name, GoldenTensor weight) in expected)
        {
            Assert.AreEqual(CheckpointDType.Float32, exported.StateDict[name].DType, name);
            CollectionAssert.AreEqual(weight.Shape, exported.StateDict[name].Shape.ToArray(), name);
            CollectionAssert.AreEqual(weight.Bytes, exported.StateDict[name].ToBytes(), name);
        }
    }

    /// <summary>In one process for all of them: loading torch takes longer than all files.</summary>
    [TestMethod]
    public void LoadStrictlyInPython()
    {
        string? python = Python();
        RequiredTool.Check(python is not null, "python3 with torch");
        using var folder = new TemporaryFolder();
        string[] ids = [.. Models.Select(model => (string)model[0])];
        List<string> arguments = [Path.Combine(AppContext.BaseDirectory, "load_exported.py")];
        for (int i = 0; i < ids.Length; i++)
        {
            GoldenCase golden = Goldens.Load(ids[i]);
            string path = folder.File($"{i}.safetensors");
            using AudioModelParameters model = Model(golden);
            model.SaveSafetensors(path);
            string shapes = folder.File($"{i}.json");
            File.WriteAllText(shapes, JsonSerializer.Serialize(
                Expected(golden).ToDictionary(pair => pair.Key, pair => pair.Value.Shape)));
            arguments.AddRange([path, shapes]);
        }

        string[] output = Run(python, [.. arguments]).Trim().Split('\n');

        Assert.HasCount(ids.Length, output);
        foreach ((string id, string line) in ids.Zip(output))
        {
            var loaded = JsonSerializer.Deserialize<Dictionary<string, string>>(line)!;
            foreach ((string name, GoldenTensor weight) in Expected(Goldens.Load(id)))
            {
                Assert.AreEqual(Convert.ToHexStringLower(SHA256.HashData(weight.Bytes)), loaded[name], $"{id}: {name}");
            }
        }
    }

    [TestMethod]
    public void AFailureLeavesNothingBehind()
    {
        using var folder = new TemporaryFolder();
        string taken = folder.File("taken");
        Directory.CreateDirectory(taken);
        using AudioModelParameters model = Model(Goldens.Load((string)Models.First()[0]));

        Assert.Throws<Exception>(() => model.SaveSafetensors(taken));

        Assert.HasCount(0, Directory.GetFiles(Path.GetDirectoryName(taken)!));
        Assert.Throws<ArgumentException>(() => model.SaveSafetensors(" "));
    }

    /// <summary>The reference's weights by their names.</summary>
    private static Dictionary<string, GoldenTensor> Expected(GoldenCase golden)
    {
        const string prefix = "weights.";
        return golden.Tensors.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value);
    }

    /// <summary>A Python that has torch, the system's where the first on the path has not; or null.</summary>
    private static string? Python() => Array.Find(["python3", "/usr/bin/python3"], python =>
    {
        try
        {
            return Run(python, "-c", "import torch; print('torch')").Trim() == "torch";
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException)
        {
            return false;
        }
    });

    private static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException(errors.Result);
    }

    private static AudioModelParameters Model(GoldenCase golden)
    {
        JsonElement parameters = golden.Json.GetProperty("params");
        var generator = new Generator(1);
        AudioModelConfig config;
        AudioModel network;
        int classes;
        if (golden.Category == "ast")
        {
            AstConfig ast = AstTests.Options(parameters);
            (config, network, classes) = (ast, new Ast(ast, generator), ast.Classes);
        }
        else
        {
            PasstConfig passt = PasstTests.Options(parameters);
            (config, network, classes) = (passt, new Passt(passt, generator), passt.Classes);
        }

        GoldenTorch.LoadWeights(golden, network);
        var description = new ModelDescription
        {
            Architecture = config,
            Shape = default,
            FrontEnd = null,
            FeatureColumnName = "Features",
            ScoringBatchSize = 1,
        };
        var task = new ClassificationTask
        {
            Labels = new LabelKeys(null, [.. Enumerable.Range(1, classes).Select(i => $"class {i}")]),
            ScoreColumnName = "Score",
            PredictedLabelColumnName = "PredictedLabel",
        };
        return new AudioModelParameters(network, description, task, CPU);
    }
}
