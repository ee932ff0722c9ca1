using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Says of each clip which of several classes are in it: a score for every class, and those above a half.</summary>
/// <remarks>
/// Adds two columns. <c>Score</c> is a vector of Single with one named slot a class, each class's own probability;
/// <c>PredictedLabel</c> is a vector of keys, the classes with a probability of 0.5 or more, which <c>MapKeyToValue</c>
/// turns into names. Rows are scored in batches behind a lazy cursor; nothing is computed for a cursor that asks for
/// neither column. Disposing it frees the model's native memory.
/// </remarks>
public sealed class AudioTaggingTransformer
    : RowToRowAudioTransformerBase, ISingleFeaturePredictionTransformer<AudioModelParameters>, IDisposable
{
    internal const string LoaderSignature = "AudioTagger";
    private const string ModelSignature = "AUDTAGGR";
    private const uint FormatVersion = 0x00010001;

    internal AudioTaggingTransformer(IHost host, AudioModelParameters model)
        : base(host)
    {
        Model = model;
    }

    /// <summary>The trained model.</summary>
    public AudioModelParameters Model { get; }

    /// <summary>The column with the features, or the waveform where the model has a front end.</summary>
    public string FeatureColumnName => Model.Description.FeatureColumnName;

    /// <summary>The type of that column.</summary>
    public DataViewType FeatureColumnType => Model.Description.CreateReader().ColumnType;

    /// <summary>Frees the model's native memory.</summary>
    public void Dispose() => Model.Dispose();

    private protected override RowMapping CreateMapping(DataViewSchema inputSchema) =>
        new ScoringMapping(Model, SchemaChecks.GetColumn(inputSchema, FeatureColumnName, "Feature"));

    private protected override IDataView TransformCore(RowMapper mapper, IDataView input) =>
        new BatchedDataView(mapper, (ScoringMapping)mapper.Mapping, input);

    private protected override void SaveModel(ModelSaveContext context) =>
        SavedModel.Save(context, ModelSignature, FormatVersion, LoaderSignature, GetType(), Model.Write);

    // Called by ML.NET, which finds it by its name, its parameters and its return type.
    private static ITransformer Create(IHostEnvironment environment, object context)
    {
        IHost host = environment.Register(LoaderSignature);
        return SavedModel.Load(context, "audio tagger", reader => new AudioTaggingTransformer(
            host, AudioModelParameters.Read(reader, host, "saved audio tagger")));
    }
}
