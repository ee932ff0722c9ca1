using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The getters of a row's active columns.</summary>
internal sealed class RowGetters
{
    public const string NoCurrentRow
        = "Values cannot be fetched at this time. This method was called either before the first call to MoveNext, or at any point after MoveNext returned false";

    private readonly Delegate[] _getters;

    public RowGetters(
        DataViewSchema schema,
        IEnumerable<DataViewSchema.Column> columnsNeeded,
        Func<DataViewSchema.Column, Delegate> create)
    {
        _getters = new Delegate[schema.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
            _getters[column.Index] ??= create(schema[column.Index]);
    }

    public bool IsActive(DataViewSchema.Column column)
    {
        Contracts.CheckParam(column.Index < _getters.Length, nameof(column), "The column is not in the row's schema.");
        return _getters[column.Index] != null;
    }

    /// <exception cref="ArgumentOutOfRangeException">The column is not active.</exception>
    /// <exception cref="InvalidOperationException">The column's values are of another type.</exception>
    public ValueGetter<TValue> Get<TValue>(DataViewSchema.Column column)
    {
        Contracts.CheckParam(IsActive(column), nameof(column), "requested column not active");
        Delegate getter = _getters[column.Index];
        return getter as ValueGetter<TValue>
            ?? throw Contracts.Except(
                $"Invalid TValue in GetGetter for column '{column.Name}': '{typeof(TValue)}', expected type: '{getter.GetType().GetGenericArguments()[0]}'.");
    }
}
