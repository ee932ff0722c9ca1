using System.Reflection;
using AudioMLNet.TestSupport.Api;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.AutoML.Tests;

[TestClass]
public class PublicApiTests
{
    [TestMethod]
    public void ThePublicApiIsTheOneOnFile() => PublicApiFile.Check(Assembly.Load("Microsoft.ML.AudioTransformers.AutoML"));
}
