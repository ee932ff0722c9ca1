using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Onnx.Serving;
using Microsoft.ML.AudioTransformers.Onnx.Sessions;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Model that was exported by <c>SaveOnnx</c>, on ONNX Runtime: it adds the columns of the transformer that was exported.
/// </summary>
/// <remarks>
/// Rows are scored in batches when a cursor reads them; a cursor that reads none of the added columns computes nothing. The
/// model is saved with a pipeline, with the content of its file. Scoring is safe from several threads at once. Disposing it
/// frees the native memory of its session.
/// </remarks>
public sealed class OnnxAudioTransformer : RowToRowAudioTransformerBase, IDisposable
{
    internal const string LoaderSignature = "OnnxAudioModel";
    private const string ModelSignature = "AUDIONNX";
    private const uint FormatVersion = 0x00010001;

    private readonly ModelContent _content;
    private readonly OnnxAudioOptions _options;
    private readonly OnnxSession _session;
    private readonly OnnxServedTask _task;
    private EventDescription? _events;

    internal OnnxAudioTransformer(
        IHostEnvironment environment, ModelContent content, string? featureColumnName, OnnxAudioOptions options)
        : base(environment.Register(LoaderSignature))
    {
        _content = content;
        _options = options;
        _session = OnnxSession.Open(content, options);
        try
        {
            var info = new OnnxModelInfo(_session);
            if (options.VerifySums && content.HasSum == false)
            {
                info.CheckNoSum();
            }

            content.SetWeights(
                info.Find(OnnxMetadata.ExternalData), options.VerifySums ? info.Find(OnnxMetadata.ExternalSum) : null);
            _task = OnnxServedTask.Of(_session, info, options.BatchSize);
            _events = _task.Detector?.Description;
            Task = info.Task;
            FeatureColumnName = featureColumnName ?? _events?.FeatureColumnName ?? _task.Embedder?.Description.InputColumnName
                ?? info.Text(OnnxMetadata.FeatureColumn);
            Metadata = new Dictionary<string, string>(_session.Metadata);
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    /// <summary>Task: "classification", "tagging", "actions", "sound events" or "embeddings".</summary>
    public string Task { get; }

    /// <summary>Name of the feature column: log-mel features, or the waveform if the model has a front end.</summary>
    public string FeatureColumnName { get; }

    /// <summary>Names of the classes, in the order of the score's slots; none of embeddings.</summary>
    public IReadOnlyList<string> ClassNames => _task.Scorer?.Columns.ClassNames ?? _events?.ClassNames ?? [];

    /// <summary>Metadata of the file; docs/onnx.md has the keys.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>
    /// Decoding options of a detector of sound events. They can be set; data views made before keep the options that they were
    /// made with. They are saved with the model.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model detects no sound events.</exception>
    /// <exception cref="ArgumentException">A list fits neither one class nor all, or a value is outside its range.
    /// </exception>
    public EventDecodingOptions Decoding
    {
        get => Events().CreateDecoding();
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _events = Events().With(value);
        }
    }

    /// <summary>Creates a streaming classifier for one recording that comes in bit by bit.</summary>
    /// <param name="receiver">Receives each window when it is scored, on the thread that writes.</param>
    /// <param name="sampleRate">
    /// Sample rate of the samples to write, in Hz, or 0 for the front end's. Upsampling is limited to 16 times. Default: 0.
    /// </param>
    /// <param name="channels">Interleaved channels of the samples to write, 1 or more. Default: 1.</param>
    /// <exception cref="InvalidOperationException">The model scores no clips, or has no front end.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public StreamingClassifier CreateStreamingClassifier(
        StreamedWindowReceiver receiver, int sampleRate = 0, int channels = 1)
    {
        _session.ThrowIfDisposed();
        return StreamingClassifier.Create(
            _task.Scorer ?? throw WrongTask("classification, tagging or actions"), receiver, sampleRate, channels);
    }

