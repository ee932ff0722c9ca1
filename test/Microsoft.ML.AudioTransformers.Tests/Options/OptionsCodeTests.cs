using Microsoft.ML.AudioTransformers.Options;

namespace Microsoft.ML.AudioTransformers.Tests.Options;

[TestClass]
public class OptionsCodeTests
{
    [TestMethod]
    public void CodeSetsWhatDiffers()
    {
        var options = new PasstOptions { LearningRate = 2e-5, FeatureColumnName = "a \"b\\", WorkspacePath = null };
        options.Optimization.Precision = AudioPrecision.BFloat16;

        string code = OptionsCode.Of(options, seed: 3);

        Assert.AreEqual(
            "var options = new PasstOptions();\n"
            + "options.FeatureColumnName = \"a \\\"b\\\\\";\n"
            + "options.LearningRate = 2E-05;\n"
            + "options.Optimization.Precision = AudioPrecision.BFloat16;\n"
            + "options.Seed = 3;\n",
            code);
    }
}
