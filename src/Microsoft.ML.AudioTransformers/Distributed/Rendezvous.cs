using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Microsoft.ML.AudioTransformers.Distributed;

/// <summary>
/// Rendezvous of ranks whose launcher gives them no more than addresses, as torchrun does: rank 0 listens, the others connect, and
/// all get the same bytes from it. The connections stay open, so that a rank that ends or fails is noticed by all others.
/// </summary>
internal sealed class Rendezvous : IDisposable
{
    // Sent first by either side, so that a stranger's connection is told from a rank's.
    private const uint Magic = 0x414D4C4E;
    private const int LongestMessage = 4096;

    private readonly List<(int Rank, TcpClient Client)> _peers = [];

    private Rendezvous(RankPlace place) => Place = place;

    /// <summary>Place of this process.</summary>
    public RankPlace Place { get; }

    /// <summary>Bytes that rank 0 has given to all.</summary>
    public byte[] Shared { get; private set; } = [];

    /// <summary>Meets the other ranks.</summary>
    /// <param name="place">Place of this process.</param>
    /// <param name="create">Creates the bytes for all, on rank 0.</param>
    /// <param name="limit">Longest wait.</param>
    /// <exception cref="DistributedException">The others did not come in time.</exception>
    public static Rendezvous Meet(RankPlace place, Func<byte[]> create, TimeSpan limit)
    {
        var rendezvous = new Rendezvous(place);
        try
        {
            var watch = Stopwatch.StartNew();
            if (place.Rank == 0)
            {
                rendezvous.Shared = create();
                rendezvous.Listen(watch, limit);
            }
            else
            {
                rendezvous.Connect(watch, limit);
            }

            return rendezvous;
        }
        catch
        {
            rendezvous.Dispose();
            throw;
        }
    }

