using System.Buffers;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioFeaturization.ClipScoring.Streaming;
using Microsoft.ML.AudioFeaturization.ClipScoring.Windows;
using Microsoft.ML.AudioTransformers.Hosting.Batching;

namespace Microsoft.ML.AudioTransformers.Hosting.Scorers;

/// <summary>Hearing of a classifier in windows, whose scores are pooled. Of a stream, each window is waited for.</summary>
internal sealed class WindowHearing : Hearing
{
    private readonly HostedModel _model;
    private readonly ScoringQueue _queue;
    private readonly CancellationToken _cancellation;
    private readonly StreamedWindows _windows;
    private readonly ScorePool _pool;
    private readonly int _ahead;

    // Windows that are cut and not in the queue yet, and those that are in it.
    private readonly Queue<(long Start, int Length, WindowJob Job)> _cut = [];
    private readonly Queue<(long Start, int Length, WindowJob Job)> _queued = [];
    private long _count;

    public WindowHearing(HostedModel model, ScoringQueue queue, bool isStream, CancellationToken cancellation)
    {
        _model = model;
        _queue = queue;
        _cancellation = cancellation;
        _pool = model.CreatePool();
        _ahead = isStream ? 0 : 16;
        var grid = isStream ? model.StreamGrid! : model.RecordingGrid!;
        BlockLength = Math.Clamp(grid.Hop, 256, 1 << 14);
        _windows = new StreamedWindows(grid, model.Reader!, Cut);
    }

    public override int BlockLength { get; }

    public override void Take(ReadOnlySpan<float> samples)
    {
        SampleCount += samples.Length;
        _windows.Add(samples);
    }

    public override async ValueTask ScoreAsync(List<AudioFinding> found)
    {
        while (_cut.TryDequeue(out (long Start, int Length, WindowJob Job) window))
        {
            await _queue.AddAsync(window.Job).ConfigureAwait(false);
            _queued.Enqueue(window);
        }

        await WaitAsync(_ahead, found).ConfigureAwait(false);
    }

    public override async ValueTask FinishAsync(List<AudioFinding> found)
    {
        _windows.Finish();
        await ScoreAsync(found).ConfigureAwait(false);
        await WaitAsync(0, found).ConfigureAwait(false);
        if (_count == 0)
        {
            throw TooShort(SampleCount);
        }

        found.Add(Labels.End(_model, _pool.Pooled.ToArray(), SampleCount, _count, isCut: false));
    }

    public override void Dispose()
    {
        while (_cut.TryDequeue(out (long Start, int Length, WindowJob Job) window))
        {
            window.Job.End();
        }

        base.Dispose();
    }

    private void Cut(long start, ReadOnlySpan<float> samples) =>
        _cut.Enqueue((start, samples.Length, new WindowJob(_model, samples, _cancellation)));

    private async ValueTask WaitAsync(int left, List<AudioFinding> found)
    {
        while (_queued.Count > left || (_queued.Count > 0 && _queued.Peek().Job.Scores.IsCompleted))
        {
            (long start, int length, WindowJob job) = _queued.Dequeue();
            float[] scores = await job.Scores.ConfigureAwait(false);
            _pool.Add(scores);
            _count++;
            double rate = _model.FrontEnd.SampleRate;
            found.Add(new AudioWindowFinding(start / rate, (start + length) / rate, Labels.Of(_model, scores), scores));
        }
    }
}

/// <summary>Hearing of a classifier that hears the beginnings of recordings alone: one window.</summary>
internal sealed class BeginningHearing(HostedModel model, ScoringQueue queue, CancellationToken cancellation) : Hearing
{
    private readonly ArrayBufferWriter<float> _samples = new();

    public override int BlockLength => 1 << 14;

    // A frame more tells whether something is cut.
    public override bool HasEnough => SampleCount >= (long)model.NeededSamples + model.FrontEnd.HopLength;

    public override void Take(ReadOnlySpan<float> samples)
    {
        SampleCount += samples.Length;
        _samples.Write(samples[..Math.Min(samples.Length, model.NeededSamples - _samples.WrittenCount)]);
    }

    public override ValueTask ScoreAsync(List<AudioFinding> found) => ValueTask.CompletedTask;

    public override async ValueTask FinishAsync(List<AudioFinding> found)
    {
        if (!model.Reader!.HasFrame(_samples.WrittenCount))
        {
            throw TooShort(SampleCount);
        }

        var job = new WindowJob(model, _samples.WrittenSpan, cancellation);
        await queue.AddAsync(job).ConfigureAwait(false);
        float[] scores = await job.Scores.ConfigureAwait(false);
        long heard = Math.Min(_samples.WrittenCount, Math.Max(1, model.FrontEnd.TargetLength));
        double end = (double)heard / model.FrontEnd.SampleRate;
        found.Add(new AudioWindowFinding(0, end, Labels.Of(model, scores), scores));

        // Less than a frame does not count, as in the warning of data views.
        found.Add(Labels.End(model, scores, heard, 1, SampleCount >= heard + model.FrontEnd.HopLength));
    }
}

/// <summary>Labels of scores.</summary>
internal static class Labels
{
    /// <summary>Predicted labels, as the model's task says.</summary>
    public static AudioLabel[] Of(HostedModel model, float[] scores)
    {
        var predicted = new int[scores.Length];
        int count = ScoreColumns.Predict(model.Classifier!.Model.Task, model.Heads, scores, predicted);
        return [.. predicted.Take(count).Select(label => new AudioLabel(model.ClassNames[label], scores[label]))];
    }

    /// <summary>End of a recording or stream.</summary>
    public static AudioEndFinding End(HostedModel model, float[] scores, long samples, long windows, bool isCut) => new(
        new AudioScores(
            model.Version, model.ClassNames, scores, Of(model, scores), null,
            (double)samples / model.FrontEnd.SampleRate, windows, isCut));
}
