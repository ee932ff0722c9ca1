using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Values of one column, copied out of a cursor, to be read again by their place.</summary>
internal abstract class ColumnStore
{
    /// <summary>Copies the cursor's current value to a place, which may be one past the last.</summary>
    public abstract void Set(int place);

    /// <summary>A <see cref="ValueGetter{TValue}"/> of the value at the current place.</summary>
    public abstract Delegate CreateGetter(Func<int> place);

    public static ColumnStore Create(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType vector)
            return RuntimeGeneric.Call<ColumnStore>(CreateVectors<int>, vector.ItemType.RawType, row, column);
        if (column.Type is PrimitiveDataViewType)
            return RuntimeGeneric.Call<ColumnStore>(CreateScalars<int>, column.Type.RawType, row, column);
        throw Contracts.Except($"Column '{column.Name}' of type '{column.Type}' holds values that cannot be copied.");
    }

    private static ColumnStore CreateScalars<T>(DataViewRow row, DataViewSchema.Column column)
        => new Store<T>(row.GetGetter<T>(column), (in T from, ref T to) => to = from);

    private static ColumnStore CreateVectors<T>(DataViewRow row, DataViewSchema.Column column)
        => new Store<VBuffer<T>>(
            row.GetGetter<VBuffer<T>>(column), (in VBuffer<T> from, ref VBuffer<T> to) => from.CopyTo(ref to));

    private sealed class Store<T> : ColumnStore
    {
        private readonly ValueGetter<T> _getter;
        private readonly Copy _copy;
        private T[] _values = new T[16];
        private T _current;

        public Store(ValueGetter<T> getter, Copy copy)
        {
            _getter = getter;
            _copy = copy;
        }

        public delegate void Copy(in T from, ref T to);

        public override void Set(int place)
        {
            if (place >= _values.Length)
                Array.Resize(ref _values, 2 * _values.Length);
            _getter(ref _current);
            _copy(in _current, ref _values[place]);
        }

        public override Delegate CreateGetter(Func<int> place)
            => (ValueGetter<T>)((ref T value) => _copy(in _values[place()], ref value));
    }
}
