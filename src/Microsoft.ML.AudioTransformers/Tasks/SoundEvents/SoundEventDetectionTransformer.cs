using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.AudioTransformers.Scoring.Exports;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Detector of sound events: detects the events of a recording, each with a class, an onset and an offset.</summary>
/// <remarks>
/// Adds five columns. <c>Score</c> is a vector of Single with one named slot a class, the probability of each class in the
/// whole recording. <c>EventLabels</c> (keys), <c>EventOnsets</c>, <c>EventOffsets</c> (Single, seconds) and <c>EventScores</c>
/// (Single, the mean presence) have one value for each event, in order of onset. Recordings may have any length:
/// <see cref="DetectEvents(IDataView, string?)"/> returns one row for each event, and <see cref="CreateStreamingDetector"/>
/// takes recordings that do not fit into memory. Disposing it frees the model's native memory.
/// </remarks>
public sealed class SoundEventDetectionTransformer : RowToRowAudioTransformerBase, IDisposable
{
    internal const string LoaderSignature = "SoundEventDetector";
    private const string ModelSignature = "AUDEVENT";
    private const uint FormatVersion = 0x00010001;
    private const int BlockSamples = 1 << 16;

    private readonly PresenceEnsemble _networks;

    internal SoundEventDetectionTransformer(
        IHost host, EventModelDescription description, params IReadOnlyList<AudioModel> networks)
        : base(host)
    {
        Description = description;
        torch.Device device = TorchDevice.Choose(host);
        _networks = new PresenceEnsemble(networks, device, description.Outputs());
        foreach (AudioModel network in networks)
        {
            network.to(device);
            network.eval();
        }

        Choose(description.Precision);
    }

    /// <summary>Name of the feature column: log-mel features, or the waveform if the model has a front end.</summary>
    public string FeatureColumnName => Description.FeatureColumnName;

    /// <summary>Names of the model's classes, in the order of the score's slots.</summary>
    public IReadOnlyList<string> ClassNames => Description.ClassNames;

    /// <summary>
    /// Names of the classes of the events: the model's, or those that <see cref="Decoding"/> maps them to.
    /// </summary>
    public IReadOnlyList<string> EventClassNames => Description.EventNames();