    /// <summary>Creates a streaming detector of sound events for one recording.</summary>
    /// <param name="clip">Name of the recording in the events.</param>
    /// <exception cref="InvalidOperationException">The model detects no sound events, or has no front end.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public StreamingSoundEventDetector CreateStreamingDetector(string clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        _session.ThrowIfDisposed();
        EventDescription events = Events();
        return events.FrontEnd is null
            ? throw new InvalidOperationException(
                "The model takes log-mel features; expected one that was made with a FrontEnd.")
            : new StreamingSoundEventDetector(clip, _task.Detector!, events);
    }

    /// <summary>
    /// Detects the events of clips. The view has one row for each event, clip after clip, with the columns Clip and Label
    /// (text), Onset and Offset (seconds, Double) and Score (Double). Events are detected when rows are read.
    /// </summary>
    /// <param name="input">Rows with the feature column.</param>
    /// <param name="clipColumnName">
    /// Text column with the names of the clips; null for the numbers of their rows. Default: null.
    /// </param>
    /// <exception cref="InvalidOperationException">The model detects no sound events.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public IDataView DetectEvents(IDataView input, string? clipColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        _session.ThrowIfDisposed();
        EventDescription events = Events() with { FeatureColumnName = FeatureColumnName };
        return new MLContext().Data.LoadFromEnumerable(
            new ClipEventSource(_task.Detector!, events, input, clipColumnName));
    }

    /// <summary>Frees the native memory of the session.</summary>
    public void Dispose() => _session.Dispose();

    /// <summary>Columns that the model adds.</summary>
    internal DataViewSchema.DetachedColumn[] CreateColumns() => _task.CreateColumns(_events);

    private protected override RowMapping CreateMapping(DataViewSchema inputSchema)
    {
        _session.ThrowIfDisposed();
        return _task.CreateMapping(
            SchemaChecks.GetColumn(inputSchema, FeatureColumnName, "Feature"), _events, WarnOfLongClips);
    }

    private protected override IDataView TransformCore(RowMapper mapper, IDataView input) =>
        mapper.Mapping is ScoringMapping scoring
            ? new BatchedDataView(mapper, scoring, input)
            : base.TransformCore(mapper, input);

    private protected override void SaveModel(ModelSaveContext context)
    {
        _session.ThrowIfDisposed();
        SavedModel.Save(context, ModelSignature, FormatVersion, LoaderSignature, GetType(), writer =>
        {
            writer.WriteJson(_options);
            writer.Write(FeatureColumnName);
            writer.Write(_events is not null);
            if (_events is { } events)
            {
                writer.WriteJson(new SavedDecoding(events.Decoding, events.MappedNames, events.MappedSources));
            }

            _content.Write(writer);
        });
    }

    // Called by ML.NET, which finds it by its name, its parameters and its return type.
    private static ITransformer Create(IHostEnvironment environment, object context) =>
        SavedModel.Load(context, "ONNX audio model", reader =>
        {
            var options = reader.ReadJson<OnnxAudioOptions>();
            OptionCheck.All(options);
            string column = reader.ReadString();
            SavedDecoding? decoding = reader.ReadBoolean() ? reader.ReadJson<SavedDecoding>() : null;
            var model = new OnnxAudioTransformer(environment, ModelContent.Read(reader), column, options);
            try
            {
                if (decoding is not null)
                {
                    model.Decoding = decoding.ToOptions();
                }

                return model;
            }
            catch
            {
                model.Dispose();
                throw;
            }
        });

    private EventDescription Events() => _events ?? throw WrongTask("sound events");

    private InvalidOperationException WrongTask(string expected) =>
        new($"The task of {_session.Name} is {Task}; expected {expected}.");

    /// <summary>Decoding options as they are saved.</summary>
    private sealed record SavedDecoding(
        EventDecodingOptions Decoding, IReadOnlyList<string>? MappedNames, IReadOnlyList<int[]>? MappedSources)
    {
        public EventDecodingOptions ToOptions() =>
            Decoding.With(MappedNames is null ? null : new ClassMapping(MappedNames, MappedSources ?? []));
    }
}
