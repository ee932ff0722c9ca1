using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Scoring.Ensembles;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Ensemble of models: each scores a clip from its own features, and the scores are averaged.</summary>
/// <remarks>
/// Adds two columns, as each of the models does. <c>Score</c> is a vector of Single with one named slot a class, the mean of
/// the models' probabilities; <c>PredictedLabel</c> is the key of the class with the highest mean or, for taggers, a vector of
/// keys of the classes with a mean of 0.5 or more. Other columns that the models add are not in the output. Classes are in the
/// order of the first model. Disposing it disposes the models. Source: HTS-AT section 3.1 and PaSST's code, which average the
/// scores of several models.
/// </remarks>
public sealed class AudioEnsembleTransformer : RowToRowAudioTransformerBase, IDisposable
{
    internal const string LoaderSignature = "AudioEnsemble";
    private const string ModelSignature = "AUDENSMB";
    private const uint FormatVersion = 0x00010001;

    private readonly Description _description;

    /// <param name="host">The host.</param>
    /// <param name="models">One or more models; the ensemble disposes them.</param>
    /// <param name="description">Columns, and names of the models.</param>
    /// <exception cref="ArgumentException">There is no model, or one does not work row by row.</exception>
    internal AudioEnsembleTransformer(IHost host, IReadOnlyList<ITransformer> models, Description description)
        : base(host)
    {
        if (models.Count == 0)
        {
            throw new ArgumentException("There are no models; expected one or more.", nameof(models));
        }

        for (int i = 0; i < models.Count; i++)
        {
            if (models[i] is not { IsRowToRowMapper: true })
            {
                throw new ArgumentException(
                    $"{description.Name(i)} is {models[i]?.GetType().Name ?? "null"}; expected one that maps row to row.",
                    nameof(models));
            }
        }

        Models = [.. models];
        _description = description;
    }

    /// <summary>The models.</summary>
    public IReadOnlyList<ITransformer> Models { get; }

    /// <summary>
    /// Saves the ensemble to one ONNX file, whose output "scores" is the mean of the models' scores. Its inputs are called
    /// "waveform" or "features"; where models have feature columns of different names, those follow, as in "waveform_Left".
    /// </summary>
    /// <inheritdoc cref="AudioModelTransformer.SaveOnnx"/>
    /// <exception cref="NotSupportedException">
    /// A model is not a classifier or tagger of this library, alone or with one in a pipeline; or two have other labels.
    /// </exception>
    public void SaveOnnx(string path, OnnxExportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        EnsembleExport.Save(Models, _description, path, options);
    }

    /// <summary>Disposes the models.</summary>
    public void Dispose()
    {
        foreach (IDisposable model in Models.OfType<IDisposable>())
        {
            model.Dispose();
        }
    }

    private protected override RowMapping CreateMapping(DataViewSchema inputSchema)
    {
        EnsembleMember[] members =
        [
            .. Models.Select((model, i) => new EnsembleMember(
                _description.Name(i), model, inputSchema, _description.ScoreColumnName, _description.PredictedLabelColumnName)),
        ];
        foreach (EnsembleMember member in members)
        {
            member.AlignWith(members[0]);
        }

        return new EnsembleMapping(members, _description.ScoreColumnName, _description.PredictedLabelColumnName);
    }

    private protected override void SaveModel(ModelSaveContext context) =>
        SavedModel.Save(context, ModelSignature, FormatVersion, LoaderSignature, GetType(), writer =>
        {
            writer.WriteJson(_description);
            writer.Write(Models.Count);
            var mlContext = new MLContext();
            foreach (ITransformer model in Models)
            {
                using var content = new MemoryStream();
                ModelArchive.Save(mlContext.Model, model, null, content);
                writer.Write(content.Length);
                content.WriteTo(writer.BaseStream);
            }
        });

    // Called by ML.NET, which finds it by its name, its parameters and its return type.
    private static ITransformer Create(IHostEnvironment environment, object context)
    {
        IHost host = environment.Register(LoaderSignature);
        return SavedModel.Load(context, "audio ensemble", reader =>
        {
            var description = reader.ReadJson<Description>();
            int count = reader.ReadInt32();
            List<ITransformer> models = [];
            var mlContext = new MLContext
            {
                GpuDeviceId = MlNetInternals.GetGpuDeviceId(host),
                FallbackToCpu = MlNetInternals.GetFallbackToCpu(host),
            };
            AudioTransformersLoaders.Register(mlContext);
            try
            {
                for (int i = 0; i < count; i++)
                {
                    models.Add(mlContext.Model.Load(ReadContent(reader), out _));
                }

                return new AudioEnsembleTransformer(host, models, description);
            }
            catch
            {
                models.OfType<IDisposable>().ToList().ForEach(model => model.Dispose());
                throw;
            }
        });
    }

    /// <summary>Reads one saved model. Memory grows with the bytes read, whatever length the file claims.</summary>
    private static MemoryStream ReadContent(BinaryReader reader)
    {
        long length = reader.ReadInt64();
        var content = new MemoryStream();
        var block = new byte[1 << 16];
        while (content.Length < length)
        {
            int read = reader.Read(block, 0, (int)Math.Min(block.Length, length - content.Length));
            content.Write(block, 0, read > 0 ? read : throw new EndOfStreamException(
                $"{content.Length} of a model's {length} bytes are there."));
        }

        content.Position = 0;
        return content;
    }

    /// <summary>Description of an ensemble: everything but its models. It is saved with them.</summary>
    internal sealed record Description
    {
        public required string ScoreColumnName { get; init; }

        public required string PredictedLabelColumnName { get; init; }

        /// <summary>
        /// Names of the models in error messages: the paths of their files; null if they were not read from files.
        /// </summary>
        public IReadOnlyList<string>? Names { get; init; }

        /// <summary>Name of a model in error messages.</summary>
        public string Name(int model) =>
            Names is { } names && model < names.Count ? $"Model '{names[model]}'" : $"Model {model + 1}";
    }
}
