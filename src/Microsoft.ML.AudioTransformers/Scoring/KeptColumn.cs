using System.Reflection;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>The values of one input column over the rows of a batch.</summary>
internal abstract class KeptColumn
{
    private static readonly MethodInfo s_createScalar = Method(nameof(CreateScalar));
    private static readonly MethodInfo s_createVector = Method(nameof(CreateVector));

    /// <summary>Keeps the values of a column of the cursor, whatever their type.</summary>
    public static KeptColumn Create(DataViewRowCursor cursor, DataViewSchema.Column column, int capacity)
    {
        MethodInfo create = column.Type is VectorDataViewType vector
            ? s_createVector.MakeGenericMethod(vector.ItemType.RawType)
            : s_createScalar.MakeGenericMethod(column.Type.RawType);
        return (KeptColumn)create.Invoke(
            null, BindingFlags.DoNotWrapExceptions, binder: null, [cursor, column, capacity], culture: null)!;
    }

    /// <summary>Keeps the value of the row that the cursor is on.</summary>
    public abstract void Keep(int row);

    private static KeptColumn<T> CreateScalar<T>(DataViewRowCursor cursor, DataViewSchema.Column column, int capacity) =>
        new(cursor.GetGetter<T>(column), capacity);

    private static KeptVectorColumn<T> CreateVector<T>(
        DataViewRowCursor cursor, DataViewSchema.Column column, int capacity) =>
        new(cursor.GetGetter<VBuffer<T>>(column), capacity);

    private static MethodInfo Method(string name) =>
        typeof(KeptColumn).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!;
}

/// <summary>Kept values that are copied by assignment.</summary>
internal class KeptColumn<T>(ValueGetter<T> getter, int capacity) : KeptColumn
{
    private readonly T[] _values = new T[capacity];

    /// <summary>The value kept for a row, until the next is kept in its place.</summary>
    public ref readonly T this[int row] => ref _values[row];

    public override void Keep(int row) => getter(ref _values[row]);

    public virtual void Get(int row, ref T value) => value = _values[row];
}

/// <summary>Kept vectors, which are copied value by value: a buffer must not be shared with whoever asks.</summary>
internal sealed class KeptVectorColumn<T>(ValueGetter<VBuffer<T>> getter, int capacity)
    : KeptColumn<VBuffer<T>>(getter, capacity)
{
    public override void Get(int row, ref VBuffer<T> value) => this[row].CopyTo(ref value);
}
