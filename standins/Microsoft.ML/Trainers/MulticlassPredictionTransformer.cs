using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

[assembly: Microsoft.ML.LoadableClass(
    typeof(Microsoft.ML.Data.MulticlassPredictionTransformer<Microsoft.ML.Trainers.MaximumEntropyModelParameters>),
    typeof(Microsoft.ML.Data.MulticlassPredictionLoader),
    null,
    typeof(Microsoft.ML.SignatureLoadModel),
    "Multiclass prediction",
    Microsoft.ML.Data.MulticlassPredictionLoader.LoaderSignature)]

namespace Microsoft.ML.Data;

/// <summary>Applies a model to each row.</summary>
public abstract class PredictionTransformerBase<TModel> : IPredictionTransformer<TModel>, IDisposable
    where TModel : class
{
    private protected PredictionTransformerBase(IHost host, TModel model)
    {
        Host = host;
        Model = model;
    }

    public TModel Model { get; }

    bool ITransformer.IsRowToRowMapper => true;

    private protected IHost Host { get; }

    public abstract DataViewSchema GetOutputSchema(DataViewSchema inputSchema);

    public IDataView Transform(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        return new RowMapping(Bind(input.Schema)).Over(input);
    }

    public void Dispose() => (Model as IDisposable)?.Dispose();

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return new RowMapping(Bind(inputSchema));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        Contracts.CheckValue(ctx, nameof(ctx));
        SaveModel(ctx);
    }

    private protected abstract AddedColumns Bind(DataViewSchema inputSchema);

    private protected abstract void SaveModel(ModelSaveContext ctx);
}

/// <summary>Applies a model to one column of features.</summary>
public abstract class SingleFeaturePredictionTransformerBase<TModel>
    : PredictionTransformerBase<TModel>, ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private protected SingleFeaturePredictionTransformerBase(
        IHost host, TModel model, string featureColumnName, DataViewType featureColumnType)
        : base(host, model)
    {
        FeatureColumnName = featureColumnName;
        FeatureColumnType = featureColumnType;
    }

    public string FeatureColumnName { get; }

    public DataViewType FeatureColumnType { get; }

    public sealed override DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        if (inputSchema.GetColumnOrNull(FeatureColumnName)?.Type is { } type && !type.Equals(FeatureColumnType))
            throw Contracts.ExceptSchemaMismatch(
                nameof(inputSchema), "feature", FeatureColumnName, FeatureColumnType.ToString(), type.ToString());
        return new RowMapping(Bind(inputSchema)).OutputSchema;
    }
}

/// <summary>Scores the classes of each row and predicts the best one as a key.</summary>
public sealed class MulticlassPredictionTransformer<TModel> : SingleFeaturePredictionTransformerBase<TModel>
    where TModel : class
{
    private readonly DataViewSchema.Column _label;

    internal MulticlassPredictionTransformer(
        IHostEnvironment env,
        TModel model,
        string featureColumnName,
        DataViewType featureColumnType,
        DataViewSchema.Column label)
        : base(
            env.Register(nameof(MulticlassPredictionTransformer<TModel>)), model, featureColumnName, featureColumnType)
    {
        _label = label;
    }

    private protected override AddedColumns Bind(DataViewSchema inputSchema)
        => new MulticlassScores((IMulticlassModel)Model, inputSchema, FeatureColumnName, _label);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(FeatureColumnName, FeatureColumnType);
        builder.AddColumn(_label.Name, _label.Type, _label.Annotations);
        MulticlassPredictionLoader.Save(ctx, (ICanSaveModel)Model, builder.ToSchema());
    }
}

internal static class MulticlassPredictionLoader
{
    public const string LoaderSignature = "MulticlassPredXfer";

    private const string ModelDirectory = "Model";
    private const string TrainSchemaStream = "TrainSchema";

    /// <param name="ctx">Where to save.</param>
    /// <param name="model">The model.</param>
    /// <param name="trainSchema">The feature column and the label column that it was trained on.</param>
    public static void Save(ModelSaveContext ctx, ICanSaveModel model, DataViewSchema trainSchema)
    {
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveModel(model, ModelDirectory);
        ctx.SaveBinaryStream(
            TrainSchemaStream, writer => SchemaCodec.Write(writer.BaseStream, trainSchema));
    }

    private static MulticlassPredictionTransformer<MaximumEntropyModelParameters> Create(
        IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        ctx.LoadModel<MaximumEntropyModelParameters, SignatureLoadModel>(
            env, out MaximumEntropyModelParameters model, ModelDirectory);
        DataViewSchema schema = null;
        ctx.TryLoadBinaryStream(TrainSchemaStream, reader => schema = SchemaCodec.Read(reader.BaseStream));
        Contracts.CheckDecode(schema?.Count == 2, "Corrupt model file: the training schema is missing.");
        return new MulticlassPredictionTransformer<MaximumEntropyModelParameters>(
            env, model, schema[0].Name, schema[0].Type, schema[1]);
    }

    private static VersionInfo GetVersionInfo()
        => new(
            modelSignature: "MC  PRED",
            verWrittenCur: 0x00010001,
            verReadableCur: 0x00010001,
            verWeCanReadBack: 0x00010001,
            loaderAssemblyName: typeof(MulticlassPredictionLoader).Assembly.FullName,
            loaderSignature: LoaderSignature);
}
