using Microsoft.ML.AudioFeaturization.Audio.Formats.Ffmpeg;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>
/// Reads audio files, or their contents, as log-mel spectrograms. The cache folder is not saved with a model: a loaded one
/// computes features anew.
/// </summary>
public sealed class LogMelLoadingTransformer : RowToRowAudioTransformerBase
{
    internal const string LoaderSignature = "LogMelLoading";
    private const string ModelSignature = "AUDIOLML";
    private const uint FormatVersion = 0x00010001;

    private readonly AudioLoadingTransformer _loading;
    private readonly LogMelExtractingTransformer _extracting;

    internal LogMelLoadingTransformer(
        IHostEnvironment environment,
        string outputColumnName,
        string inputColumnName,
        AudioLoadingEstimator.Options loading,
        LogMelExtractor extractor,
        string? cacheFolder = null,
        long maximumCacheBytes = 0)
        : base(environment.Register(LoaderSignature))
    {
        _loading = new AudioLoadingTransformer(environment, outputColumnName, inputColumnName, loading);
        _extracting = new LogMelExtractingTransformer(environment, outputColumnName, outputColumnName, extractor);
        OptionsHash = FeatureKeys.HashOptions(loading, extractor.Options);
        Cache = cacheFolder is null ? null : new FeatureCache(cacheFolder, maximumCacheBytes, Warn);
    }

    /// <summary>The column with the features.</summary>
    public string OutputColumnName => _loading.OutputColumnName;

    /// <summary>The column with the paths or contents of files.</summary>
    public string InputColumnName => _loading.InputColumnName;

    /// <summary>The extractor of the features.</summary>
    public LogMelExtractor Extractor => _extracting.Extractor;

    internal byte[] OptionsHash { get; }

    internal FeatureCache? Cache { get; }

    private protected override IDataView TransformCore(RowMapper mapper, IDataView input) =>
        _loading.DamagedRows.Transform(mapper, input);

    internal DataViewSchema.DetachedColumn CreateOutputColumn() => _extracting.CreateOutputColumn();

    internal ClipCuts CreateCuts() => new ClipCuts(Extractor.Options, WarnOfLongClips, $"column '{InputColumnName}'");

    private protected override RowMapping CreateMapping(DataViewSchema inputSchema) =>
        new LogMelLoadingMapping(this, _loading.CreateLoading(inputSchema));

    private protected override void SaveModel(ModelSaveContext context) =>
        SavedModel.Save(context, ModelSignature, FormatVersion, LoaderSignature, GetType(), writer =>
        {
            writer.Write(OutputColumnName);
            writer.Write(InputColumnName);
            writer.WriteJson(_loading.LoadingOptions);
            writer.WriteJson(Extractor.Options);
        });

    // Found by ML.NET through the component catalog, which wants exactly this return type.
    private static ITransformer Create(IHostEnvironment environment, object context) =>
        SavedModel.Load(context, "log-mel loader", reader =>
        {
            string outputColumnName = reader.ReadString();
            string inputColumnName = reader.ReadString();
            var loading = reader.ReadJson<AudioLoadingEstimator.Options>();
            loading.Ffmpeg = FfmpegProgram.OfSaved(loading.Ffmpeg);
            OptionCheck.All(loading);
            var extractor = new LogMelExtractor(reader.ReadJson<LogMelOptions>());
            return new LogMelLoadingTransformer(environment, outputColumnName, inputColumnName, loading, extractor);
        });

    private void Warn(string message)
    {
        using IChannel channel = Host.Start("Caching");
        channel.Warning(MessageSensitivity.None, message);
    }
}
