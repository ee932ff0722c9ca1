using System.Text;
using AudioMLNet.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ListeningServer.Tests;

/// <summary>What a collector of OTLP gets from the server.</summary>
[TestClass]
public sealed class TelemetryTests
{
    /// <summary>
    /// Texts and numbers are in the messages as they are (protobuf: UTF-8, packed doubles in little-endian), so that what
    /// arrived is found without a schema.
    /// </summary>
    [TestMethod]
    public async Task Metrics_and_traces_reach_a_collector()
    {
        await using Collector collector = await Collector.Start();
        await using (RunningServer server = await RunningServer.Start(
            "--OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address, "--OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf",
            "--OTEL_METRIC_EXPORT_INTERVAL", "600000", "--Listening:ApiKey", "a secret"))
        {
            using HttpResponseMessage answer = await server.Post(
                "words", RecordingTests.Recording(RunningServer.Sound(2, 2000)), ("X-Api-Key", "a secret"));
            Assert.IsTrue(answer.IsSuccessStatusCode);
            await server.Client.GetStringAsync("/health/ready");
            using var socket = await server.Connect("words", "encoding=f32&key=a%20secret");
            socket.Abort();
        }

        // What is left is sent when the server stops.
        byte[] metrics = collector.Received("/v1/metrics");
        byte[] traces = collector.Received("/v1/traces");
        string[] names =
        [
            "audio.batch.size", "audio.batch.duration", "audio.queue.duration", "audio.queue.length", "audio.requests.active",
            "audio.request.duration", "audio.real_time_factor", "http.server.request.duration",
        ];
        foreach (string name in names)
        {
            Assert.IsTrue(Has(metrics, Encoding.UTF8.GetBytes(name)), name);
        }

        foreach (string name in new[] { "audio.request", "audio.batch", "POST /models/{name}/recordings", "answered" })
        {
            Assert.IsTrue(Has(traces, Encoding.UTF8.GetBytes(name)), name);
        }

        Assert.IsTrue(Has(metrics, "listening-server"u8) && Has(traces, "listening-server"u8));
        Assert.IsFalse(Has(traces, "secret"u8));
        Assert.IsFalse(Has(traces, "/health"u8));

        // Buckets that tell milliseconds from seconds, and sizes of batches by powers of two.
        Assert.IsTrue(Has(metrics, Packed(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)));
        Assert.IsTrue(Has(metrics, Packed(1, 2, 4, 8, 16, 32)));
    }

    private static bool Has(byte[] bytes, ReadOnlySpan<byte> part) => bytes.AsSpan().IndexOf(part) >= 0;

    private static byte[] Packed(params double[] numbers) => [.. numbers.SelectMany(BitConverter.GetBytes)];

    /// <summary>A collector of OTLP over HTTP on the loopback, which keeps what it gets.</summary>
    private sealed class Collector(WebApplication app) : IAsyncDisposable
    {
        private readonly List<(string Path, byte[] Body)> _received = [];

        public string Address { get; private set; } = "";

        public static async Task<Collector> Start()
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
            builder.Logging.ClearProviders();
            WebApplication app = builder.Build();
            var collector = new Collector(app);
            app.MapPost("/{**path}", collector.Take);
            await app.StartAsync();
            collector.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
                .Single();
            return collector;
        }

        /// <summary>All that was sent to a path, one after the other.</summary>
        public byte[] Received(string path)
        {
            lock (_received)
            {
                return [.. _received.Where(message => message.Path == path).SelectMany(message => message.Body)];
            }
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private async Task<IResult> Take(HttpRequest request)
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            lock (_received)
            {
                _received.Add((request.Path, body.ToArray()));
            }

            return Results.Bytes([], request.ContentType);
        }
    }
}
