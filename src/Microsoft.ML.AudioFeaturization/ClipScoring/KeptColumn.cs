using System.Reflection;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.ClipScoring;

/// <summary>Values of one input column for the rows of a batch.</summary>
internal abstract class KeptColumn
{
    private static readonly MethodInfo s_createScalar = Method(nameof(CreateScalar));
    private static readonly MethodInfo s_createVector = Method(nameof(CreateVector));

    /// <summary>Creates a store for the values of a cursor's column, of any type.</summary>
    public static KeptColumn Create(DataViewRowCursor cursor, DataViewSchema.Column column, int capacity)
    {
        MethodInfo create = column.Type is VectorDataViewType vector
            ? s_createVector.MakeGenericMethod(vector.ItemType.RawType)
            : s_createScalar.MakeGenericMethod(column.Type.RawType);
        return (KeptColumn)create.Invoke(
            null, BindingFlags.DoNotWrapExceptions, binder: null, [cursor, column, capacity], culture: null)!;
    }

    /// <summary>Stores the value of the cursor's current row.</summary>
    /// <param name="row">Index of the row in the batch.</param>
    public abstract void Keep(int row);

    private static KeptColumn<T> CreateScalar<T>(DataViewRowCursor cursor, DataViewSchema.Column column, int capacity) =>
        new(cursor.GetGetter<T>(column), capacity);

    private static KeptVectorColumn<T> CreateVector<T>(
        DataViewRowCursor cursor, DataViewSchema.Column column, int capacity) =>
        new(cursor.GetGetter<VBuffer<T>>(column), capacity);

    private static MethodInfo Method(string name) =>
        typeof(KeptColumn).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!;
}

/// <summary>Stored values that are copied by assignment.</summary>
internal class KeptColumn<T>(ValueGetter<T> getter, int capacity) : KeptColumn
{
    private readonly T[] _values = new T[capacity];

    /// <summary>Value of a row, valid until the next batch.</summary>
    public ref readonly T this[int row] => ref _values[row];

    public override void Keep(int row) => getter(ref _values[row]);

    public virtual void Get(int row, ref T value) => value = _values[row];
}

/// <summary>Stored vectors, which are copied value by value: a caller must not share the stored buffer.</summary>
internal sealed class KeptVectorColumn<T>(ValueGetter<VBuffer<T>> getter, int capacity)
    : KeptColumn<VBuffer<T>>(getter, capacity)
{
    public override void Get(int row, ref VBuffer<T> value) => this[row].CopyTo(ref value);
}
