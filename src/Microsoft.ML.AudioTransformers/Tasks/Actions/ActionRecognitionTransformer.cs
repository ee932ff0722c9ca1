using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Scoring;
using Microsoft.ML.AudioTransformers.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioTransformers;

/// <summary>Says of each clip which action is heard in it: a verb and a noun.</summary>
/// <remarks>
/// Adds seven columns. <c>VerbScore</c> and <c>NounScore</c> are vectors of Single with one named slot a class, the
/// probabilities of verbs and of nouns; <c>PredictedVerb</c> and <c>PredictedNoun</c> are keys, the best of each.
/// <c>ActionVerbs</c>, <c>ActionNouns</c> (vectors of keys) and <c>ActionScores</c> hold the best actions of all pairs, best
/// first; an action's score is the product of both probabilities. <c>MapKeyToValue</c> turns keys into names, and
/// <c>mlContext.ActionRecognition().Evaluate</c> measures. Rows are scored in batches behind a lazy cursor; nothing is
/// computed for a cursor that asks for none of the columns. Disposing it frees the model's native memory.
/// </remarks>
public sealed class ActionRecognitionTransformer
    : RowToRowAudioTransformerBase, ISingleFeaturePredictionTransformer<AudioModelParameters>, IDisposable
{
    internal const string LoaderSignature = "ActionRecognizer";
    private const string ModelSignature = "AUDACTON";
    private const uint FormatVersion = 0x00010001;

    internal ActionRecognitionTransformer(IHost host, AudioModelParameters model)
        : base(host)
    {
        Model = model;
    }

    /// <summary>The trained model; its classes are the verbs, then the nouns.</summary>
    public AudioModelParameters Model { get; }

    /// <summary>The verbs, in the order of their scores' slots.</summary>
    public IReadOnlyList<string> VerbNames => Model.Description.Actions!.Verbs.Names;

    /// <summary>The nouns, in the order of their scores' slots.</summary>
    public IReadOnlyList<string> NounNames => Model.Description.Actions!.Nouns.Names;

    /// <summary>The column with the features, or the waveform where the model has a front end.</summary>
    public string FeatureColumnName => Model.Description.FeatureColumnName;

    /// <summary>The type of that column.</summary>
    public DataViewType FeatureColumnType => Model.Description.CreateReader().ColumnType;

    /// <summary>Frees the model's native memory.</summary>
    public void Dispose() => Model.Dispose();

    private protected override RowMapping CreateMapping(DataViewSchema inputSchema) =>
        new ActionMapping(Model, SchemaChecks.GetColumn(inputSchema, FeatureColumnName, "Feature"));

    private protected override IDataView TransformCore(RowMapper mapper, IDataView input) =>
        new BatchedDataView(mapper, (ScoringMapping)mapper.Mapping, input);

    private protected override void SaveModel(ModelSaveContext context) =>
        SavedModel.Save(context, ModelSignature, FormatVersion, LoaderSignature, GetType(), Model.Write);

    // Called by ML.NET, which finds it by its name, its parameters and its return type.
    private static ITransformer Create(IHostEnvironment environment, object context)
    {
        IHost host = environment.Register(LoaderSignature);
        return SavedModel.Load(context, "action recognizer", reader =>
        {
            AudioModelParameters model =
                AudioModelParameters.Read(reader, host, "saved action recognizer");
            if (model.Description.Actions is { } actions
                && actions.Verbs.Count + actions.Nouns.Count == model.ClassNames.Count)
            {
                return new ActionRecognitionTransformer(host, model);
            }

            model.Dispose();
            throw new InvalidDataException("The saved action recognizer does not say which classes are verbs.");
        });
    }
}
