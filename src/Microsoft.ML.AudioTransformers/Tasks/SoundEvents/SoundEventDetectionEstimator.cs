using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Makes a <see cref="SoundEventDetectionTransformer"/> of pretrained weights: reads them, and no row.</summary>
public sealed class SoundEventDetectionEstimator : IEstimator<SoundEventDetectionTransformer>
{
    private readonly IHost _host;
    private readonly SoundEventDetectionOptions _options;

    internal SoundEventDetectionEstimator(IHostEnvironment environment, SoundEventDetectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        AudioTransformersLoaders.Register(environment);
        _host = environment.Register("SoundEventDetection");
        _options = options;
    }

    /// <summary>Reads the weights.</summary>
    /// <param name="input">Rows with the features or waveform; only their schema is looked at.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="ArgumentException">The options for reading events do not fit the classes.</exception>
    /// <exception cref="FileNotFoundException">There are no weights where the options say.</exception>
    /// <exception cref="InvalidDataException">
    /// The weights cannot be read, or are of a model with other classes or sizes.
    /// </exception>
    public SoundEventDetectionTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _options.Model.CheckFiles();
        using IChannel channel = _host.Start("Detection");
        DataViewSchema.Column features =
            SchemaChecks.GetColumn(input.Schema, _options.Model.FeatureColumnName, "Feature");
        EventModelDescription description = Describe(features);
        AudioModel network = description.Architecture.Build(description.Shape, description.ClassNames.Count, seed: 0);
        try
        {
            CheckpointReport report = description.Architecture.LoadCheckpoint(
                _options.Model.PretrainedWeights!, network, _options.Model.PretrainedWeightsAdaptation);
            channel.Info(MessageSensitivity.None, report.ToString());

            if (report.Missing.FirstOrDefault(name => !network.IsUnused(name)) is { } missing)
            {
                throw new InvalidDataException(
                    $"'{report.Path}' has no weights that fit {missing} of {description.Architecture.Name} with "
                    + $"{description.ClassNames.Count} classes; expected one that was trained with these classes and sizes.");
            }

            var transformer = new SoundEventDetectionTransformer(_host, description, network);
            transformer.GetOutputSchema(input.Schema);
            return transformer;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The input's columns with scores and events.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShape.Column features = SchemaChecks.GetColumn(inputSchema, _options.Model.FeatureColumnName, "Feature");
        if (features.Kind == SchemaShape.Column.VectorKind.Scalar || features.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(
                features.Name, "Feature", "a vector of Single", SchemaChecks.Describe(features));
        }

        return SchemaChecks.With(inputSchema, SchemaChecks.ShapesOf(EventColumns.Create(
            _options.ClassNames, _options.Decoding.Mapping?.ClassNames ?? _options.ClassNames,
            _options.Model.ScoreColumnName, _options.EventColumnPrefix)));
    }

    private EventModelDescription Describe(DataViewSchema.Column features)
    {
        HtsAtOptions model = _options.Model;
        FeatureReader reader =
            model.FrontEnd is { } frontEnd ? new WaveformReader(frontEnd) : LogMelReader.For(features);
        return new EventModelDescription
        {
            Architecture = (HtsAtArchitecture)model.CreateArchitecture(),
            Shape = reader.Shape,
            FrontEnd = model.FrontEnd?.Clone(),
            SecondsPerFrame = EventModelDescription.FrameSeconds(features, model.FrontEnd, _options.FrameMilliseconds),
            ClassNames = [.. _options.ClassNames],
            Decoding = new EventDecodingOptions(),
            FeatureColumnName = model.FeatureColumnName,
            ScoreColumnName = model.ScoreColumnName,
            EventColumnPrefix = _options.EventColumnPrefix,
        }.With(_options.Decoding);
    }
}
