using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Hosting;

namespace ListeningServer.Tests;

/// <summary>What the server answers to streams, and what becomes of clients that do not behave.</summary>
[TestClass]
public sealed class StreamTests
{
    [TestMethod]
    [DataRow("s16", 1), DataRow("s16", 2), DataRow("f32", 1)]
    public async Task A_stream_has_the_scores_of_the_transformer(string encoding, int channels)
    {
        await using RunningServer server = await RunningServer.Start();
        short[] samples = [.. RunningServer.Sound(2, 5000).Select(sample => (short)(sample * 30000))];
        float[] sound = [.. samples.Select(sample => sample / 32768f)];
        byte[] bytes = [.. samples.SelectMany((sample, i) => Enumerable.Repeat(
            encoding == "s16" ? BitConverter.GetBytes(sample) : BitConverter.GetBytes(sound[i]), channels)
                .SelectMany(all => all))];
        using ClientWebSocket socket = await server.Connect("long", $"encoding={encoding}&rate=8000&channels={channels}");

        List<JsonElement> lines = await Send(socket, bytes, 777);

        float[] expected = RunningServer.Offline("long", sound);
        float[] scores = RunningServer.Scores(lines[^1]);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], scores[i], 1e-6f);
        }

        // Windows of 2000 samples, 1000 apart, are 4 of 5000.
        Assert.AreEqual(4, lines[^1].GetProperty("windows").GetInt32());
    }

    [TestMethod]
    public async Task Opus_is_heard_as_the_same_file_is()
    {
        await using RunningServer server = await RunningServer.Start();
        byte[] bytes = File.ReadAllBytes(Path.Combine(
            Checkout.Root, "test", "Microsoft.ML.AudioFeaturization.Tests", "Audio", "Formats", "Fixtures",
            "opus-stereo.opus"));
        using HttpResponseMessage recording = await server.Post("long", bytes);
        JsonElement expected = RunningServer.Lines(await recording.Content.ReadAsStringAsync())[^1];
        using ClientWebSocket socket = await server.Connect("long", "encoding=opus");

        JsonElement end = (await Send(socket, bytes, 300))[^1];

        CollectionAssert.AreEqual(RunningServer.Scores(expected), RunningServer.Scores(end));
    }

    [TestMethod]
    public async Task Events_come_as_they_end()
    {
        await using RunningServer server = await RunningServer.Start();
        using ClientWebSocket socket = await server.Connect("events", "encoding=f32&rate=8000");
        byte[] bytes = [.. RunningServer.Sound(1, 40_000).SelectMany(BitConverter.GetBytes)];
        List<JsonElement> lines = await Send(socket, bytes, 4000);
        double[] ends = [.. lines[..^1].Select(line => line.GetProperty("end").GetDouble())];
        Assert.AreEqual(ends.Length, lines[^1].GetProperty("events").GetInt32());
        CollectionAssert.AreEqual(ends.Order().ToArray(), ends);
    }

    [TestMethod]
    public async Task Wrong_streams_are_refused()
    {
        await using RunningServer server = await RunningServer.Start(
            "--Listening:MaximumStreams", "1", "--Listening:MaximumSeconds", "1", "--Listening:IdleSeconds", "0.5");
        foreach ((string model, string query, HttpStatusCode status) in new[]
        {
            ("none", "", HttpStatusCode.NotFound), ("words", "encoding=mp3", HttpStatusCode.BadRequest),
            ("words", "rate=12", HttpStatusCode.BadRequest), ("words", "channels=0", HttpStatusCode.BadRequest),
        })
        {
            using ClientWebSocket refused = await server.Connect(model, query);
            Assert.AreEqual(status, refused.HttpStatusCode, query);
        }

        using (ClientWebSocket first = await server.Connect("words", "encoding=s16"))
        {
            using ClientWebSocket second = await server.Connect("words", "encoding=s16");
            Assert.AreEqual(HttpStatusCode.TooManyRequests, second.HttpStatusCode);
            Assert.AreEqual("1", second.HttpResponseHeaders!["Retry-After"].Single());

            // Nothing comes: the server says so and closes.
            JsonElement idle = (await RunningServer.Lines(first))[^1];
            Assert.AreEqual(408, idle.GetProperty("status").GetInt32());
        }

        // Two seconds where one is allowed, then text where Opus is expected.
        using ClientWebSocket tooLong = await Free(server, "words", "encoding=s16&rate=8000");
        Assert.AreEqual(413, (await Send(tooLong, new byte[32_000], 8000))[^1].GetProperty("status").GetInt32());
        using ClientWebSocket text = await Free(server, "words", "encoding=opus");
        Assert.AreEqual(400, (await Send(text, new byte[5000], 5000))[^1].GetProperty("status").GetInt32());
        using ClientWebSocket half = await Free(server, "words", "encoding=f32&rate=8000");
        Assert.AreEqual(400, (await Send(half, new byte[8002], 8002))[^1].GetProperty("status").GetInt32());
    }

    [TestMethod]
    public async Task A_client_that_hangs_up_frees_its_place()
    {
        await using RunningServer server = await RunningServer.Start("--Listening:MaximumStreams", "1");
        using (ClientWebSocket leaves = await server.Connect("words", "encoding=s16"))
        {
            await leaves.SendAsync(new byte[6000], WebSocketMessageType.Binary, true, default);
            leaves.Abort();
        }

        using ClientWebSocket next = await Free(server, "words", "encoding=s16&rate=8000");
        Assert.AreEqual("end", (await Send(next, new byte[8000], 8000))[^1].GetProperty("type").GetString());
    }

    [TestMethod]
    public async Task A_stop_ends_streams_with_what_was_heard()
    {
        await using RunningServer server = await RunningServer.Start();
        using ClientWebSocket socket = await server.Connect("words", "encoding=s16&rate=8000");
        await socket.SendAsync(new byte[4000], WebSocketMessageType.Binary, true, default);
        var block = new byte[4096];
        await socket.ReceiveAsync(block, default);
        Task stop = server.App.StopAsync();

        List<JsonElement> lines = await RunningServer.Lines(socket);

        Assert.AreEqual(0.25, lines[^1].GetProperty("end").GetDouble());
        await stop;
        Assert.IsFalse(server.App.Services.GetRequiredService<AudioModelPool>().IsReady);
    }

    // A place that becomes free is free a moment later.
    private static async Task<ClientWebSocket> Free(RunningServer server, string model, string query)
    {
        for (int i = 0; ; i++)
        {
            ClientWebSocket socket = await server.Connect(model, query);
            if (socket.State == WebSocketState.Open || i == 200)
            {
                return socket;
            }

            Assert.AreEqual(HttpStatusCode.TooManyRequests, socket.HttpStatusCode);
            socket.Dispose();
            await Task.Delay(50);
        }
    }

    private static async Task<List<JsonElement>> Send(ClientWebSocket socket, byte[] bytes, int block)
    {
        Task<List<JsonElement>> lines = RunningServer.Lines(socket);
        try
        {
            for (int start = 0; start < bytes.Length; start += block)
            {
                await socket.SendAsync(
                    bytes.AsMemory(start, Math.Min(block, bytes.Length - start)), WebSocketMessageType.Binary, true,
                        default);
            }

            await socket.SendAsync("end"u8.ToArray(), WebSocketMessageType.Text, true, default);
        }
        catch (WebSocketException)
        {
            // The server has answered before the end, and closed.
        }

        return await lines;
    }
}
