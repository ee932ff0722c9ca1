using Microsoft.ML.AudioFeaturization.ClipEmbeddings;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Core;

[TestClass]
public sealed class AudioTransformersLoadersTests
{
    [TestMethod]
    public void EveryTransformerIsFoundUnderTheNameInSavedModels()
    {
        IReadOnlyList<(Type Loader, string Signature)> loaders =
            LoaderRegistration.FindLoaders(typeof(AudioTransformersLoaders).Assembly);

        CollectionAssert.AreEquivalent(
            typeof(AudioTransformersLoaders).Assembly.GetTypes()
                .Where(type => typeof(RowToRowAudioTransformerBase).IsAssignableFrom(type) && !type.IsAbstract).ToArray(),
            loaders.Select(loader => loader.Loader).ToArray());
        CollectionAssert.IsSubsetOf(
            new[]
            {
                "AudioClassifier", "AudioTagger", "ActionRecognizer", "AudioEmbedder", "AudioEnsemble", "SoundEventDetector",
            },
            loaders.Select(loader => loader.Signature).ToArray());
    }

    /// <summary>The catalog refuses a class that it cannot create, and a name given twice.</summary>
    [TestMethod]
    public void TheCatalogTakesAllOfThem() => AudioTransformersLoaders.Register(new MLContext());
}
