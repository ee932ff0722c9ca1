using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using TorchSharp;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Says which sounds are heard in a recording, and from when to when.</summary>
/// <remarks>
/// Adds five columns. <c>Score</c> is a vector of Single with one named slot a class, each class's probability in the whole
/// recording. <c>EventLabels</c> (keys), <c>EventOnsets</c>, <c>EventOffsets</c> and <c>EventScores</c> (Single, seconds) hold
/// one value an event, in the order of onsets. Recordings may have any length; <see cref="DetectEvents(IDataView, string?)"/>
/// gives one row an event, and <see cref="CreateStreamingDetector"/> takes recordings that do not fit into memory. Disposing it frees the
/// model's native memory.
/// </remarks>
public sealed class SoundEventDetectionTransformer : RowToRowAudioTransformerBase, IDisposable
{
    internal const string LoaderSignature = "SoundEventDetector";
    private const string ModelSignature = "AUDEVENT";
    private const uint FormatVersion = 0x00010001;
    private const int BlockSamples = 1 << 16;

    private readonly PresenceEnsemble _networks;
    private readonly torch.Device _device;

    internal SoundEventDetectionTransformer(
        IHost host, EventModelDescription description, params IReadOnlyList<AudioModel> networks)
        : base(host)
    {
        Description = description;
        _networks = new PresenceEnsemble(networks, description.Outputs());
        _device = TorchDevice.Choose(host);
        foreach (AudioModel network in networks)
        {
            network.to(_device);
            network.eval();
        }
    }

    /// <summary>The column with the features, or the waveform where the model has a front end.</summary>
    public string FeatureColumnName => Description.FeatureColumnName;

    /// <summary>The model's classes, in the order of the score's slots.</summary>
    public IReadOnlyList<string> ClassNames => Description.ClassNames;

    /// <summary>The classes of the events: the model's, or those that <see cref="Decoding"/> maps them to.</summary>
    public IReadOnlyList<string> EventClassNames => Description.EventNames();

    /// <summary>
    /// How events are read off the model's presence map; a value that is set counts for what is transformed from then on,
    /// and is saved with the model.
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
    /// What shaped the training: recipe, learning rate, epochs, seed, library version and all other options; null for
    /// pretrained weights, and for a model that was saved by a version which did not save it. Of an ensemble the first model's.
    /// </summary>
    public AudioTrainingInfo? Training => Description.Training;

    internal EventModelDescription Description { get; private set; }

    /// <summary>How many models' presence maps are averaged: one, or as many as an ensemble has.</summary>
    public int ModelCount => _networks.Networks.Count;

    /// <summary>Frees the model's native memory.</summary>
    public void Dispose() => _networks.Dispose();

    /// <summary>
    /// The events of clips, one row an event, clip after clip: Clip and Label (text), Onset, Offset (seconds) and Score
    /// (Double).
    /// </summary>
    /// <param name="input">Rows with the features or waveform.</param>
    /// <param name="clipColumnName">A text column with the clips' names, or null to call them by their rows' numbers.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public IDataView DetectEvents(IDataView input, string? clipColumnName = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MLContext().Data.LoadFromEnumerable(new ClipEventSource(this, input, clipColumnName));
    }

    /// <summary>The events of a recording, read in flat memory, in the order in which they end.</summary>
    /// <param name="recording">The recording at the front end's sample rate; it stays the caller's.</param>
    /// <param name="clip">What the events call it.</param>
    /// <exception cref="InvalidOperationException">The model has no front end.</exception>
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

    /// <summary>Begins a recording that comes in pieces.</summary>
    /// <param name="clip">What its events call it.</param>
    /// <exception cref="InvalidOperationException">The model has no front end.</exception>
    public StreamingSoundEventDetector CreateStreamingDetector(string clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        return Description.FrontEnd is null
            ? throw new InvalidOperationException(
                "The model takes log-mel features; expected one that was made with a FrontEnd.")
            : new StreamingSoundEventDetector(clip, _networks, _device, Description);
    }

    /// <summary>Detects the events of a clip.</summary>
    /// <param name="clip">Its name.</param>
    /// <param name="values">Its features, or its waveform where the model has a front end; checked.</param>
    internal ClipDetection Detect(string clip, ReadOnlySpan<float> values)
    {
        if (Description.FrontEnd is not null)
        {
            StreamingSoundEventDetector stream = CreateStreamingDetector(clip);
            List<SoundEvent> events = [.. stream.Write(values), .. stream.Finish()];
            return new ClipDetection(stream.Scores(), InOrder(events));
        }

        var map = new PresenceStream(_networks, _device);
        var reading = new EventReading(clip, Description);
        List<float> presence = [];
        map.Add(values, presence);
        reading.Add(presence, map.Finish(presence));
        reading.Finish(values.Length / Description.Shape.Mels * Description.SecondsPerFrame);
        return new ClipDetection(map.Scores(), InOrder(reading.Take()));
    }

    /// <summary>The event presence map of a clip, (steps, classes), and the seconds of a step.</summary>
    internal (float[] Presence, double SecondsPerStep) Presence(ReadOnlySpan<float> features)
    {
        var map = new PresenceStream(_networks, _device);
        List<float> presence = [];
        map.Add(features, presence);
        double framesPerStep = map.Finish(presence);
        return ([.. presence], framesPerStep * Description.SecondsPerFrame);
    }

    /// <summary>One detector of several; see <see cref="AudioEnsemblesCatalog.CreateSoundEventEnsemble"/>.</summary>
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

        EventModelDescription description = detectors[0].Description;
        for (int i = 1; i < detectors.Count; i++)
        {
            description = description.With(detectors[i].Description, $"Detector {i + 1}");
        }

        return new SoundEventDetectionTransformer(
            environment.Register("SoundEventDetection"), description,
            [.. detectors.SelectMany(detector => detector._networks.Networks)]);
    }

    private protected override RowMapping CreateMapping(DataViewSchema inputSchema) =>
        new EventMapping(this, SchemaChecks.GetColumn(inputSchema, FeatureColumnName, "Feature"));

    private protected override void SaveModel(ModelSaveContext context) =>
        SavedModel.Save(context, ModelSignature, FormatVersion, LoaderSignature, GetType(), writer =>
        {
            writer.WriteJson(Description);
            writer.Flush();
            foreach (AudioModel network in _networks.Networks)
            {
                ModuleWeights.Write(network, writer.BaseStream);
            }
        });

    private static SoundEvent[] InOrder(IEnumerable<SoundEvent> events) =>
        [.. events.OrderBy(item => item.Onset).ThenBy(item => item.Label, StringComparer.Ordinal)];

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
                        .Build(config, description.Shape, [description.ClassNames.Count], seed: 0);
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
