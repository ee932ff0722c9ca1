using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers.Hosting.Batching;

/// <summary>
/// Queue of a model's jobs and the thread that does them: windows of several requests are scored together, first come, first
/// served. It holds so many jobs at most; who adds one more waits.
/// </summary>
/// <remarks>
/// The thread is one of its own: LibTorch keeps its workers for each thread that calls it. A batch has windows of one
/// model only, so that a reload begins a new one.
/// </remarks>
internal sealed class ScoringQueue : IDisposable
{
    // A larger batch takes as long for each window, and its warm-up would hold up the app's start.
    private const int MostWarmedUp = 64;

    private readonly Channel<ScoringJob> _jobs;
    private readonly int _batchSize;
    private readonly TimeSpan _delay;
    private readonly Func<int> _openRequests;
    private readonly ModelTelemetry _telemetry;
    private readonly string _name;
    private readonly Thread _thread;
    private readonly List<WindowJob> _batch = [];
    private Task<bool>? _waiting;
    private ScoringJob? _held;
    private float[] _features = [];
    private float[] _scores = [];
    private double _secondsAWindow;

    /// <param name="name">Name of the model.</param>
    /// <param name="options">Checked options.</param>
    /// <param name="meters">Factory of meters; null for none.</param>
    /// <param name="openRequests">Number of requests that are begun.</param>
    public ScoringQueue(
        string name, AudioModelOptions options, System.Diagnostics.Metrics.IMeterFactory? meters, Func<int> openRequests)
    {
        _name = name;
        _batchSize = options.BatchSize;
        _delay = TimeSpan.FromMilliseconds(options.DelayMilliseconds);
        _openRequests = openRequests;
        _jobs = Channel.CreateBounded<ScoringJob>(new BoundedChannelOptions(2 * _batchSize) { SingleReader = true });
        _telemetry = new ModelTelemetry(meters, name, () => Length);
        _thread = new Thread(Work) { IsBackground = true, Name = $"audio model {name}" };
        _thread.Start();
    }

    /// <summary>Jobs that wait.</summary>
    public int Length => _jobs.Reader.Count;

    /// <summary>Seconds that a window took in the last batches, as a running mean.</summary>
    public double SecondsAWindow => Volatile.Read(ref _secondsAWindow);

    public ModelTelemetry Telemetry => _telemetry;

    /// <summary>Adds a job, when there is room. The queue ends it; a failure to add it ends it too.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled while it waited for room.</exception>
    public async ValueTask AddAsync(ScoringJob job)
    {
        job.AddedAt = Stopwatch.GetTimestamp();
        try
        {
            await _jobs.Writer.WriteAsync(job, job.Cancellation).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            job.End();
            if (exception is ChannelClosedException)
            {
                throw new AudioModelUnavailableException(_name);
            }

            throw;
        }
    }

    /// <summary>
    /// Scores a batch of silence on the queue's thread, which is not measured: LibTorch reserves memory and makes kernels
    /// at the first batch of a size, and that is not to be in the time of the first requests.
    /// </summary>
    public async Task WarmUpAsync(HostedModel model)
    {
        if (model.Classifier is not null)
        {
            var job = new StepJob<int>(model, () => WarmUp(model), 0, CancellationToken.None) { IsMeasured = false };
            await AddAsync(job).ConfigureAwait(false);
            await job.Found.ConfigureAwait(false);
        }
    }

    /// <summary>Ends the queue: what is in it is done, and nothing is added any more.</summary>
    public void Dispose()
    {
        _jobs.Writer.TryComplete();
        _thread.Join();
        _telemetry.Dispose();
    }

    private void Work()
    {
        while (Next() is { } first)
        {
            if (first is StepJob step)
            {
                Run(step);
                continue;
            }

            Collect((WindowJob)first);
            Score();
        }
    }

    // The next job, whenever it comes; null at the end.
    private ScoringJob? Next()
    {
        ScoringJob? job = _held;
        _held = null;
        while (job is null && !_jobs.Reader.TryRead(out job))
        {
            if (!WaitForMore(Timeout.InfiniteTimeSpan))
            {
                return null;
            }
        }

        return job;
    }

    /// <summary>Waits until there is a job.</summary>
    /// <returns>False at the end, and when the time is over.</returns>
    private bool WaitForMore(TimeSpan time)
    {
        // A wait that outlived its time is gone on with: a channel has one for a reader.
        _waiting ??= _jobs.Reader.WaitToReadAsync().AsTask();
        if (!_waiting.Wait(time))
        {
            return false;
        }

        bool isMore = _waiting.Result;
        _waiting = isMore ? null : _waiting;
        return isMore;
    }

