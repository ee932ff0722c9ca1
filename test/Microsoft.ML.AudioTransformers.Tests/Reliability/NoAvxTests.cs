using System.Globalization;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Reliability;

/// <summary>LibTorch and .NET without the instructions of newer processors train and score the same, up to rounding.</summary>
[TestClass]
public sealed class NoAvxTests
{
    [TestMethod]
    public void TrainingAndScoringDoWithoutAvx()
    {
        float[] expected = Parse(FreshProcess.Run(TrainAndScore));
        float[] found = Parse(FreshProcess.Run(TrainAndScore, new Dictionary<string, string>
        {
            ["DOTNET_EnableAVX"] = "0",
            ["ATEN_CPU_CAPABILITY"] = "default",
            ["ONEDNN_MAX_CPU_ISA"] = "SSE41",
        }));

        Assert.AreEqual("False", FreshProcess.Run(HasAvx, new Dictionary<string, string> { ["DOTNET_EnableAVX"] = "0" }));
        Assert.HasCount(32, found);
        for (int i = 0; i < found.Length; i++)
        {
            Assert.AreEqual(expected[i], found[i], 1e-3, $"score {i}");
        }
    }

    private static string HasAvx(string[] arguments) => System.Runtime.Intrinsics.X86.Avx.IsSupported.ToString();

    private static float[] Parse(string text) =>
        [.. text.Split(' ').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];

    private static string TrainAndScore(string[] arguments)
    {
        var mlContext = new MLContext(seed: 1);
        PasstOptions options = TinyModel.Options();
        options.Epochs = 2;
        IDataView data = TinyModel.Data(mlContext, count: 16);
        ITransformer model = TinyModel.Pipeline(mlContext, options).Fit(data);
        return string.Join(' ', TinyModel.Scores(model.Transform(data)).SelectMany(row => row)
            .Select(score => score.ToString("R", CultureInfo.InvariantCulture)));
    }
}
