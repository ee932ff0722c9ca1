using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.ML.AudioFeaturization;

namespace AudioMLNet.Benchmarks.Serving;

/// <summary>Clients that do not behave, and what each gets.</summary>
/// <param name="server">The server, whose model is called "model".</param>
/// <param name="model">The model.</param>
internal sealed class AbusiveClients(ServerProcess server, ServedModel model)
{
    /// <summary>All of them, one after the other.</summary>
    public async Task<IReadOnlyList<(string Client, string Got)>> Run()
    {
        byte[] bomb = Silence(10 * 3600);
        byte[] silentBomb = [.. bomb];

        // STREAMINFO's count of samples, 36 bits at byte 21 of the file, is 0 where it is unknown.
        silentBomb[21] &= 0xF0;
        silentBomb.AsSpan(22, 4).Clear();
        return
        [
            ("hangs up within a recording", await HangUp()),
            ("hangs up within a stream", await HangUpStream()),
            ("sends 5 GB, with their number", await Flood($"Content-Length: {5_000_000_000}", isChunked: false)),
            ("sends 5 GB in chunks", await Flood("Transfer-Encoding: chunked", isChunked: true)),
            ("sends text", await Post("What do you hear?"u8.ToArray())),
            ("sends nothing", await Post([])),
            (Bomb(bomb, "which says so"), await Post(bomb)),
            (Bomb(silentBomb, "which does not say so"), await Post(silentBomb)),
            ("sends a recording bit by bit", await Trickle()),
            ("streams without reading answers", await Deaf()),
            ("sends a good recording after all these", await Post(model.Bytes[0])),
        ];
    }

    private static string Bomb(byte[] bytes, string says) =>
        string.Create(CultureInfo.InvariantCulture,
            $"sends 10 h of silence in a FLAC of {bytes.Length / 1e6:0.0} MB, {says}");

    private static byte[] Silence(int seconds)
    {
        using var bytes = new MemoryStream();
        AudioFile.Write(bytes, new float[seconds * 8000], 8000, 1, AudioFileFormat.Flac16);
        return bytes.ToArray();
    }

    private async Task<string> Post(byte[] bytes)
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        long began = Stopwatch.GetTimestamp();
        using HttpResponseMessage answer = await client.PostAsync(
            new Uri("/models/model/recordings", UriKind.Relative), new ByteArrayContent(bytes));
        string text = await answer.Content.ReadAsStringAsync();
        string last = text.TrimEnd().Split('\n')[^1];
        string error = last.Contains("\"error\"", StringComparison.Ordinal) ? $", last line {last}" : "";
        return Say($"{(int)answer.StatusCode}{error}", began);
    }

    private async Task<string> HangUp()
    {
        for (int i = 0; i < 100; i++)
        {
            using TcpClient client = await Connect("Content-Length: 1000000");
            await client.GetStream().WriteAsync(new byte[1000]);
        }

        return "nothing (100 of them)";
    }

    private async Task<string> HangUpStream()
    {
        for (int i = 0; i < 100; i++)
        {
            using ClientWebSocket socket = await Stream();
            await socket.SendAsync(new byte[8000], WebSocketMessageType.Binary, true, default);
            socket.Abort();
        }

        return "nothing (100 of them)";
    }

    private async Task<string> Flood(string header, bool isChunked)
    {
        using TcpClient client = await Connect(header);
        NetworkStream stream = client.GetStream();
        long began = Stopwatch.GetTimestamp();
        Task<string> answer = FirstLine(stream);
        byte[] block = isChunked ? [.. "100000\r\n"u8, .. new byte[1 << 20], .. "\r\n"u8] : new byte[1 << 20];
        long sent = 0;
        try
        {
            while (sent < 5_000_000_000 && !answer.IsCompleted)
            {
                await stream.WriteAsync(block);
                sent += 1 << 20;
            }
        }
        catch (IOException)
        {
            // The server has closed.
        }

        string got = await answer;
        return Say(string.Create(CultureInfo.InvariantCulture, $"{got} after {sent / 1e6:0} MB"), began);
    }

    private async Task<string> Trickle()
    {
        using TcpClient client = await Connect("Content-Length: 1000000");
        NetworkStream stream = client.GetStream();
        long began = Stopwatch.GetTimestamp();
        Task<string> answer = FirstLine(stream);
        try
        {
            while (!answer.IsCompleted)
            {
                await stream.WriteAsync(new byte[1]);
                await Task.Delay(100);
            }
        }
        catch (IOException)
        {
            // The server has closed.
        }

        return Say(await answer, began);
    }

    // A client that sends for as long as it may, and reads nothing.
    private async Task<string> Deaf()
    {
        using TcpClient client = new() { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(IPAddress.Loopback, server.Port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            "GET /models/model/stream?encoding=s16 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));

        // A masked binary message of 64000 bytes, its mask 0.
        byte[] message = [0x82, 0xFE, 0, 0, 0, 0, 0, 0, .. new byte[64_000]];
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), 64_000);
        long began = Stopwatch.GetTimestamp();
        long sent = 0;
        try
        {
            while (Stopwatch.GetElapsedTime(began).TotalSeconds < 120)
            {
                await stream.WriteAsync(message);
                sent += 64_000;
            }
        }
        catch (IOException)
        {
            return Say(string.Create(CultureInfo.InvariantCulture, $"closed after {sent / 1e6:0} MB"), began);
        }

        return Say(string.Create(CultureInfo.InvariantCulture, $"still open after {sent / 1e6:0} MB"), began);
    }

    private static string Say(string got, long began) => string.Create(
        CultureInfo.InvariantCulture, $"{got} ({Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s)");

    private async Task<TcpClient> Connect(string header)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /models/model/recordings HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n"));
        return client;
    }

    private async Task<ClientWebSocket> Stream()
    {
        while (true)
        {
            var socket = new ClientWebSocket();
            try
            {
                await socket.ConnectAsync(
                    new Uri($"ws://127.0.0.1:{server.Port}/models/model/stream?encoding=s16"), CancellationToken.None);
                return socket;
            }
            catch (WebSocketException)
            {
                // As many as are taken at once; a place becomes free when the server sees that a client left.
                socket.Dispose();
                await Task.Delay(20);
            }
        }
    }

    private static async Task<string> FirstLine(NetworkStream stream)
    {
        var bytes = new byte[4096];
        try
        {
            int read = await stream.ReadAsync(bytes);
            return read == 0 ? "closed" : Encoding.ASCII.GetString(bytes, 0, read).Split('\r')[0]["HTTP/1.1 ".Length..];
        }
        catch (IOException)
        {
            return "closed";
        }
    }
}
