using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using AudioMLNet.TestSupport;

namespace Microsoft.ML.AudioTransformers.Tests.Reports;

/// <summary>A Chromium without a window that shows one page, driven by the Chrome DevTools Protocol.</summary>
internal sealed class Browser : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _profile = new();
    private readonly CancellationTokenSource _end = new(s_patience);
    private readonly ClientWebSocket _socket = new();
    private readonly List<string> _problems = [];
    private readonly Process _process;
    private int _lastId;

    private Browser(string program, string[] switches)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true };
        string[] arguments =
        [
            "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio",
            "--remote-debugging-port=0", $"--user-data-dir={_profile.Path}", .. switches, "about:blank",
        ];
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // It is ended without a chance to remove its temporary files.
        start.Environment["TMPDIR"] = _profile.Path;

        // Chromium's sandbox refuses to run as root, which build machines are; the page is our own.
        if (Environment.IsPrivilegedProcess)
        {
            start.ArgumentList.Insert(0, "--no-sandbox");
        }

        _process = Process.Start(start)!;
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    /// <summary>Exceptions and messages of the page: what it did not do, or was not allowed to.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Opens a page from a file or an address, and waits until its script has drawn it.</summary>
    /// <param name="path">Path or address.</param>
    /// <param name="switches">Further switches of Chromium's command line.</param>
    /// <exception cref="AssertInconclusiveException">There is no Chromium.</exception>
    public static async Task<Browser> Open(string path, params string[] switches)
    {
        string? program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => new[] { "chromium", "chromium-browser" }.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
        RequiredTool.Check(program is not null, "chromium");
        var browser = new Browser(program, switches);
        try
        {
            await browser.Connect();
            await browser.Send("Runtime.enable");
            await browser.Send("Log.enable");
            await browser.Send("Page.navigate", new { url = new Uri(path).AbsoluteUri });
            await browser.UntilDrawn();
            return browser;
        }
        catch
        {
            browser.Dispose();
            throw;
        }
    }

    /// <summary>Value of an expression in the page.</summary>
    public async Task<JsonElement> Evaluate(string expression)
    {
        JsonElement result = await Send(
            "Runtime.evaluate", new { expression, awaitPromise = true, returnByValue = true, userGesture = true });
        Assert.IsFalse(result.TryGetProperty("exceptionDetails", out JsonElement details), $"{expression}: {details}");
        return result.GetProperty("result").TryGetProperty("value", out JsonElement value) ? value : default;
    }

    public async Task<string> Text(string expression) => (await Evaluate(expression)).GetString()!;

    public async Task<int> Count(string selector) =>
        (await Evaluate($"document.querySelectorAll({JsonSerializer.Serialize(selector)}).length")).GetInt32();

    /// <summary>Waits until an expression is true.</summary>
    public async Task Until(string expression)
    {
        while ((await Evaluate(expression)).ValueKind != JsonValueKind.True)
        {
            await Task.Delay(20, _end.Token);
        }
    }

    /// <summary>
    /// What a screen reader would read without a name: buttons, fields, tables, pictures and the like of the accessibility tree.
    /// </summary>
    public async Task<IReadOnlyList<string>> Nameless()
    {
        string[] roles =
            ["button", "link", "slider", "textbox", "searchbox", "combobox", "checkbox", "image", "img", "columnheader", "heading"];
        JsonElement nodes = (await Send("Accessibility.getFullAXTree")).GetProperty("nodes");
        return
        [
            .. nodes.EnumerateArray()
                .Where(node => !node.GetProperty("ignored").GetBoolean())
                .Where(node => roles.Contains(node.GetProperty("role").GetProperty("value").GetString()))
                .Where(node => string.IsNullOrWhiteSpace(node.GetProperty("name").GetProperty("value").GetString()))
                .Select(node => node.GetProperty("role").GetProperty("value").GetString()!),
        ];
    }

    /// <summary>Picture of what is in view, as a PNG file.</summary>
    public async Task Save(string path) => await File.WriteAllBytesAsync(
        path, Convert.FromBase64String((await Send("Page.captureScreenshot")).GetProperty("data").GetString()!));

    /// <summary>Gives the page the width of a window, or of a phone's screen, in pixels.</summary>
    public Task Resize(int width) => Send(
        "Emulation.setDeviceMetricsOverride", new { width, height = 800, deviceScaleFactor = 1, mobile = width < 600 });

    /// <summary>Shows the page as on paper, on a system with dark colours.</summary>
    public Task ShowAsPrinted() => Send(
        "Emulation.setEmulatedMedia",
        new { media = "print", features = new[] { new { name = "prefers-color-scheme", value = "dark" } } });

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
        _socket.Dispose();
        _end.Dispose();
        try
        {
            _profile.Dispose();
        }
        catch (IOException)
        {
            // A process of the browser that ends last may still write there.
        }
    }

    /// <summary>Waits until the page's script has drawn it; before, there is no document, or that of an empty page.</summary>
    private async Task UntilDrawn()
    {
        var look = new { expression = "document.documentElement?.dataset.ready === 'true'", returnByValue = true };
        while (true)
        {
            JsonElement answer = await Ask("Runtime.evaluate", look);
            if (answer.TryGetProperty("result", out JsonElement found)
                && found.GetProperty("result").TryGetProperty("value", out JsonElement value)
                && value.ValueKind == JsonValueKind.True)
            {
                return;
            }

            await Task.Delay(20, _end.Token);
        }
    }

    private async Task Connect()
    {
        string portFile = _profile.File("DevToolsActivePort");
        string[] lines = [];
        while (lines.Length < 2)
        {
            await Task.Delay(20, _end.Token);
            lines = File.Exists(portFile) ? await File.ReadAllLinesAsync(portFile, _end.Token) : [];
        }

        using var http = new HttpClient();
        using JsonDocument pages = JsonDocument.Parse(
            await http.GetStringAsync(new Uri($"http://127.0.0.1:{lines[0]}/json/list"), _end.Token));
        JsonElement page = pages.RootElement.EnumerateArray().First(target => target.GetProperty("type").GetString() == "page");
        await _socket.ConnectAsync(new Uri(page.GetProperty("webSocketDebuggerUrl").GetString()!), _end.Token);
    }

    private async Task<JsonElement> Send(string method, object? parameters = null)
    {
        JsonElement answer = await Ask(method, parameters);
        Assert.IsFalse(answer.TryGetProperty("error", out JsonElement error), $"{method}: {error}");
        return answer.GetProperty("result");
    }

    private async Task<JsonElement> Ask(string method, object? parameters)
    {
        int id = ++_lastId;
        byte[] message = JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters ?? new { } });
        await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, _end.Token);
        while (true)
        {
            JsonElement answer = JsonDocument.Parse(await Receive()).RootElement;
            if (answer.TryGetProperty("id", out JsonElement of) && of.GetInt32() == id)
            {
                return answer;
            }

            if (answer.TryGetProperty("method", out JsonElement name)
                && name.GetString() is "Runtime.exceptionThrown" or "Log.entryAdded" or "Runtime.consoleAPICalled")
            {
                _problems.Add(answer.GetProperty("params").ToString());
            }
        }
    }

    private async Task<string> Receive()
    {
        var block = new byte[1 << 16];
        using var message = new MemoryStream();
        while (true)
        {
            WebSocketReceiveResult part = await _socket.ReceiveAsync(block, _end.Token);
            message.Write(block, 0, part.Count);
            if (part.EndOfMessage)
            {
                return Encoding.UTF8.GetString(message.ToArray());
            }
        }
    }
}
