using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers;
using static Microsoft.ML.MulticlassClassificationCatalog;

namespace Microsoft.ML;

/// <summary>The trainers of audio transformers, where users of ML.NET look for trainers.</summary>
public static class AudioTransformersCatalog
{
    /// <summary>Trains PaSST, the patchout fast spectrogram transformer.</summary>
    /// <param name="catalog">Where trainers are.</param>
    /// <param name="labelColumnName">The label column, a key as <c>MapValueToKey</c> makes it.</param>
    /// <param name="featureColumnName">The column with log-mel features, a vector of frames x mel bins.</param>
    /// <param name="epochs">How often training goes through the whole training set, 1 or more.</param>
    /// <param name="patchoutTime">Columns of patches that a training step drops, 0 or more.</param>
    /// <param name="patchoutFrequency">Rows of patches that a training step drops, 0 or more.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static PasstTrainer Passt(
        this MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        int epochs = 10,
        int patchoutTime = 0,
        int patchoutFrequency = 0) =>
        catalog.Passt(new PasstTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Epochs = epochs,
            PatchoutTime = patchoutTime,
            PatchoutFrequency = patchoutFrequency,
        });

    /// <summary>Trains PaSST, the patchout fast spectrogram transformer.</summary>
    /// <param name="catalog">Where trainers are.</param>
    /// <param name="options">All that the trainer can be told.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static PasstTrainer Passt(this MulticlassClassificationTrainers catalog, PasstTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new PasstTrainer(MlNetInternals.GetEnvironment(catalog), options);
    }

    /// <summary>Trains AST, the audio spectrogram transformer.</summary>
    /// <param name="catalog">Where trainers are.</param>
    /// <param name="labelColumnName">The label column, a key as <c>MapValueToKey</c> makes it.</param>
    /// <param name="featureColumnName">The column with log-mel features, a vector of frames x mel bins.</param>
    /// <param name="epochs">How often training goes through the whole training set, 1 or more.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static AstTrainer Ast(
        this MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        int epochs = 25) =>
        catalog.Ast(new AstTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Epochs = epochs,
        });

    /// <summary>Trains AST, the audio spectrogram transformer.</summary>
    /// <param name="catalog">Where trainers are.</param>
    /// <param name="options">All that the trainer can be told.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static AstTrainer Ast(this MulticlassClassificationTrainers catalog, AstTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new AstTrainer(MlNetInternals.GetEnvironment(catalog), options);
    }

    /// <summary>
    /// Lets <c>mlContext.Model.Load</c> read models that hold this library's transformers. Only a process that loads
    /// such a model before it has used any other part of this library needs it; calling it again does nothing.
    /// </summary>
    /// <param name="mlContext">The context that will load.</param>
    /// <returns><paramref name="mlContext"/>.</returns>
    public static MLContext RegisterAudioTransformers(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        mlContext.RegisterAudioFeaturization();
        AudioTransformersLoaders.Register(mlContext);
        return mlContext;
    }
}
