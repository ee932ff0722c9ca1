using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Makes several models one whose answer is the mean of theirs, where users of ML.NET load and save models.</summary>
public static class AudioEnsemblesCatalog
{
    /// <summary>Averages the scores of fitted models or whole pipelines, each of which adds a score and a predicted label.
    /// </summary>
    /// <param name="catalog">Where models are loaded and saved.</param>
    /// <param name="models">
    /// One or more models of the same classes, in whatever order each has them; the ensemble takes them over. They may be of
    /// different kinds, with different features. What they have in common is how many labels a clip gets.
    /// </param>
    /// <param name="scoreColumnName">The column with the scores, in each model and in the ensemble.</param>
    /// <param name="predictedLabelColumnName">The column with the predicted label, as with the scores.</param>
    /// <returns>The ensemble, which is transformed with, saved and loaded as any model.</returns>
    /// <exception cref="ArgumentException">There is no model, or one does not work row by row. Whether the models' classes
    /// agree shows when the ensemble is given a schema.</exception>
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

    /// <summary>Averages the scores of saved models; see <see cref="CreateAudioEnsemble"/>.</summary>
    /// <param name="catalog">Where models are loaded and saved.</param>
    /// <param name="paths">The files of one or more models.</param>
    /// <param name="scoreColumnName">The column with the scores, in each model and in the ensemble.</param>
    /// <param name="predictedLabelColumnName">The column with the predicted label, as with the scores.</param>
    /// <returns>The ensemble, which needs the files no longer.</returns>
    /// <exception cref="ArgumentException">There is no path.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
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

    /// <summary>Averages the event presence maps of several detectors of sound events, in which events are then found.
    /// </summary>
    /// <param name="catalog">Where models are loaded and saved.</param>
    /// <param name="detectors">
    /// One or more detectors of the same classes and features, whose maps have the same steps in time; the ensemble takes
    /// them over. How events are read is the first one's <see cref="SoundEventDetectionTransformer.Decoding"/>, which can be
    /// changed.
    /// </param>
    /// <returns>One detector, which is transformed with, streamed to, saved and loaded as each of them.</returns>
    /// <exception cref="ArgumentException">There is no detector, or two do not fit each other; the message names both.
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
