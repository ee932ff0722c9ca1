using Microsoft.ML.Data;

namespace Microsoft.ML
{
    public interface ITransformer : ICanSaveModel
    {
        bool IsRowToRowMapper { get; }

        DataViewSchema GetOutputSchema(DataViewSchema inputSchema);

        IDataView Transform(IDataView input);

        IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema);
    }

    public interface IPredictionTransformer<out TModel> : ITransformer
        where TModel : class
    {
        TModel Model { get; }
    }

    public interface ISingleFeaturePredictionTransformer<out TModel> : IPredictionTransformer<TModel>
        where TModel : class
    {
        string FeatureColumnName { get; }

        DataViewType FeatureColumnType { get; }
    }
}

namespace Microsoft.ML.Data
{
    /// <summary>Maps a row to a row; the output's first columns need not be the input's.</summary>
    public interface IRowToRowMapper
    {
        DataViewSchema InputSchema { get; }

        DataViewSchema OutputSchema { get; }

        /// <summary>The input columns that the given output columns need.</summary>
        IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns);

        DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns);
    }
}
