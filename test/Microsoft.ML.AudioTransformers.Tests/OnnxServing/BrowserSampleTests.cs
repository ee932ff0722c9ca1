using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Tests.Models;
using Microsoft.ML.AudioTransformers.Tests.Onnx;
using Microsoft.ML.AudioTransformers.Tests.Reports;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.OnnxServing;

/// <summary>The page of samples/BrowserOnnx in Chromium gives a recording the scores that the library gives it.</summary>
[TestClass]
public sealed class BrowserSampleTests
{
    private static readonly Dictionary<string, string> s_types = new()
    {
        [".html"] = "text/html", [".mjs"] = "text/javascript", [".wasm"] = "application/wasm",
    };

    [TestMethod]
    public async Task TheBrowserScoresAsTheLibrary()
    {
        using var folder = new TemporaryFolder();
        string sample = Path.Combine(Checkout.Root, "samples", "BrowserOnnx");
        foreach (string file in new[] { "index.html", "tagger.mjs", "package.json" })
        {
            File.Copy(Path.Combine(sample, file), folder.File(file));
        }

        RequiredTool.Check(TryInstall(folder.Path), "npm and onnxruntime-web from its registry");
        string clip = Directory.GetFiles(
            Path.Combine(Checkout.Root, "samples", "SpokenCommands", "data", "go"), "*.wav").Order(StringComparer.Ordinal).First();
        using AudioClassificationTransformer model = ContractTraining.Train(OnnxExportTests.Of("PaSST"));
        model.SaveOnnx(folder.File("model.onnx"));
        float[] expected = Scores(model, clip);
        (HttpListener server, string address) = Serve(folder.Path);
        using (server)
        {
            using Browser browser = await Browser.Open(address);
            string wave = Convert.ToBase64String(await File.ReadAllBytesAsync(clip));
            JsonElement tags = await browser.Evaluate(
                $$"""fetch("data:audio/wav;base64,{{wave}}").then(r => r.blob()).then(b => hear(new File([b], "go.wav")))""");

            Assert.AreEqual(expected.Length, tags.GetArrayLength(), await browser.Text("document.body.innerText"));
            foreach (JsonElement tag in tags.EnumerateArray())
            {
                int label = model.Model.ClassNames.ToList().IndexOf(tag.GetProperty("label").GetString()!);
                Assert.AreEqual(expected[label], tag.GetProperty("score").GetSingle(), 1e-3f);
            }

            Assert.AreEqual(expected.Length, await browser.Count("#tags tr"));
            Assert.AreEqual(
                expected.Max().ToString("F3", CultureInfo.InvariantCulture),
                await browser.Text("document.querySelector('#tags td:last-child').textContent"));
            await browser.Evaluate("""hear(new File(["no sound"], "text.wav"))""");
            StringAssert.StartsWith(await browser.Text("document.getElementById('problem').textContent"), "text.wav: ");
        }
    }

    private static float[] Scores(AudioClassificationTransformer model, string clip)
    {
        var mlContext = new MLContext();
        IDataView view = mlContext.Data.LoadFromEnumerable([new TinyClip { Name = clip }]);
        IDataView waveforms = mlContext.Transforms.DropColumns("Features").Fit(view).Transform(view);
        waveforms = mlContext.Transforms.LoadAudio("Features", "Name", ContractClip.SampleRate).Fit(waveforms)
            .Transform(waveforms);
        return model.Transform(waveforms).GetColumn<float[]>("Score").Single();
    }

    private static bool TryInstall(string folder)
    {
        try
        {
            var start = new ProcessStartInfo("npm", ["install", "--no-audit", "--no-fund", "--silent"])
            {
                WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
            };
            using Process process = Process.Start(start)!;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            if (!process.WaitForExit(TimeSpan.FromSeconds(90)))
            {
                process.Kill(entireProcessTree: true);
                return false;
            }

            return process.ExitCode == 0 && Directory.Exists(Path.Combine(folder, "node_modules", "onnxruntime-web"));
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>A server of a folder's files on a free port of this machine.</summary>
    private static (HttpListener Server, string Address) Serve(string folder)
    {
        int port;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        string address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/");
        var server = new HttpListener { Prefixes = { address } };
        server.Start();
        _ = Task.Run(async () =>
        {
            while (server.IsListening)
            {
                HttpListenerContext context = await server.GetContextAsync();
                string name = context.Request.Url!.AbsolutePath.TrimStart('/');
                string path = Path.Combine(folder, name.Length == 0 ? "index.html" : name);
                bool isThere = File.Exists(path);
                context.Response.StatusCode = isThere ? 200 : 404;
                context.Response.ContentType = s_types.GetValueOrDefault(Path.GetExtension(path), "application/octet-stream");
                await context.Response.OutputStream.WriteAsync(isThere ? await File.ReadAllBytesAsync(path) : []);
                context.Response.Close();
            }
        });
        return (server, address);
    }
}
