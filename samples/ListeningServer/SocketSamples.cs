using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.ML.AudioFeaturization;

namespace ListeningServer;

/// <summary>
/// Samples of a WebSocket. Its messages are read into a queue of a few blocks, whatever becomes of the stream: to cancel a
/// read would break the socket, which still has answers to give.
/// </summary>
internal abstract class SocketSamples : IAsyncDisposable
{
    private const int BlockBytes = 1 << 15;

    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(5);

    private readonly WebSocket _socket;
    private readonly TimeSpan _idle;
    private readonly CancellationTokenSource _end = new();
    private Task _pump = Task.CompletedTask;

    protected SocketSamples(WebSocket socket, TimeSpan idle)
    {
        _socket = socket;
        _idle = idle;
        End = _end.Token;
    }

    protected Channel<ReadOnlyMemory<float>> Blocks { get; } = Channel.CreateBounded<ReadOnlyMemory<float>>(
        new BoundedChannelOptions(8) { SingleReader = true, SingleWriter = true });

    /// <summary>Cancelled when no one reads any more.</summary>
    protected CancellationToken End { get; }

    /// <summary>The samples, until a text message, a close, or a time without any.</summary>
    /// <exception cref="TimeoutException">Nothing came for too long.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<float>> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        _pump = Task.Run(PumpAsync, CancellationToken.None);
        await foreach (ReadOnlyMemory<float> block in Blocks.Reader.ReadAllAsync(cancellation))
        {
            yield return block;
        }
    }

    /// <summary>Waits for the client's close, but not for long: it may have the last lines to read.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAny(_pump, Task.Delay(s_goodbye));
        _socket.Abort();
        await _pump;
        _end.Dispose();
    }

    /// <summary>Takes the next bytes.</summary>
    protected abstract ValueTask TakeAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Ends the samples.</summary>
    /// <param name="error">What went wrong; null for the end of the stream.</param>
    protected abstract void Finish(Exception? error);

    // Takes bytes while the stream is open; after that, what still comes is left aside until the client closes.
    private async Task PumpAsync()
    {
        var block = new byte[BlockBytes];
        bool isOpen = true;
        try
        {
            while (true)
            {
                Task<ValueWebSocketReceiveResult> receiving =
                    _socket.ReceiveAsync(block.AsMemory(), CancellationToken.None).AsTask();
                isOpen = isOpen && await ComesAsync(receiving);
                ValueWebSocketReceiveResult result = await receiving;
                if (isOpen)
                {
                    isOpen = await TakeAsync(result, block);
                }

                if (result.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException)
        {
            Finish(new OperationCanceledException("The client left.", error));
        }
    }

    private async Task<bool> ComesAsync(Task receiving)
    {
        try
        {
            await receiving.WaitAsync(_idle, End);
            return true;
        }
        catch (TimeoutException)
        {
            Finish(new TimeoutException($"Nothing came for {_idle.TotalSeconds} s."));
        }
        catch (OperationCanceledException) when (End.IsCancellationRequested)
        {
            // The answer is given.
        }

        return false;
    }

    private async Task<bool> TakeAsync(ValueWebSocketReceiveResult result, byte[] block)
    {
        if (result.MessageType != WebSocketMessageType.Binary)
        {
            Finish(null);
            return false;
        }

        try
        {
            await TakeAsync(block.AsMemory(0, result.Count));
            return true;
        }
        catch (OperationCanceledException) when (End.IsCancellationRequested)
        {
            return false;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }
}

/// <summary>Raw samples: 16-bit integers or float32, little-endian. A message may end within a sample.</summary>
internal sealed class PcmSamples(WebSocket socket, bool isFloat, TimeSpan idle) : SocketSamples(socket, idle)
{
    private readonly int _width = isFloat ? 4 : 2;
    private byte[] _rest = [];

    protected override async ValueTask TakeAsync(ReadOnlyMemory<byte> bytes)
    {
        byte[] all = [.. _rest, .. bytes.Span];
        int count = all.Length / _width;
        _rest = all[(count * _width)..];
        var samples = new float[count];
        for (int i = 0; i < count; i++)
        {
            samples[i] = isFloat
                ? BinaryPrimitives.ReadSingleLittleEndian(all.AsSpan(4 * i))
                : BinaryPrimitives.ReadInt16LittleEndian(all.AsSpan(2 * i)) / 32768f;
        }

        await Blocks.Writer.WriteAsync(samples, End);
    }

    protected override void Finish(Exception? error) => Blocks.Writer.TryComplete(
        error ?? (_rest.Length > 0 ? new InvalidDataException("The stream ends within a sample.") : null));
}

/// <summary>Ogg Opus, decoded on a thread of its own while its bytes come in.</summary>
internal sealed class OpusSamples : SocketSamples
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 1 << 16, resumeWriterThreshold: 1 << 15));
    private readonly Task _decoding;

    /// <param name="socket">Socket of the stream.</param>
    /// <param name="rate">Sample rate of the samples to give, in Hz.</param>
    /// <param name="idle">Longest time without a message.</param>
    public OpusSamples(WebSocket socket, int rate, TimeSpan idle)
        : base(socket, idle)
    {
        _decoding = Task.Factory.StartNew(
            () => Decode(rate), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _pipe.Writer.CompleteAsync();
        await _decoding;
    }

    protected override async ValueTask TakeAsync(ReadOnlyMemory<byte> bytes) => await _pipe.Writer.WriteAsync(bytes, End);

    protected override void Finish(Exception? error) => _pipe.Writer.Complete(error);

    private void Decode(int rate)
    {
        try
        {
            using Stream bytes = _pipe.Reader.AsStream();
            using AudioReader reader = AudioReader.Open(bytes, rate);
            var block = new float[rate / 50];
            for (int read; (read = reader.Read(block)) > 0;)
            {
                Blocks.Writer.WriteAsync(block.AsSpan(0, read).ToArray(), End).AsTask().GetAwaiter().GetResult();
            }

            Blocks.Writer.TryComplete();
        }
        catch (Exception error)
        {
            Blocks.Writer.TryComplete(error);
        }
    }
}
