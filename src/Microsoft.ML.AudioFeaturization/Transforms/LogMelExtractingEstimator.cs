using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>
/// Makes a <see cref="LogMelExtractingTransformer"/>. Reads the training data only where
/// <see cref="LogMelOptions.LearnNormalization"/> asks for its mean and standard deviation.
/// </summary>
public sealed class LogMelExtractingEstimator : IEstimator<LogMelExtractingTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly LogMelExtractingTransformer _transformer;

    internal LogMelExtractingEstimator(
        IHostEnvironment environment, string outputColumnName, string inputColumnName, LogMelOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        _environment = environment;
        _transformer = new LogMelExtractingTransformer(
            environment, outputColumnName, inputColumnName, new LogMelExtractor(options));
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">
    /// The normalization is to be learned, and the data has no rows, a waveform that does not fit, or nothing but one
    /// value.
    /// </exception>
    public LogMelExtractingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer.Extractor.Options.LearnNormalization ? Learn(input) : _transformer;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShape.Column input = SchemaChecks.GetColumn(inputSchema, _transformer.InputColumnName, "Input");
        if (input.Kind == SchemaShape.Column.VectorKind.Scalar || input.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(
                input.Name, "Input", LogMelExtractingTransformer.ExpectedInput, SchemaChecks.Describe(input));
        }

        return SchemaChecks.With(inputSchema, SchemaChecks.ShapesOf([_transformer.CreateOutputColumn()]));
    }

    private LogMelExtractingTransformer Learn(IDataView input)
    {
        // The values before normalization, of the frames that are there: added ones tell nothing of the data.
        LogMelOptions options = _transformer.Extractor.Options.Clone();
        (options.NormalizationMean, options.NormalizationStd, options.NormalizationWidth) = (0, 1, 1);
        int targetFrames = options.TargetFrames;
        options.TargetFrames = 0;
        var extractor = new LogMelExtractor(options);
        var statistics = new NormalizationStatistics();

        DataViewSchema.Column column = input.Schema[_transformer.InputColumnName];
        using DataViewRowCursor cursor = input.GetRowCursor([column]);
        ValueGetter<VBuffer<float>> getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> waveform = default;
        float[] features = [];
        while (cursor.MoveNext())
        {
            getter(ref waveform);
            int frames = extractor.FrameCount(waveform.Length);
            int length = frames * extractor.Bands;
            features = features.Length < length ? new float[length] : features;
            LogMelExtractingMapping.Extract(extractor, in waveform, features, column.Name, cursor.Position);
            int counted = targetFrames > 0 && options.Layout == FeatureLayout.FramesByBands
                ? Math.Min(frames, targetFrames) * extractor.Bands
                : length;
            statistics.Add(features.AsSpan(0, counted));
        }

        (double mean, double std) = statistics.Result($"column '{column.Name}'");
        LogMelOptions learned = _transformer.Extractor.Options.Clone();
        learned.NormalizationMean = (float)mean;
        learned.NormalizationStd = (float)std;
        return new LogMelExtractingTransformer(
            _environment, _transformer.OutputColumnName, _transformer.InputColumnName, new LogMelExtractor(learned));
    }
}
