using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers.Hosting;

/// <summary>
/// Options of a model that answers requests: where its file is, how windows of several requests are scored together, how
/// many requests are taken at once, and how the file is watched.
/// </summary>
public sealed class AudioModelOptions : IOptionGroup
{
    /// <summary>Path of the model, as <c>mlContext.Model.Save</c> writes it. A file that <see cref="Load"/> reads is
    /// another.
    /// </summary>
    [Text("a path")]
    public string Path { get; set; } = "";

    /// <summary>
    /// Loads the model in place of <c>mlContext.Model.Load</c>, for example from a file of weights. It is called again for
    /// each reload. What it returns is disposed when no request needs it any more. Default: null.
    /// </summary>
    public Func<MLContext, string, ITransformer>? Load { get; set; }

    /// <summary>Most windows that are scored together, 1 to 4096. Default: 16.</summary>
    [Whole(1, 4096)]
    public int BatchSize { get; set; } = 16;

    /// <summary>
    /// Longest time, in milliseconds, that the first window of a batch waits for others; 0 for none. A batch that is full,
    /// or has a window of each request that is begun, does not wait. Default: 5.
    /// </summary>
    [Between(0, 10_000)]
    public double DelayMilliseconds { get; set; } = 5;

    /// <summary>
    /// Most requests that are begun and not yet answered, 1 or more: one more gets <see cref="AudioQueueFullException"/>.
    /// Default: 64.
    /// </summary>
    [Whole(1, 1_000_000)]
    public int MaximumRequests { get; set; } = 64;

    /// <summary>
    /// Longest recording or stream, in seconds; 0 for no limit. A longer one gets <see cref="AudioTooLongException"/>, by
    /// what its headers claim or when so much is read. Default: 600.
    /// </summary>
    [NotNegative]
    public double MaximumSeconds { get; set; } = 600;

    /// <summary>
    /// Seconds between two looks at the model's file; a changed one is loaded, 0 for never. A new model is to be written
    /// beside and renamed. Default: 5.
    /// </summary>
    [NotNegative]
    public double ReloadSeconds { get; set; } = 5;

    /// <summary>Number of the GPU to score on; null for the processor, 0 or more. Default: null.</summary>
    [Whole(0)]
    public int? GpuDeviceId { get; set; }

    /// <summary>Whether to score on the processor where there is no such GPU. Default: false.</summary>
    public bool FallbackToCpu { get; set; }

    void IOptionGroup.CheckTogether(string prefix)
    {
    }
}
