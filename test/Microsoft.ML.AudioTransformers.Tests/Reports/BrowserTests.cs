using AudioMLNet.TestSupport;

namespace Microsoft.ML.AudioTransformers.Tests.Reports;

/// <summary>What a reader of a report sees and does, in a real browser.</summary>
[TestClass]
public class BrowserTests
{
    private const string Hostile = "</script><img src=x onerror=alert(1)> & \"quotes\"";

    [TestMethod]
    public async Task AReaderGoesFromAConfusionToItsClipAndHearsIt()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("a report \u72AC.html");
        ReportTests.Metrics().SaveReport(path, new AudioReportOptions
        {
            Clips = ReportTests.SavedClips(folder, 5),
            OffsetColumnName = "Offset",
            DurationColumnName = "Duration",
            Title = Hostile,
        });
        using Browser page = await Browser.Open(path);

        // Names are text, whatever is in them.
        Assert.AreEqual(Hostile, await page.Text("document.querySelector('h1').textContent"));
        Assert.AreEqual(0, await page.Count("img:not([src^='data:image/png'])"));
        Assert.AreEqual(1, await page.Count("script:not([type])"));

        Assert.IsEmpty(await page.Nameless());

        // By keyboard from the first cell of the matrix to the next mistake, which opens its clip.
        await page.Evaluate("document.querySelector('.cell').focus()");
        await page.Evaluate(
            "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))");
        Assert.AreEqual(
            $"dog taken for {Hostile}: 1 of 2 clips", await page.Text("document.activeElement.getAttribute('aria-label')"));
        await page.Evaluate("document.activeElement.click()");
        Assert.AreEqual($"dog taken for {Hostile}: 1 clip", await page.Text("document.querySelector('#chosen h3').textContent"));
        Assert.AreEqual("clip 1.wav", await page.Text("document.querySelector('#chosen article h3').textContent"));
        await page.Evaluate("document.querySelector('#chosen article button').click()");
        await page.Until("document.querySelector('#chosen audio').duration === 0.5");

        // Back to the cell.
        await page.Evaluate("document.querySelector('#chosen > button').click()");
        Assert.AreEqual("cell wrong", await page.Text("document.activeElement.className.trim()"));

        await page.Resize(390);
        Assert.IsLessThanOrEqualTo(390, (await page.Evaluate("document.documentElement.scrollWidth")).GetInt32());
        Assert.IsEmpty(page.Problems, string.Join('\n', page.Problems));
    }

    [TestMethod]
    public async Task ATableIsSortedAndFilteredAndShownInPortions()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("report.html");
        AudioTaggingMetrics.Compute(
            [[.. Enumerable.Range(0, 120).Select(i => i % 2f)], [.. Enumerable.Range(0, 120).Select(i => 1 - (i % 2f))]],
            [[.. Enumerable.Range(0, 120).Select(i => i / 120f)], [.. Enumerable.Range(0, 120).Select(i => 0.5f)]],
            [.. Enumerable.Range(0, 120).Select(i => $"class {i}")])
            .SaveReport(path);
        using Browser page = await Browser.Open(path);
        Assert.AreEqual(50, await page.Count("section tbody tr"));

        await page.Evaluate("[...document.querySelectorAll('.more')].find(more => more.textContent.includes('classes')).click()");
        Assert.AreEqual(100, await page.Count("section tbody tr"));

        // AP: 1 where the clip with the label has the higher score, as of class 0; else 1/2.
        await page.Evaluate("[...document.querySelectorAll('thead button')].find(button => button.textContent === 'AP').click()");
        Assert.AreEqual("descending", await page.Text("document.querySelector('th[aria-sort]').getAttribute('aria-sort')"));
        Assert.AreEqual("1", await page.Text("document.querySelector('tbody td:nth-child(3)').textContent"));
        await page.Evaluate("document.querySelector('th[aria-sort] button').click()");
        Assert.AreEqual("0.500", await page.Text("document.querySelector('tbody td:nth-child(3)').textContent"));

        await page.Evaluate(
            "{ const filter = document.querySelector('input[type=search]'); filter.value = 'CLASS 11'; "
            + "filter.dispatchEvent(new Event('input')); }");
        Assert.AreEqual("11 of 120 classes", await page.Text("document.querySelector('section .status').textContent"));

        // The slider below a curve says what its point is.
        await page.Evaluate("{ const slider = document.querySelector('input[type=range]'); slider.value = 1; "
            + "slider.dispatchEvent(new Event('input')); }");
        StringAssert.StartsWith(await page.Text("document.querySelector('.point').textContent"), "threshold 0.500, recall ");

        // On paper: light, and words in place of what is for clicking.
        await page.Evaluate("{ const filter = document.querySelector('input[type=search]'); filter.value = ''; "
            + "filter.dispatchEvent(new Event('input')); }");
        await page.ShowAsPrinted();
        Assert.AreEqual("rgb(255, 255, 255)", await page.Text("getComputedStyle(document.body).backgroundColor"));
        StringAssert.Contains(await page.Text("document.body.innerText"), "50 of 120 classes are printed.");
        StringAssert.Contains(await page.Text("document.body.innerText"), "Curve of class 0");
        Assert.AreEqual(0, (await page.Evaluate(
            "[...document.querySelectorAll('input, select, .more, nav')].filter(node => node.checkVisibility()).length")).GetInt32());
        Assert.IsEmpty(page.Problems, string.Join('\n', page.Problems));
    }
}
