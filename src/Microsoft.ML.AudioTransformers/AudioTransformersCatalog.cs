using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using static Microsoft.ML.MulticlassClassificationCatalog;

namespace Microsoft.ML;

/// <summary>The trainers and transforms of audio transformers, where users of ML.NET look for them.</summary>
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
    public static AudioClassificationTrainer Passt(
        this MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        int epochs = 10,
        int patchoutTime = 0,
        int patchoutFrequency = 0) =>
        catalog.Passt(new PasstOptions
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
    public static AudioClassificationTrainer Passt(this MulticlassClassificationTrainers catalog, PasstOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new AudioClassificationTrainer(MlNetInternals.GetEnvironment(catalog), options);
    }

    /// <summary>Trains AST, the audio spectrogram transformer.</summary>
    /// <param name="catalog">Where trainers are.</param>
    /// <param name="labelColumnName">The label column, a key as <c>MapValueToKey</c> makes it.</param>
    /// <param name="featureColumnName">The column with log-mel features, a vector of frames x mel bins.</param>
    /// <param name="epochs">How often training goes through the whole training set, 1 or more.</param>
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

    /// <summary>Trains AST, the audio spectrogram transformer.</summary>
    /// <param name="catalog">Where trainers are.</param>
    /// <param name="options">All that the trainer can be told.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static AudioClassificationTrainer Ast(this MulticlassClassificationTrainers catalog, AstOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new AudioClassificationTrainer(MlNetInternals.GetEnvironment(catalog), options);
    }

    /// <summary>Trains HTS-AT, the hierarchical token-semantic audio transformer.</summary>
    /// <param name="catalog">Where trainers are.</param>
    /// <param name="labelColumnName">The label column, a key as <c>MapValueToKey</c> makes it.</param>
    /// <param name="featureColumnName">The column with log-mel features, a vector of frames x mel bins.</param>
    /// <param name="epochs">How often training goes through the whole training set, 1 or more.</param>
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

    /// <summary>Trains HTS-AT, the hierarchical token-semantic audio transformer.</summary>
    /// <param name="catalog">Where trainers are.</param>
    /// <param name="options">All that the trainer can be told.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static AudioClassificationTrainer HtsAt(this MulticlassClassificationTrainers catalog, HtsAtOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new AudioClassificationTrainer(MlNetInternals.GetEnvironment(catalog), options);
    }

    /// <summary>
    /// Describes clips by what a pretrained model makes of them, for a small model to learn from: one vector a clip, or
    /// one for each window of it with the time of the window's centre.
    /// </summary>
    /// <param name="catalog">Where transforms are.</param>
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

    /// <summary>Trains DATAR, the deformable audio transformer.</summary>
    /// <param name="catalog">Where trainers are.</param>
    /// <param name="labelColumnName">The label column, a key as <c>MapValueToKey</c> makes it.</param>
    /// <param name="featureColumnName">The column with log-mel features, a vector of frames x mel bins.</param>
    /// <param name="epochs">How often training goes through the whole training set, 1 or more.</param>
    /// <param name="size">The model's size.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static AudioClassificationTrainer Datar(
        this MulticlassClassificationTrainers catalog,
        string labelColumnName = "Label",
        string featureColumnName = "Features",
        int epochs = 50,
        DatarSize size = DatarSize.Tiny) =>
        catalog.Datar(new DatarOptions(size)
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            Epochs = epochs,
        });

    /// <summary>Trains DATAR, the deformable audio transformer.</summary>
    /// <param name="catalog">Where trainers are.</param>
    /// <param name="options">All that the trainer can be told.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static AudioClassificationTrainer Datar(this MulticlassClassificationTrainers catalog, DatarOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new AudioClassificationTrainer(MlNetInternals.GetEnvironment(catalog), options);
    }

    /// <summary>
    /// Trains a model of any kind to say of clips which of several classes are in them, each by itself.
    /// </summary>
    /// <param name="catalog">Where trainers are.</param>
    /// <param name="options">
    /// The options of the model's own trainer, such as <see cref="HtsAtOptions"/>; the label column is a vector, of
    /// keys or with one slot a class.
    /// </param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static AudioTaggingTrainer AudioTagging(this MulticlassClassificationTrainers catalog, AudioTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new AudioTaggingTrainer(MlNetInternals.GetEnvironment(catalog), options);
    }

    /// <summary>
    /// Trains a model of any kind, with two heads, to say of clips which action is heard in them: a verb and a noun.
    /// </summary>
    /// <param name="catalog">Where trainers are.</param>
    /// <param name="options">The model and all that the trainer can be told.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static ActionRecognitionTrainer ActionRecognition(
        this MulticlassClassificationTrainers catalog, ActionRecognitionTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new ActionRecognitionTrainer(MlNetInternals.GetEnvironment(catalog), options);
    }

    /// <summary>
    /// Trains HTS-AT to say which sounds are heard in recordings, and from when to when.
    /// </summary>
    /// <param name="catalog">Where trainers are.</param>
    /// <param name="options">The model and all that the trainer can be told.</param>
    /// <returns>The trainer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static SoundEventDetectionTrainer SoundEventDetection(
        this MulticlassClassificationTrainers catalog, SoundEventDetectionTrainer.Options options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new SoundEventDetectionTrainer(MlNetInternals.GetEnvironment(catalog), options);
    }

    /// <summary>
    /// Says which sounds are heard in recordings, and from when to when, by a pretrained model.
    /// </summary>
    /// <param name="catalog">Where transforms are.</param>
    /// <param name="options">The model, with its weights, classes and front end, and how events are read.</param>
    /// <returns>The estimator; fitting it reads the weights and no row.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static SoundEventDetectionEstimator DetectSoundEvents(
        this TransformsCatalog catalog, SoundEventDetectionOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new SoundEventDetectionEstimator(MlNetInternals.GetEnvironment(catalog), options);
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
