using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public sealed partial class TextLoader
{
    /// <summary>The rows of text files. A file is opened by a cursor, and a line is read when it moves there.</summary>
    private sealed class TextDataView : IDataView
    {
        private readonly TextLoader _loader;
        private readonly IMultiStreamSource _files;

        public TextDataView(TextLoader loader, IMultiStreamSource files)
        {
            _loader = loader;
            _files = files;
        }

        public bool CanShuffle => false;

        public DataViewSchema Schema => _loader._schema;

        public long? GetRowCount() => null;

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
            => new Cursor(_loader, _files, columnsNeeded);

        public DataViewRowCursor[] GetRowCursorSet(
            IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
            => [GetRowCursor(columnsNeeded, rand)];
    }

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly TextLoader _loader;
        private readonly IEnumerator<(long Number, string Text)> _lines;
        private readonly RowGetters _getters;
        private readonly List<Action<List<ReadOnlyMemory<char>>, long>> _parsers = [];
        private long _position = -1;
        private bool _isDone;

        public Cursor(TextLoader loader, IMultiStreamSource files, IEnumerable<DataViewSchema.Column> columnsNeeded)
        {
            _loader = loader;
            _lines = loader._lines.Read(files).GetEnumerator();
            _getters = new RowGetters(loader._schema, columnsNeeded, column => CreateGetter(loader._columns[column.Index]));
        }

        public override DataViewSchema Schema => _loader._schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _getters.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => _getters.Get<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter()
            => (ref DataViewRowId value) => value = new DataViewRowId((ulong)_position, 0);

        /// <exception cref="InvalidOperationException">A field that cannot be missing is not well formed.</exception>
        public override bool MoveNext()
        {
            if (_isDone)
                return false;
            if (!_lines.MoveNext())
            {
                Dispose();
                return false;
            }

            List<ReadOnlyMemory<char>> fields = _loader._lines.Split(_lines.Current.Text);
            foreach (var parse in _parsers)
                parse(fields, _lines.Current.Number);
            _position++;
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _lines.Dispose();
            _isDone = true;
            _position = -1;
            base.Dispose(disposing);
        }

        private Delegate CreateGetter(TextColumn column)
            => column.Type is VectorDataViewType vector
                ? RuntimeGeneric.Call<Delegate>(CreateVector<int>, vector.ItemType.RawType, column, vector.ItemType)
                : RuntimeGeneric.Call<Delegate>(CreateScalar<int>, column.Type.RawType, column, column.Type);

        private Delegate CreateScalar<T>(TextColumn column, PrimitiveDataViewType type)
        {
            var parse = FieldParser<T>(column, type);
            T current = default;
            _parsers.Add((fields, line) => current = parse(fields, column.Fields[0], line));
            return (ValueGetter<T>)((ref T value) =>
            {
                Contracts.Check(_position >= 0, RowGetters.NoCurrentRow);
                value = current;
            });
        }

        private Delegate CreateVector<T>(TextColumn column, PrimitiveDataViewType type)
        {
            var parse = FieldParser<T>(column, type);
            var current = new T[column.Fields.Length];
            _parsers.Add((fields, line) =>
            {
                for (int i = 0; i < current.Length; i++)
                    current[i] = parse(fields, column.Fields[i], line);
            });
            return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
            {
                Contracts.Check(_position >= 0, RowGetters.NoCurrentRow);
                VBuffer<T>.Copy(current, 0, ref value, current.Length);
            });
        }

        private Func<List<ReadOnlyMemory<char>>, int, long, T> FieldParser<T>(
            TextColumn column, PrimitiveDataViewType type)
        {
            var parse = TextValues.ParserOf<T>(type);
            bool canBeMissing = TextValues.CanBeMissing(type);
            T empty = default;
            if (_loader._missingRealsAreNaN && (typeof(T) == typeof(float) || typeof(T) == typeof(double)))
                parse("NaN".AsMemory(), out empty);
            return (fields, index, line) =>
            {
                if (index >= fields.Count || fields[index].IsEmpty)
                    return empty;
                if (!parse(fields[index], out T value) && !canBeMissing)
                    throw Contracts.Except($"Could not parse value {fields[index]} in line {line}, column {column.Name}");
                return value;
            };
        }
    }
}
