using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.ClipScoring.Streaming;
using Microsoft.ML.AudioTransformers.Hosting.Batching;

namespace Microsoft.ML.AudioTransformers.Hosting.Scorers;

/// <summary>Scorer of one model: admits requests, feeds their samples to their <see cref="Hearing"/>, and ends with the app.
/// </summary>
internal sealed class AudioScorer : IAudioScorer, IAsyncDisposable, IDisposable
{
    private readonly AudioModelOptions _options;
    private readonly HostedModelFile _file;
    private readonly ScoringQueue _queue;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _aborting = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private int _requests;
    private bool _isStopping;
    private bool _isDisposed;

    /// <param name="name">Name of the model.</param>
    /// <param name="options">Checked options.</param>
    /// <param name="logger">Takes loads, and files that cannot be loaded.</param>
    /// <param name="meters">Factory of meters; null for none.</param>
    public AudioScorer(string name, AudioModelOptions options, ILogger logger, IMeterFactory? meters)
    {
        Name = name;
        _options = options;
        _queue = new ScoringQueue(name, options, meters, () => Volatile.Read(ref _requests));
        _file = new HostedModelFile(name, options, logger, _queue.Telemetry.Reload, _queue.WarmUpAsync);
    }

    public string Name { get; }

    /// <summary>Queue of the model, for tests that hold it up.</summary>
    internal ScoringQueue Queue => _queue;

    /// <summary>File of the model.</summary>
    internal HostedModelFile File => _file;

    public bool IsReady => _file.IsLoaded && !_stopping.IsCancellationRequested;

    public async Task<AudioModelInfo> GetModelAsync(CancellationToken cancellation = default)
    {
        HostedModel model = await _file.AcquireAsync(cancellation).ConfigureAwait(false);
        try
        {
            double rate = model.FrontEnd.SampleRate;
            bool isClassifier = model.Classifier is not null;
            return new AudioModelInfo(
                Name,
                model.Classifier?.Model.Task.ExportName ?? "sound events",
                isClassifier ? model.ClassNames : model.Detector!.EventClassNames,
                model.FrontEnd.SampleRate,
                isClassifier ? model.StreamGrid!.Length / rate : 0,
                isClassifier ? model.StreamGrid!.Hop / rate : 0,
                !isClassifier || model.RecordingGrid is not null,
                model.Version,
                model.LoadedAt);
        }
        finally
        {
            model.Release();
        }
    }

    public async Task<AudioScores> ScoreAsync(
        ReadOnlyMemory<float> samples, int sampleRate = 0, int channels = 1, CancellationToken cancellation = default) =>
        await EndOf(RunAsync(request => FeedAsync(request, samples, sampleRate, channels), cancellation))
            .ConfigureAwait(false);

    public async Task<AudioScores> ScoreAsync(Stream recording, CancellationToken cancellation = default) =>
        await EndOf(ListenAsync(recording, cancellation)).ConfigureAwait(false);

    public async Task<AudioScores> ScoreFileAsync(string path, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return await EndOf(RunAsync(
            request => FeedAsync(request, rate => AudioReader.Open(path, rate)), cancellation)).ConfigureAwait(false);
    }

    public IAsyncEnumerable<AudioFinding> ListenAsync(Stream recording, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(recording);
        return RunAsync(request => FeedAsync(request, rate => AudioReader.Open(recording, rate)), cancellation);
    }

    public IAsyncEnumerable<AudioFinding> ListenAsync(
        IAsyncEnumerable<ReadOnlyMemory<float>> samples, int sampleRate = 0, int channels = 1,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return RunAsync(request => FeedAsync(request, samples, sampleRate, channels), cancellation);
    }

    public Task<bool> ReloadAsync(CancellationToken cancellation = default) => _file.ReloadAsync(cancellation);

    /// <summary>Loads the model, so that the first request finds it.</summary>
    public async Task LoadAsync(CancellationToken cancellation) =>
        (await _file.AcquireAsync(cancellation).ConfigureAwait(false)).Release();

