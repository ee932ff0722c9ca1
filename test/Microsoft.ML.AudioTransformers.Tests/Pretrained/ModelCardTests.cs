using AudioMLNet.TestSupport;
using Microsoft.ML.AudioDatasets;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Pretrained;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Pretrained;

/// <summary>The list of published files, and the page that shows it.</summary>
[TestClass]
public sealed class ModelCardTests
{
    /// <summary>With AUDIOML_WRITE_MODEL_CARD the page is written: <c>dotnet run build/audioml.cs -- modelcard</c>.</summary>
    [TestMethod]
    public void ThePageShowsTheList()
    {
        string path = Path.Combine(Checkout.Root, "docs", "model-card.md");
        string page = File.ReadAllText(path).ReplaceLineEndings("\n");
        string expected = ModelCard.Render(page);
        if (Environment.GetEnvironmentVariable("AUDIOML_WRITE_MODEL_CARD") is not null)
        {
            File.WriteAllText(path, expected);
            return;
        }

        Assert.AreEqual(
            expected, page, "docs/model-card.md is not that of the list; dotnet run build/audioml.cs -- modelcard writes it");
    }

    [TestMethod]
    public void EveryFileHasANameAnArchitectureAndAPage()
    {
        Assert.IsGreaterThan(50, PublishedCheckpoints.All.Count);
        Assert.HasCount(PublishedCheckpoints.All.Count, PublishedCheckpoints.All.Select(file => file.File).Distinct());
        foreach (PublishedCheckpoint file in PublishedCheckpoints.All)
        {
            foreach (string name in file.Architecture.Split(", "))
            {
                Assert.IsTrue(ModelFamilies.All.Any(family => family.Name == name), $"{file.File}: {name}");
            }

            StringAssert.StartsWith(file.Page, "https://github.com/", file.File);
            Assert.IsFalse(string.IsNullOrWhiteSpace(file.Authors) || string.IsNullOrWhiteSpace(file.Purpose), file.File);
        }
    }

    /// <summary>What the list names is there: the front ends, and label sets of as many classes.</summary>
    [TestMethod]
    public void FrontEndsAndLabelSetsAreKnown()
    {
        foreach (PublishedCheckpoint file in PublishedCheckpoints.All)
        {
            if (file.FrontEnd is { } name)
            {
                PublishedFrontEnds.Create(name).Check();
            }

            AudioLabelSet? labels = AudioCheckpointReader.LabelSet(file);
            Assert.AreEqual(labels?.Count, labels is null ? null : file.Classes, file.File);
        }
    }

    [TestMethod]
    public void AFileIsFoundByItsPath()
    {
        PublishedCheckpoint? found = PublishedCheckpoints.Find(Path.Combine("somewhere", "PaSST-s-KD-ap.486.pt"));
        Assert.AreEqual(("PaSST", 527, 10, "mAP .486"), (found?.Architecture, found?.Classes, found?.Stride, found?.Metric));
        Assert.IsNull(PublishedCheckpoints.Find("weights.pt"));
    }
}
