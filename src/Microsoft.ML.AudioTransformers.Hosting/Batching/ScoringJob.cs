using System.Buffers;
using System.Diagnostics;

namespace Microsoft.ML.AudioTransformers.Hosting.Batching;

/// <summary>
/// Piece of a request's work, done on the thread of a <see cref="ScoringQueue"/>. It holds a share of its model.
/// </summary>
internal abstract class ScoringJob
{
    private int _isEnded;

    /// <param name="model">Model, of which the request holds a share.</param>
    /// <param name="cancellation">Cancelled when no one waits for the request any more.</param>
    protected ScoringJob(HostedModel model, CancellationToken cancellation)
    {
        Model = model.TryAcquire() ? model : throw new ObjectDisposedException(nameof(HostedModel));
        Cancellation = cancellation;
        Request = Activity.Current?.Context ?? default;
    }

    public HostedModel Model { get; }

    public CancellationToken Cancellation { get; }

    /// <summary>Timestamp of <see cref="Stopwatch"/> at which it came to the queue.</summary>
    public long AddedAt { get; set; }

    /// <summary>Activity of the request; of default value if there is none.</summary>
    public ActivityContext Request { get; }

    /// <summary>Gives up: whoever waits for the job gets the error, and a cancellation where there is none.</summary>
    public abstract void Fail(Exception? error);

    /// <summary>Gives back what the job holds; once, whoever calls.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _isEnded, 1) == 0)
        {
            Free();
            Model.Release();
        }
    }

    protected virtual void Free()
    {
    }
}

/// <summary>Window of a recording or stream, to be scored in a batch.</summary>
internal sealed class WindowJob : ScoringJob
{
    private readonly TaskCompletionSource<float[]> _scores = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly float[] _samples;
    private readonly int _length;

    /// <param name="model">Model, of which the request holds a share.</param>
    /// <param name="samples">Samples of the window.</param>
    /// <param name="cancellation">Cancelled when no one waits for the request any more.</param>
    public WindowJob(HostedModel model, ReadOnlySpan<float> samples, CancellationToken cancellation)
        : base(model, cancellation)
    {
        _samples = ArrayPool<float>.Shared.Rent(samples.Length);
        samples.CopyTo(_samples);
        _length = samples.Length;
    }

    /// <summary>Seconds of sound.</summary>
    public double Seconds => (double)_length / Model.FrontEnd.SampleRate;

    /// <summary>Scores of the window.</summary>
    public Task<float[]> Scores => _scores.Task;

    /// <summary>Computes the features of the window.</summary>
    /// <param name="features">(frames, mels); filled.</param>
    public void WriteFeatures(Span<float> features) => Model.Reader!.ToFeatures(_samples.AsSpan(0, _length), features);

    public void Complete(ReadOnlySpan<float> scores) => _scores.TrySetResult(scores.ToArray());

    public override void Fail(Exception? error)
    {
        if (error is null)
        {
            _scores.TrySetCanceled(Cancellation.IsCancellationRequested ? Cancellation
                : new CancellationToken(canceled: true));
        }
        else
        {
            _scores.TrySetException(error);
        }

        // A request that has left looks at no task.
        _ = _scores.Task.Exception;
    }

    protected override void Free() => ArrayPool<float>.Shared.Return(_samples);
}

/// <summary>Step of a detector over a part of a recording: it has no batches, and is done alone.</summary>
/// <typeparam name="T">What it finds.</typeparam>
/// <param name="model">Model, of which the request holds a share.</param>
/// <param name="step">The step.</param>
/// <param name="seconds">Seconds of sound.</param>
/// <param name="cancellation">Cancelled when no one waits for the request any more.</param>
internal sealed class StepJob<T>(HostedModel model, Func<T> step, double seconds, CancellationToken cancellation)
    : StepJob(model, seconds, cancellation)
{
    private readonly TaskCompletionSource<T> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Found => _found.Task;

    public override void Run() => _found.TrySetResult(step());

    public override void Fail(Exception? error)
    {
        if (error is null)
        {
            _found.TrySetCanceled(Cancellation.IsCancellationRequested ? Cancellation
                : new CancellationToken(canceled: true));
        }
        else
        {
            _found.TrySetException(error);
        }

        _ = _found.Task.Exception;
    }
}

/// <summary>Step of a detector, whatever it finds.</summary>
internal abstract class StepJob(HostedModel model, double seconds, CancellationToken cancellation)
    : ScoringJob(model, cancellation)
{
    /// <summary>Seconds of sound.</summary>
    public double Seconds { get; } = seconds;

    /// <summary>Whether its time counts as a batch's. Default: true.</summary>
    public bool IsMeasured { get; init; } = true;

    public abstract void Run();
}
