using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Tasks;
using static Microsoft.ML.MulticlassClassificationCatalog;

namespace Microsoft.ML;

/// <summary>
/// Trainers and transforms of audio transformers, as extensions of ML.NET's catalogs. Each task also has a catalog of its own:
/// <c>mlContext.AudioClassification()</c>, <c>AudioTagging()</c>, <c>ActionRecognition()</c> and <c>SoundEventDetection()</c>.
/// </summary>
public static class AudioTransformersCatalog
{
    /// <summary>Creates a trainer of PaSST, the patchout fast spectrogram transformer, for classification.</summary>
    /// <param name="catalog">Catalog of trainers.</param>
    /// <param name="labelColumnName">Label column: a key, as <c>MapValueToKey</c> makes it. Default: Label.</param>
    /// <param name="featureColumnName">
    /// Feature column: waveforms, or log-mel features. Default: Features or, where there is none, the only column that
    /// <c>LoadAudio</c>, <c>ExtractLogMel</c> or <c>LoadLogMel</c> made.
    /// </param>
    /// <param name="epochs">Epochs, 1 or more; null to choose them by the training set. Default: null.</param>
    /// <returns>The trainer. It chooses all other options by the training set, for random weights.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static AudioClassificationTrainer Passt(
        this MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        int? epochs = null) =>
        Trainer<PasstOptions>(catalog, labelColumnName, featureColumnName, epochs);

    /// <summary>Creates a trainer of PaSST, the patchout fast spectrogram transformer, for classification.</summary>
    /// <param name="catalog">Catalog of trainers.</param>
    /// <param name="options">Options of model and training; the trainer copies them.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static AudioClassificationTrainer Passt(this MulticlassClassificationTrainers catalog, PasstOptions options) =>
        Trainer(catalog, options);

    /// <summary>Creates a trainer of AST, the audio spectrogram transformer, for classification.</summary>
    /// <param name="catalog">Catalog of trainers.</param>
    /// <param name="labelColumnName">Label column: a key, as <c>MapValueToKey</c> makes it. Default: Label.</param>
    /// <param name="featureColumnName">
    /// Feature column: waveforms, or log-mel features. Default: Features or, where there is none, the only column that
    /// <c>LoadAudio</c>, <c>ExtractLogMel</c> or <c>LoadLogMel</c> made.
    /// </param>
    /// <param name="epochs">Epochs, 1 or more; null to choose them by the training set. Default: null.</param>
    /// <returns>The trainer. It chooses all other options by the training set, for random weights.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static AudioClassificationTrainer Ast(
        this MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        int? epochs = null) =>
        Trainer<AstOptions>(catalog, labelColumnName, featureColumnName, epochs);

    /// <summary>Creates a trainer of AST, the audio spectrogram transformer, for classification.</summary>
    /// <param name="catalog">Catalog of trainers.</param>
    /// <param name="options">Options of model and training; the trainer copies them.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static AudioClassificationTrainer Ast(this MulticlassClassificationTrainers catalog, AstOptions options) =>
        Trainer(catalog, options);

    /// <summary>Creates a trainer of HTS-AT, the hierarchical token-semantic audio transformer, for classification.</summary>
    /// <param name="catalog">Catalog of trainers.</param>
    /// <param name="labelColumnName">Label column: a key, as <c>MapValueToKey</c> makes it. Default: Label.</param>
    /// <param name="featureColumnName">
    /// Feature column: waveforms, or log-mel features. Default: Features or, where there is none, the only column that
    /// <c>LoadAudio</c>, <c>ExtractLogMel</c> or <c>LoadLogMel</c> made.
    /// </param>
    /// <param name="epochs">Epochs, 1 or more; null to choose them by the training set. Default: null.</param>
    /// <returns>The trainer. It chooses all other options by the training set, for random weights.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static AudioClassificationTrainer HtsAt(
        this MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        int? epochs = null) =>
        Trainer<HtsAtOptions>(catalog, labelColumnName, featureColumnName, epochs);

    /// <summary>Creates a trainer of HTS-AT, the hierarchical token-semantic audio transformer, for classification.</summary>
    /// <param name="catalog">Catalog of trainers.</param>
    /// <param name="options">Options of model and training; the trainer copies them.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static AudioClassificationTrainer HtsAt(this MulticlassClassificationTrainers catalog, HtsAtOptions options) =>
        Trainer(catalog, options);

    /// <summary>Creates a trainer of DATAR, the deformable audio transformer, for classification.</summary>
    /// <param name="catalog">Catalog of trainers.</param>
    /// <param name="labelColumnName">Label column: a key, as <c>MapValueToKey</c> makes it. Default: Label.</param>
    /// <param name="featureColumnName">
    /// Feature column: waveforms, or log-mel features. Default: Features or, where there is none, the only column that
    /// <c>LoadAudio</c>, <c>ExtractLogMel</c> or <c>LoadLogMel</c> made.
    /// </param>
    /// <param name="epochs">Epochs, 1 or more; null to choose them by the training set. Default: null.</param>
    /// <returns>The trainer. It chooses all other options by the training set, for random weights.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static AudioClassificationTrainer Datar(
        this MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        int? epochs = null) =>
        Trainer<DatarOptions>(catalog, labelColumnName, featureColumnName, epochs);

    /// <summary>Creates a trainer of DATAR, the deformable audio transformer, for classification.</summary>
    /// <param name="catalog">Catalog of trainers.</param>
    /// <param name="options">Options of model and training; the trainer copies them.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static AudioClassificationTrainer Datar(this MulticlassClassificationTrainers catalog, DatarOptions options) =>
        Trainer(catalog, options);

    /// <summary>
    /// Computes embeddings of clips with a pretrained model, as features for other models: one vector a clip, or one a window
    /// with the time of its centre.
    /// </summary>
    /// <param name="catalog">Catalog of transforms.</param>
    /// <param name="outputColumnName">Embedding column: a vector of Single.</param>
    /// <param name="inputColumnName">
    /// Waveform column: a vector of Single at the front end's sample rate; null for <paramref name="outputColumnName"/>.
    /// </param>
    /// <param name="options">Options of model, weights, front end and windows; the estimator copies them.</param>
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
    /// Registers this library's transformers, so that <c>mlContext.Model.Load</c> can load models with them. It is needed only
    /// if a process loads such a model before it uses any other part of this library; further calls have no effect.
    /// </summary>
    /// <param name="mlContext">Context that will load models.</param>
    /// <returns><paramref name="mlContext"/>.</returns>
    public static MLContext RegisterAudioTransformers(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        AudioTransformersLoaders.Register(mlContext);
        return mlContext;
    }

    private static AudioClassificationTrainer Trainer(
        MulticlassClassificationTrainers catalog, AudioTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new AudioClassificationTrainer(MlNetInternals.GetEnvironment(catalog), options);
    }

    private static AudioClassificationTrainer Trainer<TOptions>(
        MulticlassClassificationTrainers catalog, string labelColumnName, string featureColumnName, int? epochs)
        where TOptions : AudioTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new AudioClassificationTrainer(
            MlNetInternals.GetEnvironment(catalog),
            RecipeChoice.Of<TOptions>(options =>
            {
                options.LabelColumnName = labelColumnName;
                options.FeatureColumnName = featureColumnName;
                options.Epochs = epochs ?? options.Epochs;
            }));
    }
}
