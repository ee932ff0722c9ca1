using System.Net.WebSockets;
using Microsoft.ML.AudioTransformers.Hosting;

namespace ListeningServer;

/// <summary>WebSocket of a stream: samples or Opus come in, lines go out.</summary>
internal static class StreamEndpoint
{
    public static async Task GetAsync(
        string name, HttpContext context, AudioModelPool pool, ListeningOptions options,
        string encoding = "s16", int rate = 0, int channels = 1)
    {
        string? wrong = !context.WebSockets.IsWebSocketRequest ? "This is for WebSockets."
            : encoding is not ("s16" or "f32" or "opus") ? "Encoding should be s16, f32 or opus."
            : rate is not 0 and (< 1000 or > 1_000_000) ? "Rate should be 0 (the model's), or 1000 to 1000000 Hz."
            : channels is < 1 or > 64 ? "Channels should be 1 to 64."
            : null;
        if (pool.Find(name) is not { } scorer || wrong is not null)
        {
            await Results.Problem(wrong ?? "There is no model of that name.", statusCode: wrong is null ? 404 : 400)
                .ExecuteAsync(context);
            return;
        }

        if (!scorer.IsReady)
        {
            await Refusals.SendAsync(context, 503,
                new InvalidOperationException("The server is stopping, or has not started."));
            return;
        }

        AudioModelInfo model = await scorer.GetModelAsync(context.RequestAborted);
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        TimeSpan idle = TimeSpan.FromSeconds(options.IdleSeconds);
        await using SocketSamples samples = encoding == "opus"
            ? new OpusSamples(socket, model.SampleRate, idle)
            : new PcmSamples(socket, encoding == "f32", idle);
        await AnswerAsync(
            socket, scorer.ListenAsync(
                samples.ReadAsync(), encoding == "opus" ? 0 : rate, encoding == "opus" ? 1 : channels,
                context.RequestAborted),
            idle, context.RequestAborted);
    }

    private static async Task AnswerAsync(
        WebSocket socket, IAsyncEnumerable<AudioFinding> findings, TimeSpan idle, CancellationToken left)
    {
        WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure;
        try
        {
            try
            {
                await foreach (AudioFinding finding in findings)
                {
                    await SendAsync(socket, AnswerLine.Of(finding), idle, left);
                }
            }
            catch (Exception error) when (Refusals.StatusOf(error) is { } code)
            {
                status = WebSocketCloseStatus.PolicyViolation;
                await SendAsync(socket, new AnswerLine("error", Status: code, Detail: error.Message), idle, left);
            }

            using var patience = new CancellationTokenSource(idle);
            await socket.CloseOutputAsync(status, null, patience.Token);
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException)
        {
            // The client left, or takes no answers.
            socket.Abort();
        }
    }

    private static async Task SendAsync(WebSocket socket, AnswerLine line, TimeSpan idle, CancellationToken left)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(left);
        patience.CancelAfter(idle);
        await socket.SendAsync(AnswerWriter.Write(line), WebSocketMessageType.Text, endOfMessage: true, patience.Token);
    }
}
