using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioFeaturization.Tests.Hosting;

[TestClass]
public sealed class LoaderRegistrationTests
{
    [TestMethod]
    public void EveryTransformerIsFoundUnderTheNameInSavedModels()
    {
        IReadOnlyList<(Type Loader, string Signature)> loaders =
            LoaderRegistration.FindLoaders(typeof(LogMelExtractor).Assembly);

        CollectionAssert.AreEquivalent(
            typeof(LogMelExtractor).Assembly.GetTypes()
                .Where(type => typeof(ITransformer).IsAssignableFrom(type) && !type.IsAbstract).ToArray(),
            loaders.Select(loader => loader.Loader).ToArray());
        CollectionAssert.IsSubsetOf(
            new[] { "AudioLoading", "LogMelExtracting", "LogMelLoading", "WindowExpanding" },
            loaders.Select(loader => loader.Signature).ToArray());
    }

    /// <summary>The catalog refuses a class that it cannot create, and a name given twice.</summary>
    [TestMethod]
    public void TheCatalogTakesAllOfThem() => new MLContext().RegisterAudioFeaturization();
}
