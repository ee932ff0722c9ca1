using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.ML.AudioFeaturization;

namespace ListeningServer.Tests;

/// <summary>What the server answers to recordings, and to what is none.</summary>
[TestClass]
public sealed class RecordingTests
{
    [TestMethod]
    [DataRow("words", AudioFileFormat.WavFloat32, 2000), DataRow("words", AudioFileFormat.Flac16, 1700)]
    [DataRow("long", AudioFileFormat.WavFloat32, 2000), DataRow("events", AudioFileFormat.WavFloat32, 20_000)]
    public async Task A_recording_has_the_scores_of_the_transformer(string model, AudioFileFormat format, int length)
    {
        await using RunningServer server = await RunningServer.Start();
        byte[] bytes = Recording(RunningServer.Sound(2, length), format);
        using AudioReader reader = AudioReader.Open(new MemoryStream(bytes));
        float[] expected = RunningServer.Offline(model, reader.ReadToEnd());

        using HttpResponseMessage answer = await server.Post(model, bytes);

        Assert.AreEqual("application/x-ndjson", answer.Content.Headers.ContentType!.ToString());
        List<JsonElement> lines = RunningServer.Lines(await answer.Content.ReadAsStringAsync());
        CollectionAssert.AreEqual(expected, RunningServer.Scores(lines[^1]));
        Assert.AreEqual(length / 8000.0, lines[^1].GetProperty("end").GetDouble());
        if (model != "events")
        {
            Assert.AreEqual("window", lines[0].GetProperty("type").GetString());
            Assert.AreEqual(expected.Max(), lines[0].GetProperty("labels")[0].GetProperty("score").GetSingle());
        }
    }

    [TestMethod]
    public async Task A_client_with_an_open_connection_is_told_of_a_stop_before_it_closes()
    {
        await using RunningServer server = await RunningServer.Start("--Listening:DrainSeconds", "3");
        byte[] bytes = Recording(RunningServer.Sound(2, 2000));
        using HttpResponseMessage before = await server.Post("words", bytes);
        Task stop = server.App.StopAsync();

        using HttpResponseMessage answer = await server.Post("words", bytes);

        Assert.AreEqual(HttpStatusCode.OK, before.StatusCode);
        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.IsNotNull(answer.Headers.RetryAfter);
        Assert.IsFalse(stop.IsCompleted);
        await stop;
    }

