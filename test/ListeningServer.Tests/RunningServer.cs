using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Data;

namespace ListeningServer.Tests;

/// <summary>
/// The server on the loopback, with small models "words", "long" (which hears all in windows) and "events".
/// </summary>
internal sealed class RunningServer : IAsyncDisposable
{
    public const int Rate = 8000;

    private static readonly string s_words = PathOf("classification-passt-waveform.zip");
    private static readonly string s_events = PathOf("events-strong-waveform.zip");
    private static readonly Lazy<string> s_long = new(SaveLong);

    private RunningServer(WebApplication app)
    {
        App = app;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        Client = new HttpClient { BaseAddress = new Uri(addresses.Addresses.Single()) };
    }

    public WebApplication App { get; }

    public HttpClient Client { get; }

    public static async Task<RunningServer> Start(params string[] options)
    {
        WebApplication app = Server.Create(
        [
            "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default", "Critical",
            "--Listening:Models:words", s_words, "--Listening:Models:long", s_long.Value,
            "--Listening:Models:events", s_events, "--Listening:DrainSeconds", "0",
            .. options,
        ]);
        await app.StartAsync();
        return new RunningServer(app);
    }

    public static float[] Sound(int number, int length) => [.. Enumerable.Range(0, length).Select(
        i => (float)((0.4 * Math.Sin(i * (400 + (300 * number)) / (double)Rate * 2 * Math.PI))
            + (0.1 * Math.Sin(i * i * 1e-4))))];

    /// <summary>Scores that a model's transformer gives for a waveform.</summary>
    public static float[] Offline(string model, float[] waveform)
    {
        var mlContext = new MLContext().RegisterAudioTransformers();
        ITransformer loaded = mlContext.Model.Load(model == "words" ? s_words : model == "long" ? s_long.Value
            : s_events, out _);
        using var disposed = (IDisposable)loaded;
        IDataView scored = loaded.Transform(mlContext.Data.LoadFromEnumerable(new[] { new Row { Waveform = waveform } }));
        return [.. scored.GetColumn<VBuffer<float>>(model == "events" ? "Heard" : "Score").Single().DenseValues()];
    }

    public Task<HttpResponseMessage> Post(string model, byte[] bytes, params (string Name, string Value)[] headers) =>
        Post(model, new ByteArrayContent(bytes), headers);

    public async Task<HttpResponseMessage> Post(string model, HttpContent content,
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/models/{model}/recordings") { Content = content };
        content.Headers.ContentType = new MediaTypeHeaderValue("audio/wav");
        foreach ((string name, string value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await Client.SendAsync(request);
    }

    public async Task<ClientWebSocket> Connect(string model, string query)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(
                new Uri(Client.BaseAddress!.ToString()
                    .Replace("http", "ws", StringComparison.Ordinal) + $"models/{model}/stream?{query}"),
                CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // The status says why.
        }

        return socket;
    }

    /// <summary>Lines of a socket until it closes.</summary>
    public static async Task<List<JsonElement>> Lines(ClientWebSocket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var block = new byte[1 << 14];
        var text = new StringBuilder();
        while (true)
        {
            WebSocketReceiveResult part = await socket.ReceiveAsync(block, patience.Token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
                return Lines(text.ToString());
            }

            text.Append(Encoding.UTF8.GetString(block, 0, part.Count));
        }
    }

    public static List<JsonElement> Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    public static float[] Scores(JsonElement end)
    {
        Assert.AreEqual("end", end.GetProperty("type").GetString(), end.ToString());
        return [.. end.GetProperty("scores").EnumerateArray().Select(score => score.GetSingle())];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.DisposeAsync();
    }

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, file);

    private static string SaveLong()
    {
        var mlContext = new MLContext().RegisterAudioTransformers();
        ITransformer loaded = mlContext.Model.Load(s_words, out DataViewSchema schema);
        using var disposed = (IDisposable)loaded;
        AudioModelTransformer model =
            loaded as AudioModelTransformer ?? ((IEnumerable<ITransformer>)loaded).OfType<AudioModelTransformer>().Single();
        model.LongClips = Microsoft.ML.AudioFeaturization.LongClips.Windows;
        string path = PathOf("long.zip");
        mlContext.Model.Save(loaded, schema, path);
        return path;
    }

    private sealed class Row
    {
        public float[] Waveform { get; set; } = [];
    }
}
