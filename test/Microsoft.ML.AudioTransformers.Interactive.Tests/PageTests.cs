using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Interactive.Tests;

/// <summary>The page that shows in a program what a notebook shows.</summary>
[TestClass, DoNotParallelize]
public sealed class PageTests
{
    [TestMethod]
    public void PageHasWhatIsShown()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("pages/page.html");
        var text = new StringWriter();
        using (NotebookPage page = NotebookPage.Open(path, text))
        {
            AudioNotebook.Show("one & only");
            AudioNotebook.Show(new AudioPlayer([0.5f], 8000, "left"), new AudioPlayer([0.5f], 8000, "right"));
            Assert.IsFalse(File.Exists(path));
        }

        string html = File.ReadAllText(path);
        StringAssert.Contains(html, "one &amp; only");
        Assert.HasCount(3, html.Split("<audio "));
        StringAssert.Contains(text.ToString(), "left: 0 s at 8000 Hz\nright: 0 s at 8000 Hz");
    }

    [TestMethod]
    public void ProgressIsOneItemThatIsReplaced()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("page.html");
        var text = new StringWriter();
        using (NotebookPage page = NotebookPage.Open(path, text))
        {
            Action<AudioTrainingMetrics> report = AudioNotebook.Progress("birds");
            for (int epoch = 1; epoch <= 40; epoch++)
            {
                report(new AudioTrainingMetrics
                {
                    Epoch = epoch, EpochCount = 40, IsEpochEnd = true, Step = epoch, StepCount = 40, Loss = 1.0 / epoch,
                });
            }
        }

        string html = File.ReadAllText(path);
        Assert.HasCount(2, html.Split("<progress "));
        StringAssert.Contains(html, "value=\"1.000\"");
        StringAssert.Contains(html, "epoch 40 of 40");
        Assert.DoesNotContain("epoch 39 of 40", html);

        // The first epoch, and every fourth one.
        Assert.HasCount(11, text.ToString().Split("birds: epoch ")[1..]);
    }

    [TestMethod]
    public void OnePageIsOpenAtATime()
    {
        using var folder = new TemporaryFolder();
        using NotebookPage page = NotebookPage.Open(folder.File("one.html"));

        string message = Assert.ThrowsExactly<InvalidOperationException>(
            () => NotebookPage.Open(folder.File("two.html"))).Message;

        StringAssert.Contains(message, "A page is open already");
    }

    [TestMethod]
    public void PageThatCouldNotBeWrittenIsWrittenLater()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("pages/page.html");
        NotebookPage page = NotebookPage.Open(path);
        AudioNotebook.Show("kept");
        Directory.Delete(folder.File("pages"));

        Assert.Throws<IOException>(page.Dispose);
        Directory.CreateDirectory(folder.File("pages"));
        page.Dispose();

        StringAssert.Contains(File.ReadAllText(path), "kept");
    }
}
