using System.Collections;
using Microsoft.ML.Runtime;

[assembly: Microsoft.ML.LoadableClass(
    typeof(Microsoft.ML.Data.TransformerChain<Microsoft.ML.ITransformer>),
    typeof(Microsoft.ML.Data.TransformerChain),
    null,
    typeof(Microsoft.ML.SignatureLoadModel),
    "Transformer chain",
    Microsoft.ML.Data.TransformerChain.LoaderSignature)]

namespace Microsoft.ML.Data;

/// <summary>Transformers that are applied one after the other, each in the scopes it was appended with.</summary>
public sealed class TransformerChain<TLastTransformer>
    : ITransformer, IScopedTransformer, IEnumerable<ITransformer>, IDisposable
    where TLastTransformer : class, ITransformer
{
    public readonly TLastTransformer LastTransformer;

    private readonly ITransformer[] _transformers;
    private readonly TransformerScope[] _scopes;
    private bool _disposed;

    public TransformerChain(IEnumerable<ITransformer> transformers, IEnumerable<TransformerScope> scopes)
    {
        _transformers = transformers?.ToArray() ?? [];
        _scopes = scopes?.ToArray() ?? [];
        LastTransformer = _transformers.LastOrDefault() as TLastTransformer;
        Contracts.Check(
            (_transformers.Length > 0) == (LastTransformer != null),
            $"The last transformer is not a {typeof(TLastTransformer)}.");
        Contracts.Check(_transformers.Length == _scopes.Length, "There must be one scope for each transformer.");
    }

    public TransformerChain(params ITransformer[] transformers)
        : this(transformers, transformers?.Select(_ => TransformerScope.Everything))
    {
    }

    bool ITransformer.IsRowToRowMapper => Array.TrueForAll(_transformers, t => t.IsRowToRowMapper);

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
        => GetOutputSchema(inputSchema, TransformerScope.Scoring);

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema, TransformerScope scope)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return GetModelFor(scope).Aggregate(inputSchema, (schema, t) => t.GetOutputSchema(schema));
    }

    public IDataView Transform(IDataView input) => Transform(input, TransformerScope.Scoring);

    public IDataView Transform(IDataView input, TransformerScope scope)
    {
        Contracts.CheckValue(input, nameof(input));
        TransformerChain<ITransformer> chain = GetModelFor(scope);
        // Finds what does not fit together before the first transformer sees the data.
        chain.GetOutputSchema(input.Schema);
        return chain.Aggregate(input, (data, t) => t.Transform(data));
    }

    public TransformerChain<ITransformer> GetModelFor(TransformerScope scopeFilter)
    {
        int[] kept = [.. Enumerable.Range(0, _scopes.Length).Where(i => (_scopes[i] & scopeFilter) != 0)];
        return new TransformerChain<ITransformer>(kept.Select(i => _transformers[i]), kept.Select(i => _scopes[i]));
    }

    public TransformerChain<TNewLast> Append<TNewLast>(
        TNewLast transformer, TransformerScope scope = TransformerScope.Everything)
        where TNewLast : class, ITransformer
    {
        Contracts.CheckValue(transformer, nameof(transformer));
        return new TransformerChain<TNewLast>([.. _transformers, transformer], [.. _scopes, scope]);
    }

    public IEnumerator<ITransformer> GetEnumerator() => ((IEnumerable<ITransformer>)_transformers).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        Contracts.Check(
            ((ITransformer)this).IsRowToRowMapper,
            $"{nameof(ITransformer.GetRowToRowMapper)} called despite {nameof(ITransformer.IsRowToRowMapper)} being false.");
        var mappers = new IRowToRowMapper[_transformers.Length];
        DataViewSchema schema = inputSchema;
        for (int i = 0; i < mappers.Length; i++)
        {
            mappers[i] = _transformers[i].GetRowToRowMapper(schema);
            schema = mappers[i].OutputSchema;
        }

        return new CompositeRowToRowMapper(inputSchema, mappers);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(new VersionInfo(
            modelSignature: "XF CHAIN",
            verWrittenCur: 0x00010001,
            verReadableCur: 0x00010001,
            verWeCanReadBack: 0x00010001,
            loaderAssemblyName: typeof(TransformerChain).Assembly.FullName,
            loaderSignature: TransformerChain.LoaderSignature));
        ctx.Writer.Write(_transformers.Length);
        for (int i = 0; i < _transformers.Length; i++)
        {
            ctx.Writer.Write((int)_scopes[i]);
            ctx.SaveModel(_transformers[i], TransformerChain.DirectoryOf(i));
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (ITransformer transformer in _transformers)
            (transformer as IDisposable)?.Dispose();
    }
}

/// <summary>A chain of transformers, whatever the last one is.</summary>
internal interface IScopedTransformer
{
    IDataView Transform(IDataView input, TransformerScope scope);
}

internal static class TransformerChain
{
    public const string LoaderSignature = "TransformerChain";

    public static string DirectoryOf(int index) => $"Transform_{index:000}";

    private static TransformerChain<ITransformer> Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        int count = ctx.Reader.ReadInt32();
        Contracts.CheckDecode(count >= 0, "Corrupt model file: the number of transformers is negative.");
        var transformers = new List<ITransformer>();
        var scopes = new List<TransformerScope>();
        for (int i = 0; i < count; i++)
        {
            scopes.Add((TransformerScope)ctx.Reader.ReadInt32());
            ctx.LoadModel<ITransformer, SignatureLoadModel>(env, out ITransformer transformer, DirectoryOf(i));
            transformers.Add(transformer);
        }

        return new TransformerChain<ITransformer>(transformers, scopes);
    }
}
