using System.Globalization;
using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
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

        Assert.IsInRange(1.8, 2.2, await HeardSeconds(page));

        // Windows of 0.25 s, 0.125 s apart, of about two seconds.
        Assert.IsInRange(12, 17, await page.Count("#heard tr"));
        Assert.IsGreaterThan(10, (await page.Evaluate(Colors("spectrogram"))).GetInt32());
        Assert.IsEmpty(await page.Nameless());
        if (Environment.GetEnvironmentVariable("AUDIOML_SCREENSHOT") is { } picture)
        {
            await page.Save(picture);
        }

        await page.Resize(390);
        Assert.IsLessThanOrEqualTo(390, (await page.Evaluate("document.documentElement.scrollWidth")).GetInt32());
        Assert.IsEmpty(page.Problems, string.Join('\n', page.Problems));
    }

    /// <summary>
    /// Chromium's microphone of tests plays a recording of two seconds again and again, until the reader has heard enough.
    /// </summary>
    [TestMethod]
    public async Task The_page_listens_to_a_microphone()
    {
        using var folder = new TemporaryFolder();
        string recording = folder.File("sound.wav");
        await File.WriteAllBytesAsync(
            recording, RecordingTests.Recording(RunningServer.Sound(1, 16_000), AudioFileFormat.WavPcm16));
        await using RunningServer server = await RunningServer.Start();
        using Browser page = await Browser.Open(
            server.Client.BaseAddress!.ToString(), "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
            $"--use-file-for-fake-audio-capture={recording}");
        await page.Evaluate("document.querySelector('#model').value = 'long'");
        await page.Evaluate("document.querySelector('#microphone').click()");

        await page.Until($"document.querySelectorAll('#heard tr').length >= 4 && {Colors("spectrogram")} > 10");
        await page.Evaluate("document.querySelector('#stop').click()");
        await page.Until("document.querySelector('#status').textContent.startsWith('Heard ')");

        // Windows of 0.25 s, 0.125 s apart, of which the page keeps 50.
        double seconds = await HeardSeconds(page);
        Assert.IsGreaterThan(0.6, seconds);
        Assert.IsInRange(Math.Min(50, (seconds / 0.125) - 3), (seconds / 0.125) + 1, await page.Count("#heard tr"));
        Assert.IsGreaterThan(2, (await page.Evaluate(Colors("timeline"))).GetInt32());
        Assert.IsEmpty(page.Problems, string.Join('\n', page.Problems));
    }

    private static async Task<double> HeardSeconds(Browser page) => double.Parse(
        (await page.Text("document.querySelector('#status').textContent")).Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>Number of colours at the left of a canvas, as an expression. A copy is read: the canvas is for drawing.</summary>
    private static string Colors(string canvas) =>
        "(() => { const copy = new OffscreenCanvas(80, 120).getContext('2d', { willReadFrequently: true });"
        + $"copy.drawImage(document.querySelector('#{canvas}'), 0, 0);"
        + "return new Set(new Uint32Array(copy.getImageData(0, 0, 80, 120).data.buffer)).size; })()";
}
