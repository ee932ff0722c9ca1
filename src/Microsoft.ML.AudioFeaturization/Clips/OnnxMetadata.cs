namespace Microsoft.ML.AudioFeaturization.Clips;

/// <summary>Keys of the metadata of exported models. Values are text; lists and objects are JSON.</summary>
internal static class OnnxMetadata
{
    /// <summary>Version of this list of keys, a whole number; it grows when one changes its meaning.</summary>
    public const string Format = "audio.format";

    /// <summary>The version that is written, whose files end with their sum.</summary>
    public const string CurrentFormat = "2";

    /// <summary>The version before, without sums.</summary>
    public const string FormatWithoutSum = "1";

    /// <summary>Task: "classification", "tagging", "actions", "sound events" or "embeddings".</summary>
    public const string Task = "audio.task";

    /// <summary>Name of the architecture; of an ensemble a list.</summary>
    public const string Model = "audio.model";

    /// <summary>Names of the classes in the order of the scores, a list.</summary>
    public const string Labels = "audio.labels";

    /// <summary>Threshold of each class above which it is there, a list; only where a clip has any number of classes.</summary>
    public const string Thresholds = "audio.thresholds";

    /// <summary>Sample rate of the waveforms in Hz.</summary>
    public const string SampleRate = "audio.sample_rate";

    /// <summary>Options of the front end, in the graph or before it; an object with the names of LogMelOptions.</summary>
    public const string FrontEnd = "audio.front_end";

    /// <summary>Task as it is saved with the model in ML.NET, an object.</summary>
    public const string Description = "audio.description";

    /// <summary>
    /// Windows that clips longer than the model's are scored in outside of the graph, an object with the names of WindowOptions;
    /// missing where longer clips are cut.
    /// </summary>
    public const string Windows = "audio.windows";

    /// <summary>Name of the feature column that the model was trained on.</summary>
    public const string FeatureColumn = "audio.feature_column";

    /// <summary>Sizes of the presence map of a detector of sound events, an object.</summary>
    public const string PresenceMap = "audio.presence_map";

    /// <summary>
    /// Of a model of embeddings that takes clips of any length, the fewest frames that it takes; missing where clips have one
    /// length.
    /// </summary>
    public const string ShortestInput = "audio.shortest_frames";

    /// <summary>Name of the file of weights beside the model; missing where the weights are in the model.</summary>
    public const string ExternalData = "audio.external_data";

    /// <summary>SHA-256 of the file of weights beside the model, 64 hexadecimal digits.</summary>
    public const string ExternalSum = "audio.external_sum";

    /// <summary>Precision of the weights.</summary>
    public const string Precision = "audio.precision";

    /// <summary>Version of the library that wrote the file.</summary>
    public const string LibraryVersion = "audio.library_version";

    /// <summary>Licence of the weights; missing where it is not known.</summary>
    public const string License = "audio.license";
}