    /// <summary>Tells the other ranks that this one failed; rank 0 passes it on.</summary>
    public void Tell(string message)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(message);
        bytes = bytes.Length > LongestMessage ? bytes[..LongestMessage] : bytes;
        foreach ((_, TcpClient client) in _peers)
        {
            try
            {
                Write(client, bytes);
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // That rank is gone, and needs no message.
            }
        }
    }

    /// <summary>What another rank has told, or that it is gone; null if all is well. Does not wait.</summary>
    public string? Failure()
    {
        foreach ((int rank, TcpClient client) in _peers)
        {
            try
            {
                if (client.Client.Poll(0, SelectMode.SelectRead))
                {
                    string message = client.Available == 0
                        ? string.Create(CultureInfo.InvariantCulture, $"Rank {rank} of {Place.Size} has ended.")
                        : Encoding.UTF8.GetString(Read(client));
                    Tell(message);
                    return message;
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
            {
                return string.Create(CultureInfo.InvariantCulture, $"Rank {rank} of {Place.Size} is gone: {exception.Message}");
            }
        }

        return null;
    }

    public void Dispose() => _peers.ForEach(peer => peer.Client.Dispose());

    private void Listen(Stopwatch watch, TimeSpan limit)
    {
        using var listener = new TcpListener(IPAddress.Any, Place.Port);
        listener.Start();
        while (_peers.Count < Place.Size - 1)
        {
            Task<TcpClient> accepted = listener.AcceptTcpClientAsync();
            while (!accepted.Wait(50))
            {
                if (watch.Elapsed > limit)
                {
                    int[] missing = [.. Enumerable.Range(1, Place.Size - 1).Except(_peers.Select(peer => peer.Rank))];
                    throw new DistributedException(string.Create(
                        CultureInfo.InvariantCulture,
                        $"Rank 0 waited {watch.Elapsed.TotalSeconds:0.#} s at port {Place.Port} for the ranks "
                        + $"{string.Join(", ", missing)} of {Place.Size}; they did not come."));
                }
            }

            TcpClient client = accepted.Result;
            LimitWaits(client, limit);
            try
            {
                int rank = BinaryPrimitives.ReadInt32LittleEndian(Read(client));
                bool isNew = rank > 0 && rank < Place.Size && _peers.All(peer => peer.Rank != rank);
                if (!isNew)
                {
                    throw new DistributedException(string.Create(
                        CultureInfo.InvariantCulture,
                        $"A process came to rank 0 as rank {rank}; expected each of 1 to {Place.Size - 1} once. RANK or WORLD_SIZE of "
                        + $"one process is wrong."));
                }

                Write(client, Shared);
                _peers.Add((rank, client));
            }
            catch (IOException)
            {
                // Not a rank.
                client.Dispose();
            }
        }
    }

    private void Connect(Stopwatch watch, TimeSpan limit)
    {
        while (true)
        {
            var client = new TcpClient();
            try
            {
                client.Connect(Place.Address, Place.Port);
                LimitWaits(client, limit);
                _peers.Add((0, client));
                byte[] rank = new byte[sizeof(int)];
                BinaryPrimitives.WriteInt32LittleEndian(rank, Place.Rank);
                Write(client, rank);
                Shared = Read(client);
                return;
            }
            catch (SocketException exception)
            {
                client.Dispose();
                if (watch.Elapsed > limit)
                {
                    throw new DistributedException(string.Create(
                        CultureInfo.InvariantCulture,
                        $"Rank {Place.Rank} of {Place.Size} waited {watch.Elapsed.TotalSeconds:0.#} s for rank 0 at "
                        + $"{Place.Address}:{Place.Port} (MASTER_ADDR, MASTER_PORT): {exception.Message}"));
                }

                Thread.Sleep(100);
            }
            catch (IOException exception)
            {
                throw new DistributedException($"Rank 0 at {Place.Address} did not answer as one: {exception.Message}");
            }
        }
    }

    private static void LimitWaits(TcpClient client, TimeSpan limit)
    {
        client.NoDelay = true;
        client.ReceiveTimeout = client.SendTimeout = (int)Math.Min(limit.TotalMilliseconds, int.MaxValue);
    }

    private static void Write(TcpClient client, byte[] bytes)
    {
        byte[] message = new byte[8 + bytes.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(message, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), bytes.Length);
        bytes.CopyTo(message.AsSpan(8));
        client.GetStream().Write(message);
    }

    private static byte[] Read(TcpClient client)
    {
        byte[] head = new byte[8];
        client.GetStream().ReadExactly(head);
        int length = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(4));
        if (BinaryPrimitives.ReadUInt32LittleEndian(head) != Magic || length is < 0 or > LongestMessage)
        {
            throw new IOException("the bytes are not those of a rank");
        }

        byte[] bytes = new byte[length];
        client.GetStream().ReadExactly(bytes);
        return bytes;
    }
}

/// <summary>Place of a process among the ranks, and the address of rank 0.</summary>
/// <param name="Rank">Index of the process, from 0.</param>
/// <param name="Size">Number of processes.</param>
/// <param name="LocalRank">Index among those of its machine: the number of its GPU.</param>
/// <param name="Address">Host of rank 0.</param>
/// <param name="Port">Port of rank 0, 1 to 65535.</param>
internal readonly record struct RankPlace(int Rank, int Size, int LocalRank, string Address, int Port)
{
    /// <summary>Reads RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT, as torchrun sets them; else one rank.</summary>
    /// <exception cref="DistributedException">A variable is missing or out of its range.</exception>
    public static RankPlace FromEnvironment(Func<string, string?> variable)
    {
        if (variable("WORLD_SIZE") is null)
        {
            return new RankPlace(0, 1, 0, "", 0);
        }

        int Number(string name, int minimum, int maximum, int? missing = null)
        {
            string? text = variable(name);
            return text is null && missing is { } value ? value
                : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                    && number >= minimum && number <= maximum ? number
                : throw new DistributedException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The variable {name} is {(text is null ? "not set" : $"'{text}'")}; expected a number from {minimum} to "
                    + $"{maximum}, as torchrun sets it."));
        }

        int size = Number("WORLD_SIZE", 1, 1_000_000);
        int rank = Number("RANK", 0, size - 1);
        return new RankPlace(
            rank, size, Number("LOCAL_RANK", 0, 1023, missing: 0), variable("MASTER_ADDR") ?? "127.0.0.1",
            Number("MASTER_PORT", 1, 65_535, missing: 29_500));
    }
}
