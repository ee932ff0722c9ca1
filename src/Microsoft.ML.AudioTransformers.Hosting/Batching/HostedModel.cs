using System.Security.Cryptography;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.ClipScoring.Windows;
using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.AudioTransformers.Scoring;

namespace Microsoft.ML.AudioTransformers.Hosting.Batching;

/// <summary>
/// Model in memory, shared by all requests that began with it: it is disposed when it is replaced and the last of them ends.
/// </summary>
internal sealed class HostedModel
{
    private readonly ITransformer _loaded;
    private readonly WindowOptions _windows = new();
    private int _users = 1;

    private HostedModel(ITransformer loaded, string path, string version)
    {
        _loaded = loaded;
        Version = version;
        ITransformer[] parts = loaded is IEnumerable<ITransformer> chain ? [.. chain] : [loaded];
        Classifier = parts.OfType<AudioModelTransformer>().LastOrDefault();
        Detector = parts.OfType<SoundEventDetectionTransformer>().LastOrDefault();
        if (Classifier is null && Detector is null)
        {
            throw new InvalidDataException(
                $"'{path}' is a {string.Join(", ", parts.Select(part => part.GetType().Name))}; expected a classifier, tagger, "
                + $"action recognizer or detector of sound events, alone or in a pipeline.");
        }

        FrontEnd = Classifier?.Model.Description.FrontEnd ?? Detector?.Description.FrontEnd
            ?? throw new InvalidDataException(
                $"'{path}' takes log-mel features; expected a model that was trained with a FrontEnd.");
        if (Classifier is { } classifier)
        {
            ModelDescription description = classifier.Model.Description;
            _windows = description.Windows ?? new WindowOptions();
            Reader = new WaveformReader(FrontEnd);
            StreamGrid = WindowGrid.For(FrontEnd, _windows, "Windows.");
            RecordingGrid = description.CreateGrid();
            NeededSamples = new LogMelExtractor(FrontEnd).NeededSamples;
            Heads = [.. classifier.Model.Task.HeadSizes];
            ClassNames = classifier.Model.ClassNames;
        }
        else
        {
            ClassNames = Detector!.ClassNames;
        }
    }

    /// <summary>The classifier, tagger or action recognizer; null for a detector.</summary>
    public AudioModelTransformer? Classifier { get; }

    /// <summary>The detector of sound events; null for others.</summary>
    public SoundEventDetectionTransformer? Detector { get; }

    public LogMelOptions FrontEnd { get; }

    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>First digits of the file's SHA-256.</summary>
    public string Version { get; }

#pragma warning disable RS0030 // For the reader only.
    public DateTimeOffset LoadedAt { get; } = DateTimeOffset.UtcNow;
#pragma warning restore RS0030

    /// <summary>Windows of streams; of a classifier only.</summary>
    public WindowGrid? StreamGrid { get; }

    /// <summary>Windows of recordings; null if their beginnings are heard alone, and of a detector.</summary>
    public WindowGrid? RecordingGrid { get; }

    /// <summary>Samples of a recording that is heard in one piece; <see cref="int.MaxValue"/> for all of it.</summary>
    public int NeededSamples { get; }

    /// <summary>Features of a classifier; safe for several threads.</summary>
    public WaveformReader? Reader { get; }

    public int[] Heads { get; } = [];

    /// <summary>Loads a model, and scores silence with it once.</summary>
    /// <exception cref="InvalidDataException">The file is no model that can be hosted, or is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static HostedModel Load(AudioModelOptions options)
    {
        var mlContext = new MLContext { GpuDeviceId = options.GpuDeviceId, FallbackToCpu = options.FallbackToCpu };
        mlContext.RegisterAudioTransformers();
        string version = HashOf(options.Path);
        ITransformer loaded = options.Load is { } load
            ? load(mlContext, options.Path) ?? throw new InvalidDataException(
                $"{nameof(AudioModelOptions.Load)} returned null for '{options.Path}'; expected a model.")
            : mlContext.Model.Load(options.Path, out _);
        try
        {
            var model = new HostedModel(loaded, options.Path, version);
            model.WarmUp();
            return model;
        }
        catch
        {
            (loaded as IDisposable)?.Dispose();
            throw;
        }
    }

    /// <summary>Creates a pool of the scores of one recording's windows.</summary>
    public ScorePool CreatePool()
    {
        var pool = new ScorePool(ClassNames.Count, _windows);
        pool.Clear();
        return pool;
    }

    /// <summary>Takes a share of the model.</summary>
    /// <returns>False if it is disposed.</returns>
    public bool TryAcquire()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int found = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (found == users)
            {
                return true;
            }

            users = found;
        }

        return false;
    }

    /// <summary>Gives a share back; the last one disposes the model.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            (_loaded as IDisposable)?.Dispose();
        }
    }

    private static string HashOf(string path)
    {
        using FileStream file = RegularFile.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file))[..16];
    }

    private void WarmUp()
    {
        if (Classifier is { } classifier)
        {
            var silence = new float[StreamGrid!.Length];
            var features = new float[Reader!.Shape.Length];
            Reader.ToFeatures(silence, features);
            classifier.Model.Score(features, 1, new float[ClassNames.Count]);
        }
        else
        {
            StreamingSoundEventDetector stream = Detector!.CreateStreamingDetector("");
            stream.Write(new float[FrontEnd.SampleRate]);
            stream.Finish();
        }
    }
}
