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
internal sealed class ModelTelemetry : IDisposable
{
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
        _batchSize = _meter.CreateHistogram<int>("audio.batch.size", "{window}", "Windows that were scored together.");
        _batchDuration = _meter.CreateHistogram<double>("audio.batch.duration", "s", "Time of scoring a batch.");
        _queueDuration = _meter.CreateHistogram<double>(
            "audio.queue.duration", "s", "Time that a window waited for its batch.");
        _realTimeFactor = _meter.CreateHistogram<double>(
            "audio.real_time_factor", "1", "Seconds of computing a second of sound in a batch.");
        _requestDuration = _meter.CreateHistogram<double>(
            "audio.request.duration", "s", "Time from a request to its answer, by outcome.");
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
