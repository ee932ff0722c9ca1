using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data
{
    /// <summary>The first rows of a data view, as objects to look at.</summary>
    public sealed class DataDebuggerPreview
    {
        internal DataDebuggerPreview(IDataView data, int maxRows)
        {
            Contracts.CheckValue(data, nameof(data));
            Contracts.CheckParam(maxRows >= 0, nameof(maxRows));
            Schema = data.Schema;
            using DataViewRowCursor cursor = data.GetRowCursor(Schema);
            Func<object>[] readers = Schema
                .Select(column => RuntimeGeneric.Call<Func<object>>(CreateReader<int>, column.Type.RawType, cursor, column))
                .ToArray();
            var rows = new List<RowInfo>();
            while (rows.Count < maxRows && cursor.MoveNext())
                rows.Add(new RowInfo(
                    readers.Select((read, i) => KeyValuePair.Create(Schema[i].Name, read())).ToArray()));
            RowView = [.. rows];
            ColumnView =
            [
                .. Schema.Select(column => new ColumnInfo(
                    column, rows.Select(row => row.Values[column.Index].Value).ToArray())),
            ];
        }

        public DataViewSchema Schema { get; }

        public ImmutableArray<ColumnInfo> ColumnView { get; }

        public ImmutableArray<RowInfo> RowView { get; }

        public override string ToString() => $"{Schema.Count} columns, {RowView.Length} rows";

        private static Func<object> CreateReader<T>(DataViewRow row, DataViewSchema.Column column)
        {
            var getter = row.GetGetter<T>(column);
            return () =>
            {
                T value = default;
                getter(ref value);
                return value;
            };
        }

        public sealed class RowInfo
        {
            internal RowInfo(KeyValuePair<string, object>[] values)
            {
                Values = values;
            }

            public KeyValuePair<string, object>[] Values { get; }

            public override string ToString() => $"{Values.Length} columns";
        }

        public sealed class ColumnInfo
        {
            internal ColumnInfo(DataViewSchema.Column column, object[] values)
            {
                Column = column;
                Values = values;
            }

            public DataViewSchema.Column Column { get; }

            public object[] Values { get; }

            public override string ToString() => $"{Column.Name}: {Column.Type}";
        }
    }
}

namespace Microsoft.ML
{
    public static class DebuggerExtensions
    {
        public static DataDebuggerPreview Preview(this IDataView data, int maxRows = 100) => new(data, maxRows);

        public static DataDebuggerPreview Preview(this ITransformer transformer, IDataView data, int maxRows = 100)
            => new(transformer.Transform(data), maxRows);
    }
}