    /// <summary>Takes no more requests, and ends streams as if no more samples came.</summary>
    public void BeginStop()
    {
        lock (_lock)
        {
            if (_isStopping)
            {
                return;
            }

            _isStopping = true;
            if (_requests == 0)
            {
                _drained.TrySetResult();
            }
        }

        _stopping.Cancel();
    }

    /// <summary>Waits until all requests that are begun are answered, or, when it is cancelled, cancels them.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        BeginStop();
        try
        {
            await _drained.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Abort();
            await _drained.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Cancels what is begun, ends the thread of the queue, and frees the model: in this order.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        await StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        _queue.Dispose();
        _file.Dispose();
        _stopping.Dispose();
        _aborting.Dispose();
    }

    /// <summary>As <see cref="DisposeAsync"/>.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    // At once: with CancelAsync the tokens that are linked to it may hear of it when the queue has gone on already.
    private void Abort() => _aborting.Cancel();

    private static async Task<AudioScores> EndOf(IAsyncEnumerable<AudioFinding> findings)
    {
        AudioScores? scores = null;
        await foreach (AudioFinding finding in findings.ConfigureAwait(false))
        {
            scores = (finding as AudioEndFinding)?.Scores;
        }

        return scores!;
    }

    // A request: admitted, with a share of the model, measured, and counted out whatever becomes of it.
    private async IAsyncEnumerable<AudioFinding> RunAsync(
        Func<Request, IAsyncEnumerable<AudioFinding>> feed, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Admit();
        long began = Stopwatch.GetTimestamp();
        string outcome = "failed";
        HostedModel? model = null;
        using Activity? activity = AudioHostingTelemetry.Source.StartActivity("audio.request");
        activity?.SetTag("model", Name);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _aborting.Token);
        try
        {
            model = await _file.AcquireAsync(end.Token).ConfigureAwait(false);
            await foreach (AudioFinding finding in feed(new Request(model, end.Token)).ConfigureAwait(false))
            {
                if (finding is AudioEndFinding { Scores: var scores })
                {
                    outcome = "answered";
                    activity?.SetTag("audio.seconds", scores.HeardSeconds).SetTag("audio.windows", scores.Windows);
                }

                yield return finding;
            }
        }
        finally
        {
            outcome = outcome == "failed" && end.IsCancellationRequested ? "cancelled" : outcome;
            await end.CancelAsync().ConfigureAwait(false);
            model?.Release();
            activity?.SetTag("outcome", outcome)
                .SetStatus(outcome == "failed" ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
            _queue.Telemetry.End(Stopwatch.GetElapsedTime(began), outcome);
            Leave();
        }
    }

    private async IAsyncEnumerable<AudioFinding> FeedAsync(Request request, Func<int, AudioReader> open)
    {
        // Decoding blocks its thread, which is not to be the caller's.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using AudioReader reader = open(request.Model.FrontEnd.SampleRate);
        CheckLength(reader.Length, reader.SampleRate);
        using Hearing hearing = Hearing.Of(request.Model, _queue, isStream: false, request.Cancellation);
        List<AudioFinding> found = [];
        var block = new float[hearing.BlockLength];
        for (int read; !hearing.HasEnough && (read = reader.Read(block)) > 0;)
        {
            request.Cancellation.ThrowIfCancellationRequested();
            hearing.Take(block.AsSpan(0, read));
            CheckLength(hearing.SampleCount, reader.SampleRate);
            await hearing.ScoreAsync(found).ConfigureAwait(false);
            foreach (AudioFinding finding in found)
            {
                yield return finding;
            }

            found.Clear();
        }

        await hearing.FinishAsync(found).ConfigureAwait(false);
        foreach (AudioFinding finding in found)
        {
            yield return finding;
        }
    }

