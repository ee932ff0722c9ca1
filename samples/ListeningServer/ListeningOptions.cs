namespace ListeningServer;

/// <summary>
/// Options of the server: the section "Listening" of appsettings.json, variables such as Listening__ApiKey, or arguments
/// such as --Listening:Models:words=words.zip.
/// </summary>
internal sealed class ListeningOptions
{
    public const string Section = "Listening";

    /// <summary>Paths of the models by the names that requests have for them.</summary>
    public Dictionary<string, string> Models { get; set; } = [];

    /// <summary>
    /// Key that requests must show, as X-Api-Key, or in the query of a WebSocket; null for none. Default: null.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>Most bytes of a recording. Default: 32 MiB.</summary>
    public long MaximumBytes { get; set; } = 32 << 20;

    /// <summary>Most seconds of a recording or a stream. Default: 600.</summary>
    public double MaximumSeconds { get; set; } = 600;

    /// <summary>Most recordings that are taken at once, over all models. Default: 64.</summary>
    public int MaximumRecordings { get; set; } = 64;

    /// <summary>Most streams that are open at once, over all models. Default: 16.</summary>
    public int MaximumStreams { get; set; } = 16;

    /// <summary>Most windows that are scored together. Default: 16.</summary>
    public int BatchSize { get; set; } = 16;

    /// <summary>Longest time, in milliseconds, that a window waits for others. Default: 5.</summary>
    public double DelayMilliseconds { get; set; } = 5;

    /// <summary>Seconds for a recording's bytes to come, and again for its answer. Default: 60.</summary>
    public double RequestSeconds { get; set; } = 60;

    /// <summary>Seconds that a stream may send nothing, or not take an answer. Default: 20.</summary>
    public double IdleSeconds { get; set; } = 20;

    /// <summary>
    /// Seconds before connections close when the server stops: clients that have one open are told by a 503, and go elsewhere. A
    /// request that crosses the end of its connection would be lost. Default: 1.
    /// </summary>
    public double DrainSeconds { get; set; } = 1;

    /// <summary>Seconds in which what is begun is answered when the server stops. Default: 30.</summary>
    public double StopSeconds { get; set; } = 30;
}
