using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>The audio transforms of <c>mlContext.Transforms</c>.</summary>
public static class AudioFeaturizationCatalog
{
    private static readonly LoaderRegistration s_loaders = new(typeof(AudioFeaturizationCatalog).Assembly);

    /// <summary>Reads audio files as waveforms: one channel, at one sample rate.</summary>
    /// <param name="catalog">The catalog of transforms, <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">
    /// The column with the waveform, a vector of Single of variable size with full scale at +-1.
    /// </param>
    /// <param name="inputColumnName">
    /// The column with the files: their paths (text), or their contents (vectors of Byte).
    /// <paramref name="outputColumnName"/> if null.
    /// </param>
    /// <param name="sampleRate">The sample rate to resample to, in Hz, or 0 for each recording's own.</param>
    /// <returns>The estimator; there is nothing to fit.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range; the message names it.</exception>
    public static AudioLoadingEstimator LoadAudio(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName = null, int sampleRate = 0) =>
        catalog.LoadAudio(
            outputColumnName, inputColumnName, new AudioLoadingEstimator.Options { SampleRate = sampleRate });

    /// <summary>Reads audio files as waveforms: one channel, at one sample rate, whole or in part.</summary>
    /// <param name="catalog">The catalog of transforms, <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">
    /// The column with the waveform, a vector of Single of variable size with full scale at +-1.
    /// </param>
    /// <param name="inputColumnName">
    /// The column with the files: their paths (text), or their contents (vectors of Byte).
    /// <paramref name="outputColumnName"/> if null.
    /// </param>
    /// <param name="options">The part of each recording, its channel and its sample rate. A copy is kept.</param>
    /// <returns>The estimator; there is nothing to fit.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; the message names it.</exception>
    public static AudioLoadingEstimator LoadAudio(
        this TransformsCatalog catalog,
        string outputColumnName,
        string? inputColumnName,
        AudioLoadingEstimator.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new AudioLoadingEstimator(
            Register(catalog), outputColumnName, inputColumnName ?? outputColumnName, options);
    }

    /// <summary>Turns waveforms into log-mel spectrograms.</summary>
    /// <param name="catalog">The catalog of transforms, <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">
    /// The column with the features: a vector of Single of frames x bands, of known size where the options set a target
    /// length, annotated with its sample rate, hop and layout.
    /// </param>
    /// <param name="inputColumnName">
    /// The column with the waveform, a vector of Single at the options' sample rate.
    /// <paramref name="outputColumnName"/> if null.
    /// </param>
    /// <param name="options">The front end; <see cref="LogMelOptions.Passt"/> if null. A copy is kept.</param>
    /// <returns>
    /// The estimator; there is nothing to fit unless <see cref="LogMelOptions.LearnNormalization"/> is set.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; the message names it.</exception>
    public static LogMelExtractingEstimator ExtractLogMel(
        this TransformsCatalog catalog,
        string outputColumnName,
        string? inputColumnName = null,
        LogMelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new LogMelExtractingEstimator(
            Register(catalog), outputColumnName, inputColumnName ?? outputColumnName, options ?? LogMelOptions.Passt);
    }

    /// <summary>
    /// Reads audio files as log-mel spectrograms in one step, as
    /// <see cref="LoadAudio(TransformsCatalog, string, string?, int)"/> and <see cref="ExtractLogMel"/> do in two. With a
    /// cache folder, features are kept on disk: a file that was read before with the same options is neither decoded nor
    /// computed again, in this run or in a later one.
    /// </summary>
    /// <param name="catalog">The catalog of transforms, <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The column with the features, as <see cref="ExtractLogMel"/> makes it.</param>
    /// <param name="inputColumnName">
    /// The column with the files: their paths (text), or their contents (vectors of Byte).
    /// <paramref name="outputColumnName"/> if null.
    /// </param>
    /// <param name="options">The front end; <see cref="LogMelOptions.Passt"/> if null. A copy is kept.</param>
    /// <param name="cacheFolder">The cache folder, made where there is none; null for no cache.</param>
    /// <returns>The estimator; there is nothing to fit.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; the message names it.</exception>
    public static LogMelLoadingEstimator LoadLogMel(
        this TransformsCatalog catalog,
        string outputColumnName,
        string? inputColumnName = null,
        LogMelOptions? options = null,
        string? cacheFolder = null) =>
        catalog.LoadLogMel(outputColumnName, inputColumnName, new LogMelLoadingEstimator.Options
        {
            FrontEnd = options ?? LogMelOptions.Passt,
            CacheFolder = cacheFolder,
        });

    /// <summary>Reads audio files, whole or in part, as log-mel spectrograms in one step.</summary>
    /// <param name="catalog">The catalog of transforms, <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The column with the features, as <see cref="ExtractLogMel"/> makes it.</param>
    /// <param name="inputColumnName">
    /// The column with the files: their paths (text), or their contents (vectors of Byte).
    /// <paramref name="outputColumnName"/> if null.
    /// </param>
    /// <param name="options">The front end, the part of each file, and the cache. A copy is kept.</param>
    /// <returns>The estimator; there is nothing to fit.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; the message names it.</exception>
    public static LogMelLoadingEstimator LoadLogMel(
        this TransformsCatalog catalog,
        string outputColumnName,
        string? inputColumnName,
        LogMelLoadingEstimator.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new LogMelLoadingEstimator(
            Register(catalog), outputColumnName, inputColumnName ?? outputColumnName, options);
    }

    /// <summary>
    /// Makes one row of each overlapping window of a recording, with the window's start and end, in flat memory where
    /// <see cref="LoadAudio(TransformsCatalog, string, string?, int)"/> stands before. Other columns have the recording's values
    /// in each row; how many rows there are is not known before they are read.
    /// </summary>
    /// <param name="catalog">The catalog of transforms, <c>mlContext.Transforms</c>.</param>
    /// <param name="outputColumnName">The column with the windows' samples, a vector of Single of variable size.</param>
    /// <param name="inputColumnName">
    /// The column with the recordings' waveforms, a vector of Single at a known sample rate.
    /// <paramref name="outputColumnName"/> if null.
    /// </param>
    /// <param name="options">The windows, and the columns of their times; windows of 10 s if null. A copy is kept.</param>
    /// <returns>The estimator; there is nothing to fit.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; the message names it.</exception>
    public static WindowExpandingEstimator ExpandWindows(
        this TransformsCatalog catalog,
        string outputColumnName,
        string? inputColumnName = null,
        WindowExpandingEstimator.Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        Register(catalog);
        return new WindowExpandingEstimator(
            outputColumnName, inputColumnName ?? outputColumnName, options ?? new WindowExpandingEstimator.Options());
    }

    /// <summary>
    /// Registers this library's transforms, so that <c>mlContext.Model.Load</c> can read models that contain them. Only a
    /// process that loads such a model before it uses any other part of this library needs it. Calling it again does nothing.
    /// </summary>
    /// <param name="mlContext">The context that will load.</param>
    /// <returns><paramref name="mlContext"/>.</returns>
    public static MLContext RegisterAudioFeaturization(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        s_loaders.Register(mlContext);
        return mlContext;
    }

    // A process that builds a pipeline may load it again, so its loaders are registered here too.
    private static IHostEnvironment Register(TransformsCatalog catalog)
    {
        IHostEnvironment environment = MlNetInternals.GetEnvironment(catalog);
        s_loaders.Register(environment);
        return environment;
    }
}
