using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.ML.AudioFeaturization.Hosting;

namespace Microsoft.ML;

/// <summary>Saving of models with audio transforms: <c>mlContext.Model</c>.</summary>
public static class AudioModelCatalog
{
    /// <summary>
    /// Saves a model, as ML.NET's <c>Save</c> does, to a file that is replaced as a whole or not at all. ML.NET's
    /// <c>Load</c> loads it.
    /// </summary>
    /// <remarks>
    /// ML.NET's own <c>Save</c> to a path empties the file first: where the disk is full, the process is killed or the model
    /// turns out to be disposed, the model that was there is lost. This writes beside the file, waits until that is on the
    /// disk, and renames it. What killed saves of the same file left beside it is deleted. Weights are not compressed, which
    /// would make them 8 % smaller: a large model is saved and loaded several times as fast.
    /// </remarks>
    /// <param name="catalog">Catalog of model operations, <c>mlContext.Model</c>.</param>
    /// <param name="model">The model: a transformer, or a chain of them.</param>
    /// <param name="inputSchema">Schema of the model's input; null for none.</param>
    /// <param name="filePath">The file to write or replace; its folder must exist.</param>
    /// <exception cref="IOException">The file cannot be written; the old one stays.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed; the old file stays.</exception>
    public static void SaveAudioModel(
        this ModelOperationsCatalog catalog, ITransformer model, DataViewSchema? inputSchema, string filePath)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrWhiteSpace(filePath);
        AtomicFile.RemoveAbandoned(filePath);
        AtomicFile.Write(filePath, stream => ModelArchive.Save(catalog, model, inputSchema, stream));
    }
}
