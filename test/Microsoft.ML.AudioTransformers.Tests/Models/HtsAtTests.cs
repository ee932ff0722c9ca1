using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.AudioTransformers.Tests.Models;

[TestClass]
public class HtsAtTests
{
    [TestMethod]
    public void HasThePapersParameters()
    {
        using HtsAt full = new(HtsAtModelOptions.HC, new Generator(1));
        using HtsAt hierarchy = new(HtsAtModelOptions.H, new Generator(1));

        // The paper writes 31 M and 28.8 M; its code has 30.2 M. The two differ by the token-semantic layer and by what
        // the head takes, classes or tokens.
        Assert.AreEqual(30.2, Count(full) / 1e6, 0.05);
        Assert.AreEqual(27.9, Count(hierarchy) / 1e6, 0.05);
        Assert.AreEqual((768 * 527 * 2 * 3) + 527 + (527 * 527) - (768 * 527), Count(full) - Count(hierarchy));
    }

    private static long Count(nn.Module module) => module.parameters().Sum(parameter => parameter.numel());
}
