using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using static Microsoft.ML.MulticlassClassificationCatalog;

namespace Microsoft.ML;

/// <summary>
/// The trainers and transforms of audio transformers, where users of ML.NET look for them. The other tasks have catalogs of
/// their own: <c>mlContext.AudioTagging()</c>, <c>ActionRecognition()</c> and <c>SoundEventDetection()</c>.
/// </summary>
public static class AudioTransformersCatalog
{
    /// <summary>Trains PaSST, the patchout fast spectrogram transformer, to classify clips.</summary>
    /// <param name="catalog">The catalog of trainers.</param>
    /// <param name="labelColumnName">The label column, a key as <c>MapValueToKey</c> makes it.</param>
    /// <param name="featureColumnName">The column with log-mel features, a vector of frames x mel bins.</param>
    /// <param name="epochs">Epochs, 1 or more.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static AudioClassificationTrainer Passt(
        this MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        int epochs = 10) =>
        catalog.Passt(new PasstOptions
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Epochs = epochs,
        });

    /// <summary>Trains PaSST, the patchout fast spectrogram transformer, to classify clips.</summary>
    /// <param name="catalog">The catalog of trainers.</param>
    /// <param name="options">The options, which the trainer copies.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static AudioClassificationTrainer Passt(this MulticlassClassificationTrainers catalog, PasstOptions options) =>
        Trainer(catalog, options);

    /// <summary>Trains AST, the audio spectrogram transformer, to classify clips.</summary>
    /// <param name="catalog">The catalog of trainers.</param>
    /// <param name="labelColumnName">The label column, a key as <c>MapValueToKey</c> makes it.</param>
    /// <param name="featureColumnName">The column with log-mel features, a vector of frames x mel bins.</param>
    /// <param name="epochs">Epochs, 1 or more.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static AudioClassificationTrainer Ast(
        this MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        int epochs = 25) =>
        catalog.Ast(new AstOptions
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Epochs = epochs,
        });

    /// <summary>Trains AST, the audio spectrogram transformer, to classify clips.</summary>
    /// <param name="catalog">The catalog of trainers.</param>
    /// <param name="options">The options, which the trainer copies.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static AudioClassificationTrainer Ast(this MulticlassClassificationTrainers catalog, AstOptions options) =>
        Trainer(catalog, options);

    /// <summary>Trains HTS-AT, the hierarchical token-semantic audio transformer, to classify clips.</summary>
    /// <param name="catalog">The catalog of trainers.</param>
    /// <param name="labelColumnName">The label column, a key as <c>MapValueToKey</c> makes it.</param>
    /// <param name="featureColumnName">The column with log-mel features, a vector of frames x mel bins.</param>
    /// <param name="epochs">Epochs, 1 or more.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static AudioClassificationTrainer HtsAt(
        this MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        int epochs = 100) =>
        catalog.HtsAt(new HtsAtOptions
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Epochs = epochs,
        });

    /// <summary>Trains HTS-AT, the hierarchical token-semantic audio transformer, to classify clips.</summary>
    /// <param name="catalog">The catalog of trainers.</param>
    /// <param name="options">The options, which the trainer copies.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static AudioClassificationTrainer HtsAt(this MulticlassClassificationTrainers catalog, HtsAtOptions options) =>
        Trainer(catalog, options);

    /// <summary>Trains DATAR, the deformable audio transformer, to classify clips.</summary>
    /// <param name="catalog">The catalog of trainers.</param>
    /// <param name="labelColumnName">The label column, a key as <c>MapValueToKey</c> makes it.</param>
    /// <param name="featureColumnName">The column with log-mel features, a vector of frames x mel bins.</param>
    /// <param name="epochs">Epochs, 1 or more.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static AudioClassificationTrainer Datar(
        this MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        int epochs = 50) =>
        catalog.Datar(new DatarOptions
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Epochs = epochs,
        });

    /// <summary>Trains DATAR, the deformable audio transformer, to classify clips.</summary>
    /// <param name="catalog">The catalog of trainers.</param>
    /// <param name="options">The options, which the trainer copies.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static AudioClassificationTrainer Datar(this MulticlassClassificationTrainers catalog, DatarOptions options) =>
        Trainer(catalog, options);

    /// <summary>
    /// Embeds clips by a pretrained model, for a small model to learn from: one vector a clip, or one for each window of it with
    /// the time of the window's centre.
    /// </summary>
    /// <param name="catalog">The catalog of transforms.</param>
    /// <param name="outputColumnName">The column with the embeddings, a vector of Single.</param>
    /// <param name="inputColumnName">The column with the waveform, a vector of Single at the front end's sample rate.
    /// <paramref name="outputColumnName"/> if null.</param>
    /// <param name="options">The model, with its weights and front end, and what to compute.</param>
    /// <returns>The estimator; fitting it reads the weights and no row.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static AudioEmbeddingEstimator ExtractAudioEmbedding(
        this TransformsCatalog catalog, string outputColumnName, string? inputColumnName, AudioEmbeddingOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new AudioEmbeddingEstimator(
            MlNetInternals.GetEnvironment(catalog), outputColumnName, inputColumnName ?? outputColumnName, options);
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

    private static AudioClassificationTrainer Trainer(
        MulticlassClassificationTrainers catalog, AudioTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new AudioClassificationTrainer(MlNetInternals.GetEnvironment(catalog), options);
    }
}
