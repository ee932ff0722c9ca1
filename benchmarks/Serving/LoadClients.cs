using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace AudioMLNet.Benchmarks.Serving;

/// <summary>Clients that each send one recording after the other, and compare each answer with the offline scores.</summary>
internal sealed class LoadClients : IDisposable
{
    private readonly ServedModel _model;
    private readonly HttpClient _client;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<double> _latencies = new();
    private readonly Task[] _clients;
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <param name="server">The server, whose model is called "model".</param>
    /// <param name="model">The model.</param>
    /// <param name="count">Number of clients.</param>
    public LoadClients(ServerProcess server, ServedModel model, int count)
    {
        _model = model;
        _client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = count })
        {
            BaseAddress = server.Address,
            Timeout = TimeSpan.FromMinutes(5),
        };
        _clients = [.. Enumerable.Range(0, count).Select(client => Task.Run(() => RunAsync(client)))];
    }

    public int Answered => _latencies.Count;

    /// <summary>Answers whose scores are those of the transformer to the bit.</summary>
    public int Equal => _equal;

    /// <summary>
    /// Answers that differ in a score by more than the model's tolerance, or in the label where no other score is as near.
    /// </summary>
    public int Wrong => _wrong;

    /// <summary>Largest difference of a score.</summary>
    public double Difference => _difference;

    /// <summary>Requests that were refused with a status.</summary>
    public int Refused => _refused;

    /// <summary>Requests that could not be sent, for no one listened.</summary>
    public int NotTaken => _notTaken;

    /// <summary>Requests that were sent and got no answer.</summary>
    public int Lost => _lost;

    /// <summary>Most requests that can be open when the clients end.</summary>
    public int Sent => _sent;

    private int _equal;
    private int _wrong;
    private double _difference;
    private int _refused;
    private int _notTaken;
    private int _lost;
    private int _sent;

    /// <summary>Recordings answered a second, from the first request on.</summary>
    public double Speed => Answered / Stopwatch.GetElapsedTime(_began).TotalSeconds;

    /// <summary>Seconds from a request to the end of its answer that a part of the answers took at most.</summary>
    public double Latency(double part)
    {
        double[] sorted = [.. _latencies.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)(part * sorted.Length))];
    }

    /// <summary>Lets each client end with the answer that it waits for.</summary>
    public async Task End()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_clients);
    }

    public void Dispose()
    {
        _client.Dispose();
        _end.Dispose();
    }

    private async Task RunAsync(int client)
    {
        var random = new Random(client);
        while (!_end.IsCancellationRequested)
        {
            int recording = random.Next(_model.Bytes.Length);
            long began = Stopwatch.GetTimestamp();
            Interlocked.Increment(ref _sent);
            try
            {
                using HttpResponseMessage answer = await _client.PostAsync(
                    new Uri("/models/model/recordings", UriKind.Relative), new ByteArrayContent(_model.Bytes[recording]));
                string text = await answer.Content.ReadAsStringAsync();
                if (answer.StatusCode != HttpStatusCode.OK)
                {
                    Interlocked.Increment(ref _refused);
                    await Task.Delay(20);
                    continue;
                }

                _latencies.Enqueue(Stopwatch.GetElapsedTime(began).TotalSeconds);
                Compare(text, _model.Expected[recording]);
            }
            catch (HttpRequestException error) when (error.HttpRequestError == HttpRequestError.ConnectionError)
            {
                Interlocked.Increment(ref _notTaken);
                await Task.Delay(20);
            }
            catch (Exception error) when (error is HttpRequestException or IOException)
            {
                Interlocked.Increment(ref _lost);
                Console.WriteLine($"lost: {error.Message} {error.InnerException?.Message}");
            }
        }
    }

    private void Compare(string answer, float[] expected)
    {
        JsonElement end = JsonDocument.Parse(answer.TrimEnd().Split('\n')[^1]).RootElement;
        float[] scores = end.GetProperty("type").GetString() == "end"
            ? [.. end.GetProperty("scores").EnumerateArray().Select(score => score.GetSingle())]
            : [];
        bool isWhole = scores.Length == expected.Length;
        double difference = isWhole ? scores.Zip(expected).Max(pair => Math.Abs((double)pair.First - pair.Second)) : 1;
        bool isRight = difference <= _model.Tolerance
            && expected[Array.IndexOf(scores, scores.Max())] >= expected.Max() - (2 * _model.Tolerance);
        Interlocked.Add(ref _wrong, isRight ? 0 : 1);
        lock (_latencies)
        {
            _difference = Math.Max(_difference, difference);
        }

        Interlocked.Add(ref _equal, scores.SequenceEqual(expected) ? 1 : 0);
    }
}
