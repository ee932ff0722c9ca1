using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Pretrained;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Models from files of weights, as extensions of ML.NET's catalog of model operations.</summary>
public static class AudioCheckpointsCatalog
{
    /// <summary>
    /// Loads a model from a file of weights as it was downloaded: which model it is, its sizes, front end and classes are found
    /// out from the file, the files beside it, and the list of published files.
    /// </summary>
    /// <param name="catalog">Catalog of model operations.</param>
    /// <param name="path">
    /// Path of a file (.pt, .pth, .ckpt, .safetensors), of the index of a checkpoint in several files, or of a folder that holds
    /// either.
    /// </param>
    /// <returns>The transformer, which scores waveforms in the column "Waveform"; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">There is no such file; the message says where to get a published one.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, fits no known layout, scores no sounds, or does not tell everything; the message says which options
    /// decide.
    /// </exception>
    public static AudioModelTransformer LoadAudioCheckpoint(this ModelOperationsCatalog catalog, string path) =>
        catalog.LoadAudioCheckpoint(path, new AudioCheckpointOptions());

    /// <summary>Loads a model from a file of weights, and takes from options what the file does not tell.</summary>
    /// <param name="catalog">Catalog of model operations.</param>
    /// <param name="path">Path of a file, of the index of a checkpoint in several files, or of a folder that holds either.</param>
    /// <param name="options">Options: configuration, front end, labels, task, columns.</param>
    /// <returns>The transformer; the caller disposes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="FileNotFoundException">There is no such file; the message says where to get a published one.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, fits no known layout, scores no sounds, contradicts the options, or does not tell everything.
    /// </exception>
    public static AudioModelTransformer LoadAudioCheckpoint(
        this ModelOperationsCatalog catalog, string path, AudioCheckpointOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(options);
        AudioCheckpointOptions copy = OptionCheck.Copy(options);
        OptionCheck.All(copy);
        IHostEnvironment environment = MlNetInternals.GetEnvironment(catalog);
        AudioTransformersLoaders.Register(environment);
        return new AudioCheckpointLoader(environment.Register("AudioCheckpoint"), path, copy).Load();
    }

    /// <summary>Describes the model of a file of weights, without loading it: what the file tells, and what it does not.</summary>
    /// <param name="catalog">Catalog of model operations.</param>
    /// <param name="path">Path of a file, of the index of a checkpoint in several files, or of a folder that holds either.</param>
    /// <param name="prefix">Prefix of the model's names, for a file with several; null for the shortest. Default: null.</param>
    /// <returns>The description, which also makes options of a trainer that starts from the file.</returns>
    /// <exception cref="FileNotFoundException">There is no such file; the message says where to get a published one.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or fits no known layout.</exception>
    public static AudioCheckpointInfo DescribeAudioCheckpoint(
        this ModelOperationsCatalog catalog, string path, string? prefix = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using Checkpoint checkpoint = AudioCheckpointLoader.Open(path);
        (CheckpointDescription described, PublishedCheckpoint? published) = AudioCheckpointReader.Describe(checkpoint, prefix);
        return new AudioCheckpointInfo(path, described) { Published = published };
    }
}
