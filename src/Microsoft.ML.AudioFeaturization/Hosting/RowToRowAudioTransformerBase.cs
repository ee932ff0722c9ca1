using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>
/// Base of the transformers in this library: each adds columns to a row, computed lazily from other columns of that row.
/// </summary>
/// <remarks>
/// ML.NET's own <c>RowToRowTransformerBase</c> has no constructor that another assembly can reach; this is its
/// counterpart. Nothing is computed before a getter of an added column is called.
/// </remarks>
public abstract class RowToRowAudioTransformerBase : ITransformer
{
    private protected RowToRowAudioTransformerBase(IHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        Host = host;
    }

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    private protected IHost Host { get; }

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => GetMapper(inputSchema).OutputSchema;

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => GetMapper(inputSchema);

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return TransformCore(GetMapper(input.Schema), input);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) => SaveModel(ctx);

    /// <summary>Checks an input schema and returns the columns to add to it.</summary>
    private protected abstract RowMapping CreateMapping(DataViewSchema inputSchema);

    private protected abstract void SaveModel(ModelSaveContext context);

    /// <summary>The lazy view over <paramref name="input"/>; overridden where rows are worked on in batches.</summary>
    private protected virtual IDataView TransformCore(RowMapper mapper, IDataView input) =>
        new MappedDataView(mapper, input);

    /// <summary>Tells on the host's channel of which clips not all is heard.</summary>
    private protected void WarnOfLongClips(string message)
    {
        using IChannel channel = Host.Start("Long clips");
        channel.Warning(MessageSensitivity.None, message);
    }

    private RowMapper GetMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return new RowMapper(inputSchema, CreateMapping(inputSchema));
    }
}
