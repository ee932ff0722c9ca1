using System.Diagnostics;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Reliability;

/// <summary>
/// The workspace of a training with bytes changed at random: the model is the same to the bit, or an error names the file. A
/// flipped bit of a weight is found as any other. AUDIOML_MUTATIONS is the number for each file, 60 where it is not set.
/// </summary>
[TestClass]
public sealed class MutatedWorkspaceTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("last.safetensors")]
    [DataRow("best.safetensors")]
    public void AMutatedFileIsRefusedByNameOrTheModelIsTheSame(string name)
    {
        using var folder = new TemporaryFolder();
        string expected = Train(folder.File("run"));
        string path = Path.Combine(folder.File("run"), name);
        byte[] whole = File.ReadAllBytes(path);
        var mutator = new Mutator(whole, seed: 47);
        (int same, int refused) = (0, 0);
        int count = Mutator.Count(60);
        double longest = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = mutator.Next();
            if (i % 2 == 0)
            {
                // One bit, in the numbers rather than in the header.
                bytes = [.. whole];
                bytes[^(1 + (i * 37 % (whole.Length / 2)))] ^= (byte)(1 << (i / 2 % 8));
            }

            File.WriteAllBytes(path, bytes);
            long start = Stopwatch.GetTimestamp();
            try
            {
                Assert.AreEqual(expected, Train(folder.File("run")), $"mutation {i}");
                same++;
            }
            catch (InvalidDataException error)
            {
                Assert.Contains(path, error.Message, $"mutation {i}");
                refused++;
            }

            longest = Math.Max(longest, Stopwatch.GetElapsedTime(start).TotalSeconds);
            Mutator.CheckTime(longest, most: 20, $"mutation {i}");
        }

        TestContext.WriteLine(
            $"{name}: {refused} refused, {same} without a change of the model, {longest:F3} s at most, a training included");
        Assert.IsGreaterThan((count / 2) - 1, refused, "each flipped bit");
    }

    private static string Train(string workspace)
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();

        // It never gets better, so that it ends after the second epoch with the weights of the first.
        (options.Epochs, options.LearningRate) = (4, 1e-30);
        options.Optimization.EarlyStoppingPatience = 1;
        options.WorkspacePath = workspace;
        options.ValidationSet = Mapped(mlContext, 8, 2);
        IDataView data = Mapped(mlContext, 16, 1);
        using AudioClassificationTransformer model = mlContext.MulticlassClassification.Trainers.Passt(options).Fit(data);
        return string.Join(' ', TinyModel.Scores(model.Transform(data)).SelectMany(row => row)
            .Select(score => BitConverter.SingleToInt32Bits(score).ToString("x8")));
    }

    private static IDataView Mapped(MLContext mlContext, int count, int seed)
    {
        IDataView data = TinyModel.Data(mlContext, count, seed);
        return mlContext.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data);
    }
}
