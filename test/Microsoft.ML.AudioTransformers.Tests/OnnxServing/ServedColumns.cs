using AudioMLNet.TestSupport;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.OnnxServing;

/// <summary>Comparison of the columns that a model on ONNX Runtime adds with those of the transformer that was exported.</summary>
internal static class ServedColumns
{
    /// <summary>Asserts that names, types, names of slots and key values are the same, and all values but for rounding.</summary>
    /// <param name="model">The transformer.</param>
    /// <param name="served">The same on ONNX Runtime.</param>
    /// <param name="input">Rows.</param>
    /// <param name="allowed">Difference that a number may have.</param>
    public static void AssertSame(ITransformer model, ITransformer served, IDataView input, double allowed)
    {
        (IDataView expected, IDataView actual) = (model.Transform(input), served.Transform(input));
        Assert.HasCount(expected.Schema.Count, actual.Schema);
        Assert.IsGreaterThan(input.Schema.Count, actual.Schema.Count);
        for (int i = 0; i < expected.Schema.Count; i++)
        {
            (DataViewSchema.Column wanted, DataViewSchema.Column found) = (expected.Schema[i], actual.Schema[i]);
            Assert.AreEqual(wanted.Name, found.Name);
            Assert.AreEqual(wanted.Type.ToString(), found.Type.ToString(), wanted.Name);
            Assert.AreEqual(Annotations(wanted), Annotations(found), wanted.Name);
            if (wanted.Type is VectorDataViewType { ItemType: TextDataViewType } && i >= input.Schema.Count)
            {
                CollectionAssert.AreEqual(Texts(expected, wanted), Texts(actual, found), wanted.Name);
            }
            else if (i >= input.Schema.Count)
            {
                AssertSame(Values(expected, wanted), Values(actual, found), allowed, wanted.Name);
            }
        }
    }

    /// <summary>Numbers of a column, row by row.</summary>
    public static double[][] Values(IDataView view, DataViewSchema.Column column)
    {
        List<double[]> rows = [];
        using DataViewRowCursor cursor = view.GetRowCursor([column]);
        Func<double[]> read = column.Type switch
        {
            KeyDataViewType => Scalar(cursor.GetGetter<uint>(column)),
            VectorDataViewType { ItemType: KeyDataViewType } => Vector(cursor.GetGetter<VBuffer<uint>>(column), key => key),
            _ => Vector(cursor.GetGetter<VBuffer<float>>(column), number => (double)number),
        };
        while (cursor.MoveNext())
        {
            rows.Add(read());
        }

        return [.. rows];
    }

    private static string[] Texts(IDataView view, DataViewSchema.Column column) =>
        [.. view.GetColumn<string[]>(column).Select(row => string.Join('|', row))];

    private static void AssertSame(double[][] expected, double[][] actual, double allowed, string column)
    {
        Assert.HasCount(expected.Length, actual, column);
        for (int row = 0; row < expected.Length; row++)
        {
            Assert.HasCount(expected[row].Length, actual[row], $"{column}, row {row}");
            GoldenAssert.Close(expected[row], actual[row], allowed, allowed, $"{column}, row {row}");
        }
    }

    private static Func<double[]> Scalar(ValueGetter<uint> getter) => () =>
    {
        uint value = 0;
        getter(ref value);
        return [value];
    };

    private static Func<double[]> Vector<T>(ValueGetter<VBuffer<T>> getter, Func<T, double> convert)
    {
        VBuffer<T> values = default;
        return () =>
        {
            getter(ref values);
            return [.. values.DenseValues().Select(convert)];
        };
    }

    private static string Annotations(DataViewSchema.Column column)
    {
        List<string> texts = [];
        foreach (DataViewSchema.Column annotation in column.Annotations.Schema)
        {
            texts.Add($"{annotation.Name}: {annotation.Type}");
            if (annotation.Type is VectorDataViewType { ItemType: TextDataViewType })
            {
                VBuffer<ReadOnlyMemory<char>> values = default;
                column.Annotations.GetValue(annotation.Name, ref values);
                texts.AddRange(values.DenseValues().Select(value => value.ToString()));
            }
        }

        return string.Join('|', texts);
    }
}
