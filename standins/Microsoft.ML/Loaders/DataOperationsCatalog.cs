using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public sealed partial class DataOperationsCatalog
{
    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, SchemaDefinition schemaDefinition = null)
        where TRow : class
    {
        Contracts.CheckValue(data, nameof(data));
        return new EnumerableDataView<TRow>(
            data, RowMember.Of(typeof(TRow), SchemaDefinition.Direction.Read, schemaDefinition));
    }

    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, DataViewSchema schema)
        where TRow : class
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckValue(schema, nameof(schema));
        return LoadFromEnumerable(data, RowObject.DefinitionFor<TRow>(schema));
    }

    /// <summary>The rows as objects, read as they are enumerated.</summary>
    public IEnumerable<TRow> CreateEnumerable<TRow>(
        IDataView data, bool reuseRowObject, bool ignoreMissingColumns = false, SchemaDefinition schemaDefinition = null)
        where TRow : class, new()
    {
        Contracts.CheckValue(data, nameof(data));
        var reader = new RowObjectReader<TRow>(data.Schema, ignoreMissingColumns, schemaDefinition);
        return RowObjectReader<TRow>.Read(data, reader, reuseRowObject, () => new TRow());
    }

    public IDataView Cache(IDataView input, params string[] columnsToPrefetch)
    {
        Contracts.CheckValue(input, nameof(input));
        int[] prefetch = (columnsToPrefetch ?? [])
            .Select(name => input.Schema.GetColumnOrNull(name)?.Index
                ?? throw Contracts.ExceptSchemaMismatch(nameof(columnsToPrefetch), "prefetch", name))
            .ToArray();
        return new CacheDataView(_env, input, prefetch);
    }

    public IDataView ShuffleRows(
        IDataView input, int? seed = null, int shufflePoolSize = 1000, bool shuffleSource = true)
    {
        Contracts.CheckValue(input, nameof(input));
        Contracts.CheckParam(shufflePoolSize > 0, nameof(shufflePoolSize), "Must be positive");
        return new ShuffledDataView(
            input, shufflePoolSize, shuffleSource, seed ?? _env.Register("Shuffle").Rand.Next());
    }

    public IDataView TakeRows(IDataView input, long count)
    {
        Contracts.CheckValue(input, nameof(input));
        Contracts.CheckParam(count > 0, nameof(count), "Must be greater than zero.");
        return new SkipTakeDataView(input, 0, count);
    }

    public IDataView SkipRows(IDataView input, long count)
    {
        Contracts.CheckValue(input, nameof(input));
        Contracts.CheckParam(count > 0, nameof(count), "Must be greater than zero.");
        return new SkipTakeDataView(input, count, long.MaxValue);
    }

    /// <summary>The rows whose value v in a number column lies in lowerBound &lt;= v &lt; upperBound.</summary>
    public IDataView FilterRowsByColumn(
        IDataView input,
        string columnName,
        double lowerBound = double.NegativeInfinity,
        double upperBound = double.PositiveInfinity)
    {
        Contracts.CheckValue(input, nameof(input));
        Contracts.CheckNonEmpty(columnName, nameof(columnName));
        Contracts.CheckParam(lowerBound < upperBound, nameof(upperBound), "Must be less than lowerBound");
        DataViewSchema.Column column = input.Schema[columnName];
        if (column.Type is not NumberDataViewType)
            throw Contracts.ExceptSchemaMismatch(
                nameof(columnName), "filter", columnName, "number", column.Type.ToString());
        if (column.Type != NumberDataViewType.Single && column.Type != NumberDataViewType.Double)
            throw Contracts.ExceptParam("Column", $"Column '{columnName}' does not have compatible type");
        return new FilteredDataView(input, [column], row =>
        {
            Func<double> value = RowNumbers.DoubleOf(row, column);
            return () => value() is var number && lowerBound <= number && number < upperBound;
        });
    }
}
