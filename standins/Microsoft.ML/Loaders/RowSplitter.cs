using System.Buffers.Binary;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// Gives every row a number in [0, 1] to split by: random, or from a sampling key, so that rows with the same key
/// stay together. The same seed gives the same numbers.
/// </summary>
internal sealed class RowSplitter
{
    private const uint RandomSeed = 42;
    private const uint HashSeed = 314489979;
    private const int HashBits = 30;

    private readonly IDataView _data;
    private readonly DataViewSchema.Column[] _tested;
    private readonly Func<DataViewRow, Func<double>> _bind;

    private RowSplitter(
        IDataView data, DataViewSchema.Column[] tested, Func<DataViewRow, Func<double>> bind)
    {
        _data = data;
        _tested = tested;
        _bind = bind;
    }

    public static RowSplitter Create(
        IHostEnvironment env, IDataView data, string samplingKeyColumnName, int? seed)
    {
        seed ??= ((IHostEnvironmentInternal)env).Seed;
        if (samplingKeyColumnName == null)
        {
            return new RowSplitter(data, [], _ =>
            {
                var generator = new TauswortheGenerator(seed is int value ? (uint)value : RandomSeed);
                return () => generator.NextSingle();
            });
        }

        if (data.Schema.GetColumnOrNull(samplingKeyColumnName) is not { } column)
            throw Contracts.ExceptSchemaMismatch("samplingKeyColumn", "SamplingKeyColumn", samplingKeyColumnName);
        return new RowSplitter(data, [column], NumbersOf(data, column, seed is int given ? (uint)given : HashSeed));
    }

    /// <summary>The rows whose number lies in a range, or those whose number lies outside of it.</summary>
    public IDataView Rows(double lower, double upper, bool includeUpper, bool inside)
        => new FilteredDataView(
            _data,
            _tested,
            row =>
            {
                Func<double> next = _bind(row);
                return () =>
                {
                    // What is missing is NaN: it lies neither inside nor outside.
                    double number = next();
                    return inside
                        ? number >= lower && (number < upper || (includeUpper && number == upper))
                        : number < lower || number > upper || (!includeUpper && number == upper);
                };
            },
            canShuffle: _tested.Length > 0);

    private static Func<DataViewRow, Func<double>> NumbersOf(
        IDataView data, DataViewSchema.Column column, uint seed)
    {
        if (column.Type is KeyDataViewType key)
        {
            return row =>
            {
                Func<ulong> raw = RowNumbers.KeyOf(row, column);
                return () => Middle(raw(), key.Count);
            };
        }

        if (column.Type == NumberDataViewType.Single || column.Type == NumberDataViewType.Double)
            return Scaled(data, column);

        return row =>
        {
            Func<uint> hash = HashOf(row, column, seed);
            return () => Middle((hash() & ((1u << HashBits) - 1)) + 1, 1u << HashBits);
        };
    }

    private static double Middle(ulong rawKey, ulong count)
        => rawKey == 0 || rawKey > count ? double.NaN : (rawKey - 0.5) / count;

    private static Func<DataViewRow, Func<double>> Scaled(IDataView data, DataViewSchema.Column column)
    {
        double least = double.PositiveInfinity;
        double most = double.NegativeInfinity;
        using (DataViewRowCursor cursor = data.GetRowCursor([column]))
        {
            Func<double> value = RowNumbers.DoubleOf(cursor, column);
            while (cursor.MoveNext())
            {
                double number = value();
                if (!double.IsFinite(number))
                    continue;
                least = Math.Min(least, number);
                most = Math.Max(most, number);
            }
        }

        double scale = most > least ? 1 / (most - least) : 0;
        return row =>
        {
            Func<double> value = RowNumbers.DoubleOf(row, column);
            return () => (value() - least) * scale;
        };
    }

    private static Func<uint> HashOf(DataViewRow row, DataViewSchema.Column column, uint seed)
        => column.Type is VectorDataViewType vector
            ? RuntimeGeneric.Call<Func<uint>>(HashOfVector<int>, vector.ItemType.RawType, row, column, seed)
            : RuntimeGeneric.Call<Func<uint>>(HashOfScalar<int>, column.Type.RawType, row, column, seed);

    private static Func<uint> HashOfScalar<T>(DataViewRow row, DataViewSchema.Column column, uint seed)
    {
        var getter = row.GetGetter<T>(column);
        T value = default;
        return () =>
        {
            getter(ref value);
            return MurmurHash.Hash(seed, BytesOf(value, column));
        };
    }

    private static Func<uint> HashOfVector<T>(DataViewRow row, DataViewSchema.Column column, uint seed)
    {
        var getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return () =>
        {
            getter(ref value);
            uint hash = seed;
            foreach (T item in value.DenseValues())
                hash = MurmurHash.Hash(hash, BytesOf(item, column));
            return hash;
        };
    }

    private static byte[] BytesOf<T>(T value, DataViewSchema.Column column)
    {
        switch (value)
        {
            case ReadOnlyMemory<char> text:
                return Encoding.UTF8.GetBytes(text.ToString());
            case bool flag:
                return Bytes(flag ? 1u : 0u);
            case byte or ushort or uint:
                return Bytes(Convert.ToUInt32(value));
            case sbyte or short or int:
                return Bytes((uint)Convert.ToInt32(value));
            case ulong number:
                return Bytes(number);
            case long number:
                return Bytes((ulong)number);
            case float number:
                return Bytes(BitConverter.SingleToUInt32Bits(number));
            case double number:
                return Bytes(BitConverter.DoubleToUInt64Bits(number));
            case TimeSpan span:
                return Bytes((ulong)span.Ticks);
            case DateTime time:
                return Bytes((ulong)time.Ticks);
            case DateTimeOffset time:
                return Bytes((ulong)time.UtcTicks);
            default:
                throw Contracts.Except(
                    $"Column '{column.Name}' of type '{column.Type}' cannot be used as a sampling key.");
        }
    }

    private static byte[] Bytes(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static byte[] Bytes(ulong value)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }
}