    private void Collect(WindowJob first)
    {
        _batch.Clear();
        _batch.Add(first);
        long began = Stopwatch.GetTimestamp();
        while (_batch.Count < _batchSize)
        {
            if (_jobs.Reader.TryRead(out ScoringJob? job))
            {
                if (job is not WindowJob window || window.Model != first.Model)
                {
                    _held = job;
                    return;
                }

                _batch.Add(window);
                continue;
            }

            TimeSpan left = _delay - Stopwatch.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || _batch.Count >= _openRequests() || !WaitForMore(left))
            {
                return;
            }
        }
    }

    private void Score()
    {
        for (int i = _batch.Count - 1; i >= 0; i--)
        {
            if (_batch[i].Cancellation.IsCancellationRequested)
            {
                _batch[i].Fail(null);
                _batch[i].End();
                _batch.RemoveAt(i);
            }
        }

        if (_batch.Count == 0)
        {
            return;
        }

        using Activity? activity = StartActivity();
        long began = Stopwatch.GetTimestamp();
        _batch.ForEach(job => _telemetry.Wait(Stopwatch.GetElapsedTime(job.AddedAt, began)));
        try
        {
            ScoreTogether(_batch[0].Model);
        }
        catch (Exception exception)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            _batch.ForEach(job => job.Fail(exception));
        }
        finally
        {
            Measure(_batch.Count, Stopwatch.GetElapsedTime(began), _batch.Sum(job => job.Seconds));
            _batch.ForEach(job => job.End());
            _batch.Clear();
        }
    }

    private void ScoreTogether(HostedModel model)
    {
        (int length, int classes) = Reserve(model);

        // Here, on all cores, and not by each request: while LibTorch's threads score, who takes the time of one of them
        // lets all the others wait for it.
        Parallel.For(0, _batch.Count, i =>
        {
            Span<float> features = _features.AsSpan(i * length, length);
            try
            {
                _batch[i].WriteFeatures(features);
            }
            catch (Exception exception)
            {
                // The others are not to fail with it: its row is scored as silence, and no one gets these scores.
                _batch[i].Fail(exception);
                features.Clear();
            }
        });
        AudioModelParameters parameters = model.Classifier!.Model;
        try
        {
            parameters.Score(
                _features.AsSpan(0, _batch.Count * length), _batch.Count, _scores.AsSpan(0, _batch.Count * classes));
        }
        catch (InvalidOperationException exception) when (_batch.Count > 1 && FiniteOutput.IsOfOneClip(exception))
        {
            CompleteFinite(parameters, classes);
            return;
        }

        for (int i = 0; i < _batch.Count; i++)
        {
            _batch[i].Complete(_scores.AsSpan(i * classes, classes));
        }
    }

    // The scores are there; a window whose own are not finite fails alone.
    private void CompleteFinite(AudioModelParameters parameters, int classes)
    {
        for (int i = 0; i < _batch.Count; i++)
        {
            Span<float> scores = _scores.AsSpan(i * classes, classes);
            try
            {
                FiniteOutput.Check(scores, 1, parameters.ArchitectureName, "score", parameters.ClassNames);
                _batch[i].Complete(scores);
            }
            catch (InvalidOperationException exception) when (FiniteOutput.IsOfOneClip(exception))
            {
                _batch[i].Fail(exception);
            }
        }
    }

    // Room for a batch; the values of a window's features, and its scores.
    private (int Length, int Classes) Reserve(HostedModel model)
    {
        int length = model.Reader!.Shape.Length;
        int classes = model.ClassNames.Count;
        if (_features.Length != _batchSize * length || _scores.Length != _batchSize * classes)
        {
            _features = new float[checked(_batchSize * length)];
            _scores = new float[_batchSize * classes];
        }

        return (length, classes);
    }

    private int WarmUp(HostedModel model)
    {
        (int length, int classes) = Reserve(model);
        int count = Math.Min(_batchSize, MostWarmedUp);
        _features.AsSpan(0, count * length).Clear();
        model.Classifier!.Model.Score(
            _features.AsSpan(0, count * length), count, _scores.AsSpan(0, count * classes));
        return count;
    }

    private void Run(StepJob step)
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            if (step.Cancellation.IsCancellationRequested)
            {
                step.Fail(null);
                return;
            }

            step.Run();
            if (step.IsMeasured)
            {
                Measure(1, Stopwatch.GetElapsedTime(began), step.Seconds);
            }
        }
        catch (Exception exception)
        {
            step.Fail(exception);
        }
        finally
        {
            step.End();
        }
    }

    private void Measure(int windows, TimeSpan duration, double seconds)
    {
        _telemetry.Batch(windows, duration, seconds);
        double now = duration.TotalSeconds / windows;
        Volatile.Write(ref _secondsAWindow, _secondsAWindow == 0 ? now : (0.8 * _secondsAWindow) + (0.2 * now));
    }

    private Activity? StartActivity()
    {
        if (!AudioHostingTelemetry.Source.HasListeners())
        {
            return null;
        }

        ActivityLink[] links =
            [.. _batch.Select(job => job.Request).Where(context => context != default).Distinct()
                .Select(context => new ActivityLink(context))];
        Activity? activity = AudioHostingTelemetry.Source.StartActivity(
            "audio.batch", ActivityKind.Internal, default(ActivityContext), links: links);
        activity?.SetTag("model", _name).SetTag("audio.windows", _batch.Count);
        return activity;
    }
}
