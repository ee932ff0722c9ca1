namespace Microsoft.ML.AudioTransformers.Hosting;

/// <summary>
/// Scorer of requests with one model, which stays in memory once for all of them: windows of several requests are scored
/// together. Safe for use by several threads at once.
/// </summary>
/// <remarks>
/// All methods throw <see cref="AudioQueueFullException"/> where there are as many requests as
/// <see cref="AudioModelOptions.MaximumRequests"/> allows, <see cref="AudioModelUnavailableException"/> while the app stops,
/// <see cref="AudioTooLongException"/>, <see cref="OperationCanceledException"/>, and <see cref="InvalidDataException"/> or
/// <see cref="NotSupportedException"/> for a recording that cannot be read. A cancelled request leaves the queue.
/// </remarks>
public interface IAudioScorer
{
    /// <summary>Name under which the model was added.</summary>
    string Name { get; }

    /// <summary>Whether the model is in memory and takes requests.</summary>
    bool IsReady { get; }

    /// <summary>Describes the model; loads it if that was not done.</summary>
    /// <param name="cancellation">Cancels the wait.</param>
    Task<AudioModelInfo> GetModelAsync(CancellationToken cancellation = default);

    /// <summary>Scores samples in memory.</summary>
    /// <param name="samples">
    /// Finite samples, full scale at 1; those of several channels interleaved, their mean is heard.
    /// </param>
    /// <param name="sampleRate">Their sample rate in Hz, or 0 for the model's. Default: 0.</param>
    /// <param name="channels">Channels, 1 or more. Default: 1.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="ArgumentException">A sample is not finite, or an argument is outside its range.</exception>
    Task<AudioScores> ScoreAsync(
        ReadOnlyMemory<float> samples, int sampleRate = 0, int channels = 1, CancellationToken cancellation = default);

    /// <summary>Scores a recording in any format that <c>AudioReader</c> reads from a stream.</summary>
    /// <param name="recording">
    /// Recording, from its position on; left open. It is read with blocking calls: what comes from a network is to be
    /// gathered first.
    /// </param>
    /// <param name="cancellation">Cancels the request.</param>
    Task<AudioScores> ScoreAsync(Stream recording, CancellationToken cancellation = default);

    /// <summary>Scores a file.</summary>
    /// <param name="path">Path of the file: the app's, never a stranger's.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    Task<AudioScores> ScoreFileAsync(string path, CancellationToken cancellation = default);

    /// <summary>
    /// Scores a recording and gives what is found on the way: windows as they are scored, events as they end, then the end.
    /// </summary>
    /// <inheritdoc cref="ScoreAsync(Stream, CancellationToken)"/>
    IAsyncEnumerable<AudioFinding> ListenAsync(Stream recording, CancellationToken cancellation = default);

    /// <summary>
    /// Listens to a stream, such as a microphone's: gives windows as they are scored, events as they end, then the end. When
    /// the app stops, the stream ends as if no more samples came.
    /// </summary>
    /// <param name="samples">
    /// Blocks of any size, asked for when what came before is scored. A block may end within a frame.
    /// </param>
    /// <param name="sampleRate">Their sample rate in Hz, or 0 for the model's. Default: 0.</param>
    /// <param name="channels">Interleaved channels, 1 or more. Default: 1.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="ArgumentException">A sample is not finite, or an argument is outside its range.</exception>
    IAsyncEnumerable<AudioFinding> ListenAsync(
        IAsyncEnumerable<ReadOnlyMemory<float>> samples, int sampleRate = 0, int channels = 1,
        CancellationToken cancellation = default);

    /// <summary>Loads the model's file now if it has changed, and not when it is looked at next.</summary>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>Whether another model answers now; a file that cannot be loaded is logged.</returns>
    Task<bool> ReloadAsync(CancellationToken cancellation = default);
}
