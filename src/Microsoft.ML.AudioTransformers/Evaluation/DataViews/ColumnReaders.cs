using System.Globalization;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Evaluation;

/// <summary>Column readers of the evaluators: functions that read a column of the row that a cursor is on.</summary>
internal static class ColumnReaders
{
    /// <summary>Scores, one of each class.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is no vector of Single.</exception>
    public static Func<float[]> Scores(DataViewRow row, DataViewSchema.Column column)
        => column.Type is VectorDataViewType { ItemType: NumberDataViewType } vector && vector.ItemType == NumberDataViewType.Single
            ? Vector<float>(row, column)
            : throw SchemaChecks.WrongType(column.Name, "Score", "a vector of Single", column.Type);

    /// <summary>
    /// Targets of any number of labels, one of each class: 1 positive, 0 negative, NaN unlabelled. The column is a vector of
    /// Single or Boolean with one slot a class, or a set of labels as a vector of keys.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is none of these.</exception>
    public static Func<float[]> LabelSet(DataViewRow row, DataViewSchema.Column column)
    {
        switch ((column.Type as VectorDataViewType)?.ItemType)
        {
            case NumberDataViewType number when number == NumberDataViewType.Single:
                return Vector<float>(row, column);
            case BooleanDataViewType:
                Func<bool[]> flags = Vector<bool>(row, column);
                return () => [.. flags().Select(flag => flag ? 1f : 0f)];
            case KeyDataViewType { Count: <= int.MaxValue } key when key.RawType == typeof(uint):
                Func<uint[]> keys = Vector<uint>(row, column);
                return () =>
                {
                    var labels = new float[key.Count];
                    foreach (uint label in keys())
                    {
                        // The key 0 is a label that is not among the known ones.
                        if (label > 0)
                        {
                            labels[label - 1] = 1;
                        }
                    }

                    return labels;
                };
            default:
                throw SchemaChecks.WrongType(
                    column.Name,
                    "Label",
                    "a vector of Single or Boolean with one slot a class, or a vector of keys",
                    column.Type);
        }
    }

    /// <summary>Class index, counted from 0, or -1 where it is missing. The column is a key, or a number that counts from 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is neither.</exception>
    public static Func<int> Label(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is KeyDataViewType or NumberDataViewType && Number(row, column) is Func<double> number)
        {
            int first = column.Type is KeyDataViewType ? 1 : 0;
            return () => number() is double value && double.IsNaN(value) ? -1 : Whole(value) - first;
        }

        throw SchemaChecks.WrongType(column.Name, "Label", "a key, or a number that counts classes from 0", column.Type);

        int Whole(double value) => value is >= 0 and <= int.MaxValue && value == Math.Floor(value)
            ? (int)value
            : throw new ArgumentException(
                $"Row {row.Position} has the label {value} in column '{column.Name}'; expected the number of a class.");
    }

    /// <summary>A number, or the raw value of a key; null if the column is neither.</summary>
    public static Func<double>? Number(DataViewRow row, DataViewSchema.Column column)
    {
        Type type = column.Type.RawType;
        return column.Type is not (NumberDataViewType or KeyDataViewType) ? null
            : type == typeof(float) ? Scalar<float>(row, column, value => value)
            : type == typeof(double) ? Scalar<double>(row, column, value => value)
            : type == typeof(byte) ? Scalar<byte>(row, column, value => value)
            : type == typeof(sbyte) ? Scalar<sbyte>(row, column, value => value)
            : type == typeof(short) ? Scalar<short>(row, column, value => value)
            : type == typeof(ushort) ? Scalar<ushort>(row, column, value => value)
            : type == typeof(int) ? Scalar<int>(row, column, value => value)
            : type == typeof(uint) ? Scalar<uint>(row, column, value => value)
            : type == typeof(long) ? Scalar<long>(row, column, value => value)
            : Scalar<ulong>(row, column, value => value);
    }

    /// <summary>Numbers as float64: one of any type, or a vector of Single or Double.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is neither.</exception>
    public static Func<double[]> Numbers(DataViewRow row, DataViewSchema.Column column, string role)
    {
        if (column.Type is not VectorDataViewType vector)
        {
            Func<double> number = column.Type is NumberDataViewType && Number(row, column) is Func<double> reader
                ? reader
                : throw SchemaChecks.WrongType(column.Name, role, "a number, or a vector of Single or Double", column.Type);
            return () => [number()];
        }

        if (vector.ItemType == NumberDataViewType.Double)
        {
            return Vector<double>(row, column);
        }

        Func<float[]> singles = vector.ItemType == NumberDataViewType.Single
            ? Vector<float>(row, column)
            : throw SchemaChecks.WrongType(column.Name, role, "a number, or a vector of Single or Double", column.Type);
        return () => [.. singles().Select(value => (double)value)];
    }

    /// <summary>Names: one text or key, or a vector of them. Where a key is missing, the name is empty.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is none of these.</exception>
    public static Func<string[]> Names(DataViewRow row, DataViewSchema.Column column, string role)
    {
        DataViewType type = (column.Type as VectorDataViewType)?.ItemType ?? column.Type;
        bool isVector = column.Type is VectorDataViewType;
        if (type is TextDataViewType)
        {
            Func<ReadOnlyMemory<char>[]> texts = isVector
                ? Vector<ReadOnlyMemory<char>>(row, column)
                : Single<ReadOnlyMemory<char>>(row, column);
            return () => [.. texts().Select(text => text.ToString())];
        }

        if (type is KeyDataViewType { Count: <= int.MaxValue } && type.RawType == typeof(uint))
        {
            IReadOnlyList<string> names = KeyNames(column);
            Func<uint[]> keys = isVector ? Vector<uint>(row, column) : Single<uint>(row, column);
            return () => [.. keys().Select(key => key == 0 ? "" : names[(int)key - 1])];
        }

        throw SchemaChecks.WrongType(column.Name, role, "text or a key, or a vector of them", column.Type);
    }

    /// <summary>Slot names of a column; null if it has none.</summary>
    public static string[]? SlotNames(DataViewSchema.Column column)
    {
        if (!column.HasSlotNames())
        {
            return null;
        }

        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    /// <summary>Names of the keys of a column: the values that they stand for, or their numbers.</summary>
    public static IReadOnlyList<string> KeyNames(DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType vector)
        {
            return LabelKeys.Read(column).Names;
        }

        int count = (int)((KeyDataViewType)vector.ItemType).Count;
        if (!column.HasKeyValues(TextDataViewType.Instance))
        {
            return [.. Enumerable.Range(1, count).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        }

        VBuffer<ReadOnlyMemory<char>> values = default;
        column.GetKeyValues(ref values);
        return [.. values.DenseValues().Select(value => value.ToString())];
    }

    private static Func<double> Scalar<T>(DataViewRow row, DataViewSchema.Column column, Func<T, double> convert)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return convert(value);
        };
    }

    private static Func<T[]> Single<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return () =>
        {
            getter(ref value);
            return [value];
        };
    }

    private static Func<T[]> Vector<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> buffer = default;
        return () =>
        {
            getter(ref buffer);
            var values = new T[buffer.Length];
            buffer.CopyTo(values);
            return values;
        };
    }
}
