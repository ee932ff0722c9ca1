using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Onnx.Sessions;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Estimator of an <see cref="OnnxAudioTransformer"/>: loads the model, and reads no row.</summary>
public sealed class OnnxAudioEstimator : IEstimator<OnnxAudioTransformer>
{
    private readonly IHostEnvironment _environment;
    private readonly string _path;
    private readonly string? _featureColumnName;
    private readonly OnnxAudioOptions _options;

    internal OnnxAudioEstimator(
        IHostEnvironment environment, string path, string? featureColumnName, OnnxAudioOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _environment = environment;
        _path = path;
        _featureColumnName = featureColumnName;
        _options = options is null ? new OnnxAudioOptions() : OptionCheck.Copy(options);
        OptionCheck.All(_options);
    }

    /// <summary>Loads the model.</summary>
    /// <param name="input">Data view with the feature column; only its schema is used.</param>
    /// <returns>The transformer; the caller disposes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is no ONNX model, no audio model of this library, of another version, or its labels do not fit its outputs.
    /// </exception>
    /// <exception cref="NotSupportedException">The native library lacks an execution provider.</exception>
    public OnnxAudioTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        OnnxAudioTransformer model = Load();
        try
        {
            model.GetOutputSchema(input.Schema);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Returns the input's columns, and those of the model, whose file is read for them.</summary>
    /// <inheritdoc cref="Fit"/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        using OnnxAudioTransformer model = Load();
        SchemaShape.Column features = SchemaChecks.GetColumn(inputSchema, model.FeatureColumnName, "Feature");
        if (features.Kind == SchemaShape.Column.VectorKind.Scalar || features.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(features.Name, "Feature", "a vector of Single", SchemaChecks.Describe(features));
        }

        return SchemaChecks.With(inputSchema, SchemaChecks.ShapesOf(model.CreateColumns()));
    }

    /// <summary>Loads the model, whatever the data.</summary>
    internal OnnxAudioTransformer Load() =>
        new(_environment, ModelContent.OfFile(_path, _options.VerifySums), _featureColumnName, _options);
}
