using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Ensembles of models, as extensions of the catalog by which ML.NET loads and saves models.</summary>
public static class AudioEnsemblesCatalog
{
    /// <summary>
    /// Creates an ensemble that averages the scores of fitted models or pipelines, each of which adds a score and a predicted
    /// label.
    /// </summary>
    /// <param name="catalog">Catalog of model operations.</param>
    /// <param name="models">
    /// One or more models with the same classes, in any order; the ensemble disposes them. They may have different
    /// architectures and features, but all are classifiers or all are taggers.
    /// </param>
    /// <param name="scoreColumnName">Score column of each model and of the ensemble. Default: Score.</param>
    /// <param name="predictedLabelColumnName">
    /// Predicted label column of each model and of the ensemble. Default: PredictedLabel.
    /// </param>
    /// <returns>The ensemble, which transforms, and is saved and loaded, like any model.</returns>
    /// <exception cref="ArgumentException">
    /// There is no model, or one is not a row-to-row mapper. Models whose classes differ are an error when the ensemble gets a
    /// schema.
    /// </exception>
    public static AudioEnsembleTransformer CreateAudioEnsemble(
        this ModelOperationsCatalog catalog,
        IReadOnlyList<ITransformer> models,
        string scoreColumnName = "Score",
        string predictedLabelColumnName = "PredictedLabel")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(models);
        return Create(MlNetInternals.GetEnvironment(catalog), models, new AudioEnsembleTransformer.Description
        {
            ScoreColumnName = scoreColumnName,
            PredictedLabelColumnName = predictedLabelColumnName,
        });
    }

    /// <summary>Loads models, and creates an ensemble of them; see <see cref="CreateAudioEnsemble"/>.</summary>
    /// <param name="catalog">Catalog of model operations.</param>
    /// <param name="paths">Paths of the files of one or more models.</param>
    /// <param name="scoreColumnName">Score column of each model and of the ensemble. Default: Score.</param>
    /// <param name="predictedLabelColumnName">
    /// Predicted label column of each model and of the ensemble. Default: PredictedLabel.
    /// </param>
    /// <returns>The ensemble; it does not read the files again.</returns>
    /// <exception cref="ArgumentException">There is no path.</exception>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    public static AudioEnsembleTransformer LoadAudioEnsemble(
        this ModelOperationsCatalog catalog,
        IReadOnlyList<string> paths,
        string scoreColumnName = "Score",
        string predictedLabelColumnName = "PredictedLabel")
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        IHostEnvironment environment = MlNetInternals.GetEnvironment(catalog);
        AudioTransformersLoaders.Register(environment);
        List<ITransformer> models = [];
        try
        {
            foreach (string path in paths)
            {
                models.Add(catalog.Load(path, out _));
            }

            return Create(environment, models, new AudioEnsembleTransformer.Description
            {
                ScoreColumnName = scoreColumnName,
                PredictedLabelColumnName = predictedLabelColumnName,
                Names = [.. paths],
            });
        }
        catch
        {
            models.OfType<IDisposable>().ToList().ForEach(model => model.Dispose());
            throw;
        }
    }

    /// <summary>
    /// Creates an ensemble of detectors of sound events, which decodes events from the mean of their presence maps.
    /// </summary>
    /// <param name="catalog">Catalog of model operations.</param>
    /// <param name="detectors">
    /// One or more detectors with the same classes and features, whose presence maps have the same steps; the ensemble disposes
    /// them. Its <see cref="SoundEventDetectionTransformer.Decoding"/> options are those of the first, and can be set.
    /// </param>
    /// <returns>The ensemble, which transforms, streams, and is saved and loaded, like each of them.</returns>
    /// <exception cref="ArgumentException">
    /// There is no detector, or two do not fit each other; the message names both.
    /// </exception>
    public static SoundEventDetectionTransformer CreateSoundEventEnsemble(
        this ModelOperationsCatalog catalog, IReadOnlyList<SoundEventDetectionTransformer> detectors)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(detectors);
        return SoundEventDetectionTransformer.Combine(MlNetInternals.GetEnvironment(catalog), detectors);
    }

    private static AudioEnsembleTransformer Create(
        IHostEnvironment environment, IReadOnlyList<ITransformer> models, AudioEnsembleTransformer.Description description)
    {
        OptionCheck.ColumnName(description.ScoreColumnName, nameof(description.ScoreColumnName));
        OptionCheck.ColumnName(description.PredictedLabelColumnName, nameof(description.PredictedLabelColumnName));
        AudioTransformersLoaders.Register(environment);
        return new AudioEnsembleTransformer(environment.Register("AudioEnsemble"), models, description);
    }
}