    private async IAsyncEnumerable<AudioFinding> FeedAsync(
        Request request, ReadOnlyMemory<float> samples, int sampleRate, int channels)
    {
        int rate = request.Model.FrontEnd.SampleRate;
        MonoSamples.Check(sampleRate, channels, rate);
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using Hearing hearing = Hearing.Of(request.Model, _queue, isStream: false, request.Cancellation);
        var mono = new MonoSamples(sampleRate == 0 ? rate : sampleRate, channels, rate, hearing.Take);
        List<AudioFinding> found = [];
        int length = checked(hearing.BlockLength * channels);
        for (int start = 0; start < samples.Length && !hearing.HasEnough; start += length)
        {
            request.Cancellation.ThrowIfCancellationRequested();
            mono.Write(samples.Span[start..Math.Min(samples.Length, start + length)]);
            CheckLength(hearing.SampleCount, rate);
            await hearing.ScoreAsync(found).ConfigureAwait(false);
        }

        mono.Finish();
        await hearing.FinishAsync(found).ConfigureAwait(false);
        foreach (AudioFinding finding in found)
        {
            yield return finding;
        }
    }

    private async IAsyncEnumerable<AudioFinding> FeedAsync(
        Request request, IAsyncEnumerable<ReadOnlyMemory<float>> samples, int sampleRate, int channels)
    {
        int rate = request.Model.FrontEnd.SampleRate;
        MonoSamples.Check(sampleRate, channels, rate);
        using Hearing hearing = Hearing.Of(request.Model, _queue, isStream: true, request.Cancellation);
        var mono = new MonoSamples(sampleRate == 0 ? rate : sampleRate, channels, rate, hearing.Take);
        List<AudioFinding> found = [];
        using var asking = CancellationTokenSource.CreateLinkedTokenSource(request.Cancellation, _stopping.Token);
        await using IAsyncEnumerator<ReadOnlyMemory<float>> blocks = samples.GetAsyncEnumerator(asking.Token);
        while (await NextAsync(blocks, request.Cancellation).ConfigureAwait(false))
        {
            // A block is as long as whoever sends it likes.
            int length = checked(hearing.BlockLength * channels);
            for (int start = 0; start < blocks.Current.Length; start += length)
            {
                mono.Write(blocks.Current.Span[start..Math.Min(blocks.Current.Length, start + length)]);
                CheckLength(hearing.SampleCount, rate);
                await hearing.ScoreAsync(found).ConfigureAwait(false);
                foreach (AudioFinding finding in found)
                {
                    yield return finding;
                }

                found.Clear();
            }
        }

        mono.Finish();
        await hearing.FinishAsync(found).ConfigureAwait(false);
        foreach (AudioFinding finding in found)
        {
            yield return finding;
        }
    }

    // The next block; none when the app stops, which is no error.
    private async ValueTask<bool> NextAsync(IAsyncEnumerator<ReadOnlyMemory<float>> blocks, CancellationToken request)
    {
        try
        {
            return !_stopping.IsCancellationRequested && await blocks.MoveNextAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested && !request.IsCancellationRequested)
        {
            return false;
        }
    }

    private void CheckLength(long samples, int rate)
    {
        if (_options.MaximumSeconds > 0 && samples > _options.MaximumSeconds * rate)
        {
            throw new AudioTooLongException((double)samples / rate, _options.MaximumSeconds);
        }
    }

    private void Admit()
    {
        lock (_lock)
        {
            if (_isStopping)
            {
                _queue.Telemetry.Refuse();
                throw new AudioModelUnavailableException(Name);
            }

            if (_requests >= _options.MaximumRequests)
            {
                _queue.Telemetry.Refuse();
                double seconds = Math.Clamp(_requests * _queue.SecondsAWindow, 1, 60);
                throw new AudioQueueFullException(Name, _requests, TimeSpan.FromSeconds(Math.Ceiling(seconds)));
            }

            _requests++;
        }

        _queue.Telemetry.Begin();
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_requests == 0 && _isStopping)
            {
                _drained.TrySetResult();
            }
        }
    }

    /// <summary>A request that is begun.</summary>
    /// <param name="Model">Model, of which it holds a share.</param>
    /// <param name="Cancellation">Cancelled when no one waits for it any more.</param>
    private sealed record Request(HostedModel Model, CancellationToken Cancellation);
}
