using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Models on ONNX Runtime: <c>mlContext.Transforms</c> and <c>mlContext.Model</c>.</summary>
public static class OnnxAudioCatalog
{
    private static readonly LoaderRegistration[] s_loaders =
        [new(typeof(LoaderRegistration).Assembly), new(typeof(OnnxAudioCatalog).Assembly)];

    /// <summary>Scores clips with a model that was exported by <c>SaveOnnx</c>, and adds its columns.</summary>
    /// <param name="catalog">The catalog of transforms, <c>mlContext.Transforms</c>.</param>
    /// <param name="modelPath">Path of the ONNX file.</param>
    /// <param name="featureColumnName">
    /// Name of the column with the waveforms, or features; null for that which the model was trained on. Default: null.
    /// </param>
    /// <param name="options">Options; null for the defaults. Default: null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; the message names it.</exception>
    public static OnnxAudioEstimator ScoreAudioOnnx(
        this TransformsCatalog catalog, string modelPath, string? featureColumnName = null, OnnxAudioOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new OnnxAudioEstimator(Register(catalog), modelPath, featureColumnName, options);
    }

    /// <summary>Loads a model that was exported by <c>SaveOnnx</c>.</summary>
    /// <param name="catalog">Catalog of model operations, <c>mlContext.Model</c>.</param>
    /// <param name="path">Path of the ONNX file.</param>
    /// <param name="options">Options; null for the defaults. Default: null.</param>
    /// <returns>The transformer; the caller disposes it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range; the message names it.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is no ONNX model, no audio model of this library, of another version, or its labels do not fit its outputs.
    /// </exception>
    /// <exception cref="NotSupportedException">
    /// The native library lacks an execution provider, or the file is of a detector or an embedder and takes waveforms only, as
    /// early versions wrote it.
    /// </exception>
    public static OnnxAudioTransformer LoadOnnxAudioModel(
        this ModelOperationsCatalog catalog, string path, OnnxAudioOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new OnnxAudioEstimator(Register(catalog), path, null, options).Load();
    }

    /// <summary>
    /// Lets <c>mlContext.Model.Load</c> load saved pipelines with these models, and with the transforms of
    /// Microsoft.ML.AudioFeaturization.
    /// </summary>
    /// <param name="mlContext">The context that will load.</param>
    /// <returns><paramref name="mlContext"/>.</returns>
    public static MLContext RegisterOnnxAudio(this MLContext mlContext)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        Register(mlContext.Model);
        return mlContext;
    }

    private static IHostEnvironment Register(object catalog)
    {
        IHostEnvironment environment = MlNetInternals.GetEnvironment(catalog);
        foreach (LoaderRegistration loaders in s_loaders)
        {
            loaders.Register(environment);
        }

        return environment;
    }
}
