using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.ClipEmbeddings;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring.Embeddings;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Estimator of an <see cref="AudioEmbeddingTransformer"/>: reads the pretrained weights, and no row.</summary>
public sealed class AudioEmbeddingEstimator : IEstimator<AudioEmbeddingTransformer>
{
    private readonly IHost _host;
    private readonly AudioEmbeddingOptions _options;
    private readonly EmbeddingModelDescription _description;

    internal AudioEmbeddingEstimator(
        IHostEnvironment environment, string outputColumnName, string inputColumnName, AudioEmbeddingOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        ArgumentNullException.ThrowIfNull(options);
        _options = options = OptionCheck.Copy(options);
        OptionCheck.All(options);
        AudioTransformersLoaders.Register(environment);
        _host = environment.Register("AudioEmbedding");
        _description = new EmbeddingModelDescription
        {
            Architecture = options.Model.ModelConfig,
            FrontEnd = options.Model.FrontEnd!,
            Kind = options.Kind,
            Windows = options.Windows(),
            InputColumnName = inputColumnName,
            OutputColumnName = outputColumnName,
            TimestampsColumnName = options.TimestampsColumnName,
            BatchSize = options.Model.ScoringBatchSize,
            Precision = options.Model.ScoringPrecision,
        };
    }

    /// <summary>Reads the weights.</summary>
    /// <param name="input">Data view with the waveform column; only its schema is used.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="FileNotFoundException">The file of pretrained weights does not exist.</exception>
    /// <exception cref="InvalidDataException">The weights cannot be read, or none fits.</exception>
    public AudioEmbeddingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _options.Model.CheckFiles();
        using IChannel channel = _host.Start("Embedding");
        AudioModel network = AudioEmbeddingTransformer.Build(_description);
        try
        {
            channel.Info(
                MessageSensitivity.None,
                ModelFamilies.Of(_description.Architecture).LoadCheckpoint(
                    _options.Model.PretrainedWeights!, network, _options.Model.PretrainedWeightsAdaptation).ToString());
            var transformer = new AudioEmbeddingTransformer(_host, _description, network);
            transformer.GetOutputSchema(input.Schema);
            return transformer;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Returns the input's columns, and those of the embeddings and, with one a window, of their times.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShape.Column input = SchemaChecks.GetColumn(inputSchema, _description.InputColumnName, "Input");
        if (input.Kind == SchemaShape.Column.VectorKind.Scalar || input.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(
                input.Name, "Input", "a waveform, a vector of Single as LoadAudio makes it", SchemaChecks.Describe(input));
        }

        // A schema shape says that a vector has a known length, but not which.
        return SchemaChecks.With(
            inputSchema, SchemaChecks.ShapesOf(EmbeddingMapping.Columns(_description, length: 1)));
    }
}
