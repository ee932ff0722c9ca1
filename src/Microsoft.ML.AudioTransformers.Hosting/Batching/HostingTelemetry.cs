using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Microsoft.ML.AudioTransformers.Hosting;

/// <summary>
/// Names of the metrics and traces of hosted models, for <c>AddMeter</c> and <c>AddSource</c> of OpenTelemetry.
/// </summary>
public static class AudioHostingTelemetry
{
    /// <summary>Name of the meter, whose instruments all have the tag "model".</summary>
    public const string MeterName = "Microsoft.ML.AudioTransformers.Hosting";

    /// <summary>
    /// Name of the source of activities: "audio.request" for each request, with its seconds and windows, and "audio.batch"
    /// for each batch, with links to the requests that have a window in it.
    /// </summary>
    public const string ActivitySourceName = "Microsoft.ML.AudioTransformers.Hosting";

    internal static ActivitySource Source { get; } = new(ActivitySourceName);
}

/// <summary>Instruments of one model.</summary>
/// <remarks>
/// Histograms come with the bounds of their buckets: what exporters take without advice is meant for milliseconds, and has all
/// that is faster than five seconds in one bucket.
/// </remarks>
internal sealed class ModelTelemetry : IDisposable
{
    private static readonly InstrumentAdvice<int> s_windows =
        new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] };

    private static readonly InstrumentAdvice<double> s_seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600],
    };

    private static readonly InstrumentAdvice<double> s_factors = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    };

    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly KeyValuePair<string, object?> _model;
    private readonly Histogram<int> _batchSize;
    private readonly Histogram<double> _batchDuration;
    private readonly Histogram<double> _queueDuration;
    private readonly Histogram<double> _realTimeFactor;
    private readonly Histogram<double> _requestDuration;
    private readonly Counter<long> _reloads;
    private readonly UpDownCounter<int> _active;

    /// <param name="factory">Factory that owns the meters of an app; null for a meter of one's own.</param>
    /// <param name="model">Name of the model.</param>
    /// <param name="queueLength">Windows in the queue.</param>
    public ModelTelemetry(IMeterFactory? factory, string model, Func<int> queueLength)
    {
        const string name = AudioHostingTelemetry.MeterName;
        _ownsMeter = factory is null;
        _meter = factory?.Create(new MeterOptions(name)) ?? new Meter(name);
        _model = new("model", model);
        _batchSize = _meter.CreateHistogram(
            "audio.batch.size", "{window}", "Windows that were scored together.", advice: s_windows);
        _batchDuration = _meter.CreateHistogram("audio.batch.duration", "s", "Time of scoring a batch.", advice: s_seconds);
        _queueDuration = _meter.CreateHistogram(
            "audio.queue.duration", "s", "Time that a window waited for its batch.", advice: s_seconds);
        _realTimeFactor = _meter.CreateHistogram(
            "audio.real_time_factor", "1", "Seconds of computing a second of sound in a batch.", advice: s_factors);
        _requestDuration = _meter.CreateHistogram(
            "audio.request.duration", "s", "Time from a request to its answer, by outcome.", advice: s_seconds);
        _reloads = _meter.CreateCounter<long>("audio.model.reloads", "{reload}", "Changed model files, by outcome.");
        _active = _meter.CreateUpDownCounter<int>("audio.requests.active", "{request}",
            "Requests begun and not yet answered.");
        _meter.CreateObservableGauge(
            "audio.queue.length", () => new Measurement<int>(queueLength(), _model), "{window}",
                "Windows that wait for a batch.");
    }

    public void Batch(int windows, TimeSpan duration, double seconds)
    {
        _batchSize.Record(windows, _model);
        _batchDuration.Record(duration.TotalSeconds, _model);
        if (seconds > 0)
        {
            _realTimeFactor.Record(duration.TotalSeconds / seconds, _model);
        }
    }

    public void Wait(TimeSpan duration) => _queueDuration.Record(duration.TotalSeconds, _model);

    public void Begin() => _active.Add(1, _model);

    public void End(TimeSpan duration, string outcome)
    {
        _active.Add(-1, _model);
        _requestDuration.Record(duration.TotalSeconds, _model, new("outcome", outcome));
    }

    public void Refuse() => _requestDuration.Record(0, _model, new("outcome", "refused"));

    public void Reload(bool isLoaded) => _reloads.Add(1, _model, new("outcome", isLoaded ? "loaded" : "kept"));

    public void Dispose()
    {
        if (_ownsMeter)
        {
            _meter.Dispose();
        }
    }
}