    /// <summary>9000 samples in windows of 2000, 1000 apart: 8 of them.</summary>
    [TestMethod]
    public async Task A_long_recording_is_answered_window_by_window()
    {
        await using RunningServer server = await RunningServer.Start();
        float[] sound = RunningServer.Sound(3, 9000);
        using HttpResponseMessage answer = await server.Post("long", Recording(sound));
        List<JsonElement> lines = RunningServer.Lines(await answer.Content.ReadAsStringAsync());
        CollectionAssert.AreEqual(
            Enumerable.Range(0, 8).Select(i => i * 0.125).ToArray(),
            lines[..^1].Select(line => line.GetProperty("start").GetDouble()).ToArray());
        float[] expected = RunningServer.Offline("long", sound);
        float[] scores = RunningServer.Scores(lines[^1]);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], scores[i], 1e-6f);
        }
    }

    [TestMethod]
    public async Task What_is_no_recording_is_refused()
    {
        await using RunningServer server = await RunningServer.Start(
            "--Listening:MaximumBytes", "100000", "--Listening:MaximumSeconds", "2");
        byte[] good = Recording(RunningServer.Sound(1, 2000));
        byte[] damaged = Recording(RunningServer.Sound(1, 8000), AudioFileFormat.Flac16);
        damaged.AsSpan(damaged.Length / 2, 200).Fill(0x55);
        byte[] longSilence = Recording(new float[3000 * 8000], AudioFileFormat.Flac16);
        Assert.IsLessThan(100_000, longSilence.Length);
        (string Model, HttpContent Content, HttpStatusCode Status)[] cases =
        [
            ("words", new ByteArrayContent([]), HttpStatusCode.BadRequest),
            ("words", new ByteArrayContent("What do you hear?"u8.ToArray()), HttpStatusCode.UnsupportedMediaType),
            ("words", new ByteArrayContent(damaged), HttpStatusCode.BadRequest),
            ("words", new ByteArrayContent(Recording(RunningServer.Sound(1, 16_001))), HttpStatusCode.RequestEntityTooLarge),
            ("words", new ByteArrayContent(longSilence), HttpStatusCode.RequestEntityTooLarge),
            ("words", new ByteArrayContent(new byte[100_001]), HttpStatusCode.RequestEntityTooLarge),
            ("words", new StreamContent(new Endless()), HttpStatusCode.RequestEntityTooLarge),
            ("none", new ByteArrayContent(good), HttpStatusCode.NotFound),
            ("..%2F..%2Fetc%2Fpasswd", new ByteArrayContent(good), HttpStatusCode.NotFound),
            ("words", new ByteArrayContent(good), HttpStatusCode.OK),
        ];
        foreach ((string model, HttpContent content, HttpStatusCode status) in cases)
        {
            // An answer that comes before all is sent may meet a client that still sends: it then sees the connection close.
            try
            {
                using HttpResponseMessage answer = await server.Post(model, content);
                Assert.AreEqual(status, answer.StatusCode, await answer.Content.ReadAsStringAsync());
            }
            catch (HttpRequestException) when (content is StreamContent)
            {
            }
        }
    }

    [TestMethod]
    public async Task A_recording_that_does_not_come_is_not_waited_for()
    {
        await using RunningServer server = await RunningServer.Start("--Listening:RequestSeconds", "0.3");
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(
            "POST /models/words/recordings HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\nRIFF"u8.ToArray());
        var answer = new byte[1000];
        int read = await stream.ReadAsync(answer);
        Assert.StartsWith("HTTP/1.1 408 ", Encoding.ASCII.GetString(answer, 0, read));
    }

    [TestMethod]
    public async Task A_key_is_asked_for_and_other_pages_are_refused()
    {
        await using RunningServer server = await RunningServer.Start("--Listening:ApiKey", "open sesame");
        byte[] good = Recording(RunningServer.Sound(1, 2000));
        Assert.AreEqual(HttpStatusCode.Unauthorized, (await server.Post("words", good)).StatusCode);
        Assert.AreEqual(HttpStatusCode.Unauthorized, (await server.Post("words", good, ("X-Api-Key", "open"))).StatusCode);
        Assert.AreEqual(HttpStatusCode.OK, (await server.Post("words", good, ("X-Api-Key", "open sesame"))).StatusCode);
        Assert.AreEqual(
            HttpStatusCode.Forbidden,
            (await server.Post("words", good, ("X-Api-Key", "open sesame"),
                ("Origin", "https://other.example"))).StatusCode);
        using var refused = await server.Connect("words", "key=wrong");
        Assert.AreEqual(HttpStatusCode.Unauthorized, refused.HttpStatusCode);
        using var taken = await server.Connect("words", "key=open%20sesame");
        Assert.AreEqual(HttpStatusCode.SwitchingProtocols, taken.HttpStatusCode);
    }

    [TestMethod]
    public async Task The_server_says_what_it_is()
    {
        await using RunningServer server = await RunningServer.Start();
        JsonElement models = JsonDocument.Parse(await server.Client.GetStringAsync("/models")).RootElement;
        CollectionAssert.AreEquivalent(
            new[] { "words", "long", "events" }, models.EnumerateArray()
                .Select(model => model.GetProperty("name").GetString()).ToArray());
        JsonElement api = JsonDocument.Parse(await server.Client.GetStringAsync("/openapi/v1.json")).RootElement;
        JsonElement responses = api.GetProperty("paths").GetProperty("/models/{name}/recordings").GetProperty("post")
            .GetProperty("responses");
        foreach (string status in new[] { "200", "400", "404", "408", "413", "415", "429", "503" })
        {
            Assert.IsTrue(responses.TryGetProperty(status, out _), status);
        }

        Assert.AreEqual("\"ready\"", await server.Client.GetStringAsync("/health/ready"));
        using HttpResponseMessage page = await server.Client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.StartsWith("default-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Contains("<h1>Listening server</h1>", await page.Content.ReadAsStringAsync());
    }

    internal static byte[] Recording(float[] samples, AudioFileFormat format = AudioFileFormat.WavFloat32,
        int rate = 8000, int channels = 1)
    {
        using var bytes = new MemoryStream();
        AudioFile.Write(bytes, samples, rate, channels, format);
        return bytes.ToArray();
    }

    /// <summary>Bytes without end.</summary>
    private sealed class Endless : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => count;

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
