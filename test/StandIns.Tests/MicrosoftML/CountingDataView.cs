using Microsoft.ML;
using Microsoft.ML.Data;

namespace AudioMLNet.StandIns.Tests.MicrosoftML;

/// <summary>Rows with a number "X", its text "Name" and a three-slot "Vector"; counts what is read.</summary>
internal sealed class CountingDataView(int rows) : IDataView
{
    public static readonly DataViewSchema TheSchema = MakeSchema();

    public int CursorsOpened { get; private set; }

    public int CursorsDisposed { get; private set; }

    public int ValuesRead { get; private set; }

    public List<string> ColumnsAsked { get; } = [];

    public bool CanShuffle => false;

    public DataViewSchema Schema => TheSchema;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        CursorsOpened++;
        DataViewSchema.Column[] columns = [.. columnsNeeded];
        ColumnsAsked.AddRange(columns.Select(column => column.Name));
        return new Cursor(this, rows, [.. columns.Select(column => column.Index)]);
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private static DataViewSchema MakeSchema()
    {
        DataViewSchema.Builder builder = new();
        builder.AddColumn("X", NumberDataViewType.Single);
        builder.AddColumn("Name", TextDataViewType.Instance);
        builder.AddColumn("Vector", new VectorDataViewType(NumberDataViewType.Single, 3));
        return builder.ToSchema();
    }

    private sealed class Cursor(CountingDataView parent, int rows, int[] active) : DataViewRowCursor
    {
        private long _position = -1;

        public override DataViewSchema Schema => parent.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool MoveNext() => ++_position < rows;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<DataViewRowId> GetIdGetter()
            => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Assert.IsTrue(IsColumnActive(column), $"column {column.Name} was not asked for");
            ValueGetter<float> x = (ref float value) =>
            {
                parent.ValuesRead++;
                value = _position;
            };
            ValueGetter<ReadOnlyMemory<char>> name = (ref ReadOnlyMemory<char> value) =>
            {
                parent.ValuesRead++;
                value = $"row {_position}".AsMemory();
            };
            ValueGetter<VBuffer<float>> vector = (ref VBuffer<float> value) =>
            {
                parent.ValuesRead++;
                VBufferEditor<float> editor = VBufferEditor.Create(ref value, 3);
                editor.Values.Fill(_position);
                value = editor.Commit();
            };
            Delegate[] getters = [x, name, vector];
            return (ValueGetter<TValue>)getters[column.Index];
        }

        protected override void Dispose(bool disposing)
        {
            parent.CursorsDisposed++;
            base.Dispose(disposing);
        }
    }
}