    /// <summary>
    /// Decoding options: how events are found in the model's presence map. They can be set; data views made before keep the
    /// options that they were made with. They are saved with the model.
    /// </summary>
    /// <exception cref="ArgumentException">A list fits neither one class nor all, or a value is outside its range.
    /// </exception>
    public EventDecodingOptions Decoding
    {
        get => Description.CreateDecoding();
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Description = Description.With(value);
        }
    }

    /// <summary>
    /// Precision of scoring. It can be set, while no other thread scores, and is saved with the model; models of versions that
    /// did not save it score in float32.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the enumeration's.</exception>
    /// <exception cref="InvalidOperationException">LibTorch computes wrong numbers in bfloat16 here.</exception>
    public AudioPrecision Precision
    {
        get => Description.Precision;
        set
        {
            OptionCheck.That(Enum.IsDefined(value), value, nameof(Precision), "one of AudioPrecision");
            _networks.ThrowIfDisposed();
            Choose(value);
            Description = Description with { Precision = value };
        }
    }

    /// <summary>
    /// Training of the model: recipe, learning rate, epochs, seed, library version and all other options; of an ensemble, that
    /// of the first model. Null for pretrained weights, and for a model saved by a version that did not save it.
    /// </summary>
    public AudioTrainingInfo? Training => Description.Training;

    internal EventModelDescription Description { get; private set; }

    /// <summary>Number of models whose presence maps are averaged: 1, or those of an ensemble.</summary>
    public int ModelCount => _networks.Networks.Count;

    /// <summary>
    /// Saves the model to an ONNX file that gives the scores (batch, classes) and the presence map (batch, steps, classes) of
    /// clips no longer than the network's image, "scores" and "presence", averaged over the models of an ensemble. Windows of
    /// longer recordings are cut, and events decoded, outside of it; the decoding options are in the metadata.
    /// </summary>
    /// <inheritdoc cref="AudioModelTransformer.SaveOnnx"/>
    public void SaveOnnx(string path, OnnxExportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        EventModelDescription description = Description;
        PresenceMapGeometry map = _networks.Geometry;
        var export = new OnnxExport(options, "sound events");
        OnnxValue features = export.FeaturesOfPieces(
            description.FrontEnd, new FeatureShape(map.Frames, description.Shape.Mels), PieceLength.AtLeast);
        (OnnxValue scores, OnnxValue presence) = _networks.Export(export, [.. description.Architectures()], features);
        export.Output(scores, "scores", "Probability of each class in the whole clip, in the order of the metadata's labels.",
            ClassNames.Count);
        export.Output(
            presence, "presence",
            $"Probability of each class in each step. A clip of {map.Frames} frames has steps of {map.FramesPerStep} frames; a "
            + $"shorter one is {(map.RepeatsShortClips ? "repeated as often as it fits, and then " : "")}stretched.",
            map.Steps, ClassNames.Count);
        string[] names = [.. description.Architectures().Select(config => ModelFamilies.Of(config).Name)];
        export.Describe(OnnxMetadata.Model, names);
        export.Describe(OnnxMetadata.Labels, ClassNames);
        double[] thresholds = description.Decoding.Thresholds;
        export.Describe(
            OnnxMetadata.Thresholds,
            thresholds.Length == 1 ? Enumerable.Repeat(thresholds[0], EventClassNames.Count) : thresholds);
        export.Describe(OnnxMetadata.Description, description);
        export.Describe(OnnxMetadata.PresenceMap, map);
        export.Save(path, $"{string.Join(", ", names)}, presence of {ClassNames.Count} classes of sound events over time.");
    }

    /// <summary>Frees the model's native memory.</summary>
    public void Dispose() => _networks.Dispose();

    /// <summary>
    /// Detects the events of clips. The view has one row for each event, clip after clip, with the columns Clip and Label
    /// (text), Onset and Offset (seconds, Double) and Score (Double). Events are detected when rows are read.
    /// </summary>
    /// <param name="input">Rows with the feature column.</param>
    /// <param name="clipColumnName">
    /// Text column with the names of the clips; null for the numbers of their rows. Default: null.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public IDataView DetectEvents(IDataView input, string? clipColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        _networks.ThrowIfDisposed();
        return new MLContext().Data.LoadFromEnumerable(new ClipEventSource(_networks, Description, input, clipColumnName));
    }

    /// <summary>Detects the events of a recording in constant memory, in the order in which they end.</summary>
    /// <param name="recording">Recording at the front end's sample rate; the caller disposes it.</param>
    /// <param name="clip">Name of the recording in the events.</param>
    /// <exception cref="InvalidOperationException">The model has no front end.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    /// <exception cref="ArgumentException">The recording has another sample rate.</exception>
    public IEnumerable<SoundEvent> DetectEvents(AudioReader recording, string clip)
    {
        ArgumentNullException.ThrowIfNull(recording);
        StreamingSoundEventDetector stream = CreateStreamingDetector(clip);
        return recording.SampleRate == stream.SampleRate
            ? Read(recording, stream)
            : throw new ArgumentException(
                $"The recording is read at {recording.SampleRate} Hz; expected the front end's {stream.SampleRate} Hz.",
                nameof(recording));
    }

    /// <summary>Creates a streaming detector for one recording.</summary>
    /// <param name="clip">Name of the recording in the events.</param>
    /// <exception cref="InvalidOperationException">The model has no front end.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public StreamingSoundEventDetector CreateStreamingDetector(string clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        _networks.ThrowIfDisposed();
        return Description.FrontEnd is null
            ? throw new InvalidOperationException(
                "The model takes log-mel features; expected one that was made with a FrontEnd.")
            : new StreamingSoundEventDetector(clip, _networks, Description);
    }

    /// <summary>Detects the events of a clip with a description's decoding options.</summary>
    /// <inheritdoc cref="ClipDetection.Of"/>
    internal ClipDetection Detect(string clip, ReadOnlySpan<float> values, EventDescription description) =>
        ClipDetection.Of(_networks, description, clip, values);

    /// <summary>Presence map of a clip, (steps, classes), and seconds of a step.</summary>
    internal (float[] Presence, double SecondsPerStep) Presence(ReadOnlySpan<float> features)
    {
        var map = new PresenceStream(_networks);
        List<float> presence = [];
        map.Add(features, presence);
        double framesPerStep = map.Finish(presence);
        return ([.. presence], framesPerStep * Description.SecondsPerFrame);
    }

    /// <summary>Combines detectors into one; see <see cref="AudioEnsemblesCatalog.CreateSoundEventEnsemble"/>.</summary>
    /// <exception cref="ArgumentException">There is no detector, or two do not fit each other.</exception>
    internal static SoundEventDetectionTransformer Combine(
        IHostEnvironment environment, IReadOnlyList<SoundEventDetectionTransformer> detectors)
    {
        if (detectors.Count == 0)
        {
            throw new ArgumentException("There are no detectors; expected one or more.", nameof(detectors));
        }

        int absent = detectors.ToList().IndexOf(null!);
        if (absent >= 0)
        {
            throw new ArgumentException($"Detector {absent + 1} is null.", nameof(detectors));
        }

        foreach (SoundEventDetectionTransformer detector in detectors)
        {
            detector._networks.ThrowIfDisposed();
        }

        EventModelDescription description = detectors[0].Description;
        for (int i = 1; i < detectors.Count; i++)
        {
            description = description.With(detectors[i].Description, $"Detector {i + 1}");
        }

        return new SoundEventDetectionTransformer(
            environment.Register("SoundEventDetection"), description,
            [.. detectors.SelectMany(detector => detector._networks.Networks)]);
    }

    private void Choose(AudioPrecision asked)
    {
        using IChannel channel = Host.Start("Scoring");
        foreach (PrecisionChoice choice in _networks.ChooseScoring(asked))
        {
            channel.Info(MessageSensitivity.None, choice.Describe("Scoring"));
        }
    }

    private protected override RowMapping CreateMapping(DataViewSchema inputSchema)
    {
        _networks.ThrowIfDisposed();
        return new EventMapping(_networks, Description, SchemaChecks.GetColumn(inputSchema, FeatureColumnName, "Feature"));
    }

    private protected override void SaveModel(ModelSaveContext context)
    {
        _networks.ThrowIfDisposed();
        SavedModel.Save(context, ModelSignature, FormatVersion, LoaderSignature, GetType(), writer =>
        {
            writer.WriteJson(Description);
            writer.Flush();
            foreach (AudioModel network in _networks.Networks)
            {
                network.WriteWeights(writer.BaseStream);
            }
        });
    }

    private static IEnumerable<SoundEvent> Read(AudioReader recording, StreamingSoundEventDetector stream)
    {
        var samples = new float[BlockSamples];
        int read;
        while ((read = recording.Read(samples)) > 0)
        {
            foreach (SoundEvent found in stream.Write(samples.AsSpan(0, read)))
            {
                yield return found;
            }
        }

        foreach (SoundEvent found in stream.Finish())
        {
            yield return found;
        }
    }

    // Called by ML.NET, which finds it by its name, its parameters and its return type.
    private static ITransformer Create(IHostEnvironment environment, object context)
    {
        IHost host = environment.Register(LoaderSignature);
        return SavedModel.Load(context, "sound event detector", reader =>
        {
            var description = reader.ReadJson<EventModelDescription>();
            description.Check();
            List<AudioModel> networks = [];
            try
            {
                foreach (AudioModelConfig config in description.Architectures())
                {
                    AudioModel network = ModelFamilies.Of(config)
                        .BuildUnread(config, description.Shape, [description.ClassNames.Count]);
                    networks.Add(network);
                    network.ReadWeights(reader.BaseStream, "saved sound event detector");
                }

                return new SoundEventDetectionTransformer(host, description, networks);
            }
            catch
            {
                networks.ForEach(network => network.Dispose());
                throw;
            }
        });
    }
}
