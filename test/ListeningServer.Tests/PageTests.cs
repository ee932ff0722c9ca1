using System.Text.Json;
using Microsoft.ML.AudioTransformers.Tests.Reports;

namespace ListeningServer.Tests;

/// <summary>The server's page in a real browser.</summary>
[TestClass]
public sealed class PageTests
{
    /// <summary>
    /// A page that listens to a file of two seconds shows its spectrogram and what the model says of each window.
    /// </summary>
    [TestMethod]
    public async Task The_page_listens_to_a_file()
    {
        await using RunningServer server = await RunningServer.Start();
        using Browser page = await Browser.Open(server.Client.BaseAddress!.ToString());
        Assert.AreEqual(3, await page.Count("#model option"));
        await page.Evaluate("document.querySelector('#model').value = 'long'");
        string recording = Convert.ToBase64String(RecordingTests.Recording(RunningServer.Sound(2, 16_000)));
        await page.Evaluate(
            $"(async () => {{ const bytes = Uint8Array.from(atob('{recording}'), c => c.charCodeAt(0));"
            + "const files = new DataTransfer(); files.items.add(new File([bytes], 'sound.wav'));"
            + "const input = document.querySelector('#file'); input.files = files.files;"
            + "input.dispatchEvent(new Event('change')); })()");

        await page.Until("document.querySelector('#status').textContent.startsWith('Heard ')");

        string status = await page.Text("document.querySelector('#status').textContent");
        Assert.IsInRange(1.8, 2.2, double.Parse(status.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture),
            status);

        // Windows of 0.25 s, 0.125 s apart, of about two seconds.
        Assert.IsInRange(12, 17, await page.Count("#heard tr"));
        JsonElement colors = await page.Evaluate(
            "new Set(new Uint32Array(document.querySelector('#spectrogram').getContext('2d')"
            + ".getImageData(0, 0, 80, 200).data.buffer)).size");
        Assert.IsGreaterThan(10, colors.GetInt32());
        Assert.IsEmpty(await page.Nameless());
        if (Environment.GetEnvironmentVariable("AUDIOML_SCREENSHOT") is { } picture)
        {
            await page.Save(picture);
        }

        await page.Resize(390);
        Assert.IsLessThanOrEqualTo(390, (await page.Evaluate("document.documentElement.scrollWidth")).GetInt32());
        Assert.IsEmpty(page.Problems, string.Join('\n', page.Problems));
    }
}
