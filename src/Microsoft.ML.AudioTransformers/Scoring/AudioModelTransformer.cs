using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Base class of the transformers that score clips with one trained model: they read the feature column and add the columns of
/// their task.
/// </summary>
/// <remarks>
/// Rows are scored in batches when a cursor reads them; a cursor that reads none of the added columns computes nothing.
/// Disposing it frees the model's native memory.
/// </remarks>
public abstract class AudioModelTransformer
    : RowToRowAudioTransformerBase, ISingleFeaturePredictionTransformer<AudioModelParameters>, IDisposable
{
    // Up to 0x00010001, description and task were one JSON object.
    private const uint FormatVersion = 0x00010002;

    private protected AudioModelTransformer(IHost host, AudioModelParameters model)
        : base(host)
    {
        Model = model;
        using IChannel channel = host.Start("Scoring");
        channel.Info(MessageSensitivity.None, model.Precision.Describe("Scoring"));
    }

    /// <summary>Parameters of the trained model.</summary>
    public AudioModelParameters Model { get; }

    /// <summary>Name of the feature column: log-mel features, or the waveform if the model has a front end.</summary>
    public string FeatureColumnName => Model.Description.FeatureColumnName;

    /// <summary>Type of the feature column.</summary>
    public DataViewType FeatureColumnType => Model.Description.CreateReader().ColumnType;

    /// <summary>
    /// Saves the model to an ONNX file, from the waveform, or features, to the scores: outputs "scores", or of an action
    /// recognizer "verb_scores" and "noun_scores". Labels, front end and the like are in the file's metadata. The input is called
    /// "waveform" (batch, samples) or "features" (batch, frames, mels).
    /// </summary>
    /// <param name="path">Path of the file. A failure leaves a file that was there before as it was.</param>
    /// <param name="options">Options; null for the defaults: waveforms, in float32. Default: null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file must not be written.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public void SaveOnnx(string path, OnnxExportOptions? options = null) => Model.SaveOnnx(path, options);

    /// <summary>
    /// Precision of scoring. It can be set, while no other thread scores, and is saved with the model; models of versions that
    /// did not save it score in float32.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the enumeration's.</exception>
    /// <exception cref="InvalidOperationException">LibTorch computes wrong numbers in bfloat16 here.</exception>
    public AudioPrecision Precision
    {
        get => Model.Description.Precision;
        set
        {
            OptionCheck.That(Enum.IsDefined(value), value, nameof(Precision), "one of AudioPrecision");
            Model.Set(value);
        }
    }

    /// <summary>
    /// Treatment of clips that are longer than the front end's target length. It can be set, and is saved with the model; data
    /// views made before keep what they were made with. <see cref="LongClips.Windows"/> hears all of a clip, as a stream and in
    /// flat memory where the waveforms come straight from <c>LoadAudio</c>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The model has no front end, so that its clips have one length.</exception>
    public LongClips LongClips
    {
        get => Model.Description.LongClips;
        set => Set(Model.Description with { LongClips = value });
    }

    /// <summary>
    /// Windows of long clips, with <see cref="LongClips.Windows"/>: a copy, of which a changed one can be set. It is saved with
    /// the model; data views made before keep what they were made with.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; the message names it.</exception>
    public WindowOptions Windows
    {
        get => OptionCheck.Copy(Model.Description.Windows ?? new WindowOptions());
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            WindowOptions copy = OptionCheck.Copy(value);
            OptionCheck.All(copy, $"{nameof(Windows)}.");
            Set(Model.Description with { Windows = copy });
        }
    }

    /// <summary>
    /// Creates a streaming classifier for one recording that comes in bit by bit, such as a microphone's. Its windows lie as
    /// <see cref="Windows"/> says at this moment.
    /// </summary>
    /// <param name="receiver">Receives each window when it is scored, on the thread that writes.</param>
    /// <param name="sampleRate">
    /// Sample rate of the samples to write, in Hz, or 0 for the front end's. Upsampling is limited to 16 times. Default: 0.
    /// </param>
    /// <param name="channels">Interleaved channels of the samples to write, 1 or more. Default: 1.</param>
    /// <exception cref="InvalidOperationException">The model has no front end.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public StreamingClassifier CreateStreamingClassifier(
        StreamedWindowReceiver receiver, int sampleRate = 0, int channels = 1)
    {
        Model.Network.ThrowIfDisposed();
        return StreamingClassifier.Create(Model, receiver, sampleRate, channels);
    }

    /// <summary>Frees the model's native memory.</summary>
    public void Dispose()
    {
        Model.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Signatures in model files: the name of the format, exactly 8 characters, and of the loader, at most 24.
    /// </summary>
    private protected abstract (string Model, string Loader) Signatures { get; }

    private protected override RowMapping CreateMapping(DataViewSchema inputSchema)
    {
        Model.Network.ThrowIfDisposed();
        return new ScoringMapping(Model, SchemaChecks.GetColumn(inputSchema, FeatureColumnName, "Feature"), WarnOfLongClips);
    }

    private protected override IDataView TransformCore(RowMapper mapper, IDataView input) =>
        new BatchedDataView(mapper, (ScoringMapping)mapper.Mapping, input);

    private void Set(ModelDescription description)
    {
        description.CreateGrid();
        Model.Description = description;
    }

    private protected override void SaveModel(ModelSaveContext context)
    {
        Model.Network.ThrowIfDisposed();
        SavedModel.Save(context, Signatures.Model, FormatVersion, Signatures.Loader, GetType(), Model.Write);
    }

    /// <summary>Loads a transformer: the body of the static <c>Create</c> of each, which ML.NET finds by its name.</summary>
    /// <exception cref="InvalidDataException">The model file is damaged.</exception>
    private protected static ITransformer Load<TTask>(
        IHostEnvironment environment,
        object context,
        string loaderSignature,
        string what,
        Func<IHost, AudioModelParameters, ITransformer> create)
        where TTask : ScoredTask
    {
        IHost host = environment.Register(loaderSignature);
        return SavedModel.Load(
            context, what, reader => create(host, AudioModelParameters.Read<TTask>(reader, host, $"saved {what}")));
    }
}
