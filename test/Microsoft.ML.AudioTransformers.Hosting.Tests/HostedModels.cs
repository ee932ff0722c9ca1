using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Hosting.Batching;
using Microsoft.ML.AudioTransformers.Hosting.Scorers;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Hosting.Tests;

/// <summary>A row of a waveform.</summary>
internal sealed class WaveformRow
{
    public float[] Waveform { get; set; } = [];
}

/// <summary>Small saved models, sounds for them, and what their transformers give for the sounds.</summary>
internal static class HostedModels
{
    public const int Rate = 8000;
    public const string Words = "classification-passt-waveform.zip";
    public const string OtherWords = "classification-htsat-waveform.zip";
    public const string Actions = "actions-passt-waveform.zip";
    public const string Events = "events-strong-waveform.zip";

    public static string PathOf(string model) => Path.Combine(AppContext.BaseDirectory, model);

    /// <summary>A sound that is different for each number.</summary>
    public static float[] Sound(int number, int length = 2000)
    {
        var random = new Random(number);
        double frequency = 200 + (random.NextDouble() * 3000);
        return [.. Enumerable.Range(0, length).Select(i =>
            (float)((0.3 * Math.Sin(i * frequency / Rate * 2 * Math.PI)) + (0.2 * (random.NextDouble() - 0.5))))];
    }

    /// <summary>Scores that the transformer in a file gives for sounds, in one data view.</summary>
    public static float[][] Offline(string path, params float[][] sounds)
    {
        var mlContext = new MLContext().RegisterAudioTransformers();
        ITransformer model = mlContext.Model.Load(path, out _);
        using var disposed = (IDisposable)model;
        IDataView rows = mlContext.Data.LoadFromEnumerable(sounds.Select(sound => new WaveformRow { Waveform = sound }));
        IDataView scored = model.Transform(rows);
        string[] columns =
            [.. new[] { "Score", "VerbScores", "NounScores", "Heard" }.Where(name =>
                scored.Schema.GetColumnOrNull(name) is not null)];
        float[][][] parts =
            [.. columns.Select(name => scored.GetColumn<VBuffer<float>>(name).Select(row => row.DenseValues().ToArray())
                .ToArray())];
        return [.. sounds.Select((_, row) => parts.SelectMany(part => part[row]).ToArray())];
    }

    /// <summary>Saves a model of the list with other windows.</summary>
    public static void SaveWithWindows(string model, string path, WindowOptions windows)
    {
        var mlContext = new MLContext().RegisterAudioTransformers();
        ITransformer loaded = mlContext.Model.Load(PathOf(model), out DataViewSchema schema);
        using var disposed = (IDisposable)loaded;
        AudioModelTransformer classifier =
            loaded as AudioModelTransformer ?? ((IEnumerable<ITransformer>)loaded).OfType<AudioModelTransformer>().Single();
        classifier.LongClips = LongClips.Windows;
        classifier.Windows = windows;
        mlContext.Model.Save(loaded, schema, path);
    }

    public static ServiceProvider Services(Action<IServiceCollection> add)
    {
        var services = new ServiceCollection();
        add(services);
        return services.BuildServiceProvider();
    }

    /// <summary>Services with one model, "words".</summary>
    public static ServiceProvider Services(string path, Action<AudioModelOptions>? configure = null) =>
        Services(services => services.AddAudioModel("words", path, options =>
        {
            options.ReloadSeconds = 0;
            configure?.Invoke(options);
        }));

    public static AudioScorer Scorer(this IServiceProvider services, string name = "words") =>
        (AudioScorer)services.GetRequiredService<AudioModelPool>()[name];
}

/// <summary>Holds up the thread of a queue, so that a test decides what is in it.</summary>
internal sealed class HeldQueue : IDisposable
{
    private readonly ManualResetEventSlim _go = new();
    private readonly Task _ended;

    private HeldQueue(AudioScorer scorer, HostedModel model)
    {
        var began = new TaskCompletionSource();
        var job = new StepJob<bool>(
            model,
            () =>
            {
                began.SetResult();
                return _go.Wait(TimeSpan.FromMinutes(2));
            },
            0,
            CancellationToken.None);
        _ended = job.Found;
        scorer.Queue.AddAsync(job).AsTask().Wait();
        began.Task.Wait();
    }

    public static async Task<HeldQueue> Hold(AudioScorer scorer)
    {
        HostedModel model = await scorer.File.AcquireAsync(CancellationToken.None);
        try
        {
            return new HeldQueue(scorer, model);
        }
        finally
        {
            model.Release();
        }
    }

    public void Release() => _go.Set();

    public void Dispose()
    {
        Release();
        _ended.Wait();
        _go.Dispose();
    }
}

/// <summary>Listens to the instruments of hosted models.</summary>
internal sealed class Measured : IDisposable
{
    private readonly MeterListener _listener = new();

    public Measured()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == AudioHostingTelemetry.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public List<(string Name, double Value, string Tags)> Values { get; } = [];

    public double[] Of(string name)
    {
        lock (Values)
        {
            return [.. Values.Where(value => value.Name == name).Select(value => value.Value)];
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string text = string.Join(", ", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
        lock (Values)
        {
            Values.Add((instrument.Name, value, text));
        }
    }
}

/// <summary>Keeps what is logged.</summary>
internal sealed class LogList : ILoggerProvider, ILogger
{
    private readonly List<string> _lines = [];

    public string[] Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
        {
            _lines.Add($"{logLevel}: {formatter(state, exception)} {exception?.GetType().Name}".TrimEnd());
        }
    }

    public void Dispose()
    {
    }
}

/// <summary>Makes every logger the same list.</summary>
internal sealed class LogFactory(LogList list) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => list;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }
}
