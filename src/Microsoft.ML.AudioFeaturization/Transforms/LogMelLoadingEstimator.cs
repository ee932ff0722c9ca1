using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>Makes a <see cref="LogMelLoadingTransformer"/>; there is nothing to fit.</summary>
public sealed class LogMelLoadingEstimator : IEstimator<LogMelLoadingTransformer>
{
    private readonly AudioLoadingEstimator _loading;
    private readonly LogMelLoadingTransformer _transformer;

    internal LogMelLoadingEstimator(
        IHostEnvironment environment, string outputColumnName, string inputColumnName, Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var extractor = new LogMelExtractor(options.FrontEnd);
        AudioLoadingEstimator.Options loading = options.Loading.Clone();
        loading.SampleRate = extractor.Options.SampleRate;
        _loading = new AudioLoadingEstimator(environment, outputColumnName, inputColumnName, loading);
        _transformer = new LogMelLoadingTransformer(
            environment, outputColumnName, inputColumnName, loading, extractor, options.CacheFolder,
            options.MaximumCacheBytes);
    }

    /// <inheritdoc/>
    public LogMelLoadingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _loading.GetOutputSchema(inputSchema);
        return SchemaChecks.With(inputSchema, SchemaChecks.ShapesOf([_transformer.CreateOutputColumn()]));
    }

    /// <summary>What is read, what is computed of it, and where it is kept.</summary>
    public sealed class Options
    {
        /// <summary>
        /// What is read of each file. Its sample rate is the front end's, or 0 for that. Default: all of it.
        /// </summary>
        public AudioLoadingEstimator.Options Loading = new();

        /// <summary>
        /// What is computed, without <see cref="LogMelOptions.LearnNormalization"/>. Default:
        /// <see cref="LogMelOptions.Passt"/>.
        /// </summary>
        public LogMelOptions FrontEnd = LogMelOptions.Passt;

        /// <summary>
        /// A folder that features are kept in, made where there is none; they are used again for files of the same
        /// content, wherever these lie, with the same options and the same version of this library. It can be deleted at
        /// any time, which is how it is cleared. Null for none. Default: null.
        /// </summary>
        public string? CacheFolder;

        /// <summary>
        /// About how many bytes the folder may hold, 0 (any number) or more: features beyond it are computed each time.
        /// Default: 0.
        /// </summary>
        public long MaximumCacheBytes;

        internal void Check()
        {
            ArgumentNullException.ThrowIfNull(Loading);
            ArgumentNullException.ThrowIfNull(FrontEnd);
            Require(
                Loading.SampleRate == 0 || Loading.SampleRate == FrontEnd.SampleRate,
                $"{nameof(Loading)}.{nameof(Loading.SampleRate)} is {Loading.SampleRate}",
                $"0, or the front end's {FrontEnd.SampleRate}");
            Require(
                !FrontEnd.LearnNormalization,
                $"{nameof(FrontEnd)}.{nameof(FrontEnd.LearnNormalization)} is true",
                $"false: only {nameof(AudioFeaturizationCatalog.ExtractLogMel)} learns it");
            Require(
                CacheFolder is null || !string.IsNullOrWhiteSpace(CacheFolder), $"{nameof(CacheFolder)} is empty",
                "a folder's path, or null");
            Require(
                MaximumCacheBytes >= 0, $"{nameof(MaximumCacheBytes)} is {MaximumCacheBytes}", "0 or more");
        }

        private static void Require(bool holds, string found, string expected)
        {
            if (!holds)
            {
                throw new ArgumentException($"{found}; expected {expected}.");
            }
        }
    }
}
