using Microsoft.ML.AudioFeaturization.Checks;
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
        options = OptionCheck.Copy(options);
        OptionCheck.All(options);
        var extractor = new LogMelExtractor(options.FrontEnd);
        AudioLoadingEstimator.Options loading = options.Loading;
        loading.SampleRate = options.FrontEnd.SampleRate;
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

    /// <summary>The part of each file to read, the features to compute, and the folder to keep them in.</summary>
    public sealed class Options : IOptionGroup
    {
        /// <summary>
        /// The part of each file to read. Its sample rate is the front end's, or 0 for that. Default: all of it.
        /// </summary>
        public AudioLoadingEstimator.Options Loading = new();

        /// <summary>
        /// The features to compute, without <see cref="LogMelOptions.LearnNormalization"/>. Default:
        /// <see cref="LogMelOptions.Passt"/>.
        /// </summary>
        public LogMelOptions FrontEnd = LogMelOptions.Passt;

        /// <summary>
        /// Cache folder, made where there is none, or null for none. Features kept there are used again for files of the
        /// same content, whatever their path, with the same options and the same version of this library. Delete the folder
        /// at any time to clear the cache. Default: null.
        /// </summary>
        [Text("a folder's path", OrNull = true)]
        public string? CacheFolder;

        /// <summary>
        /// Size limit of the cache folder in bytes, approximate, 0 (no limit) or more: features beyond it are computed each
        /// time. Default: 0.
        /// </summary>
        [Whole(0)]
        public long MaximumCacheBytes;

        void IOptionGroup.CheckTogether(string prefix)
        {
            OptionCheck.That(
                Loading.SampleRate == 0 || Loading.SampleRate == FrontEnd.SampleRate,
                Loading.SampleRate,
                $"{prefix}{nameof(Loading)}.{nameof(Loading.SampleRate)}",
                $"0, or the front end's {FrontEnd.SampleRate}");
            OptionCheck.That(
                !FrontEnd.LearnNormalization,
                true,
                $"{prefix}{nameof(FrontEnd)}.{nameof(FrontEnd.LearnNormalization)}",
                "false: only the transform ExtractLogMel learns it");
        }
    }
}
