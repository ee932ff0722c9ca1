using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Reads the lines of text files as rows of fields.</summary>
public sealed partial class TextLoader : IDataLoader<IMultiStreamSource>
{
    private readonly TextLines _lines;
    private readonly TextColumn[] _columns;
    private readonly DataViewSchema _schema;
    private readonly bool _missingRealsAreNaN;

    internal TextLoader(IHostEnvironment env, Options options, IMultiStreamSource dataSample)
    {
        Contracts.CheckValue(env, nameof(env));
        options ??= new Options();
        Contracts.CheckParam(
            options.Separators is { Length: > 0 }, nameof(options.Separators), "Must specify a separator");
        Contracts.CheckParam(
            options.MaxRows is not < 0, nameof(options.MaxRows), "Must be non-negative");
        foreach (char separator in options.Separators)
            Contracts.CheckParam(
                separator is not '"' and not '\n' and not '\r' and not (>= '0' and <= '9'),
                nameof(options.Separators),
                $"Illegal separator: '{separator}'");
        _lines = new TextLines(options);
        _missingRealsAreNaN = options.MissingRealsAsNaNs;
        Column[] columns = options.Columns is { Length: > 0 } given ? given : DefaultColumns();
        _columns = TextColumn.Bind(columns, () => _lines.CountFields(dataSample));
        ReadOnlyMemory<char>[] header = options.HasHeader ? _lines.ReadHeader(dataSample) : [];
        _schema = TextColumn.SchemaOf(_columns, header);
    }

    public DataViewSchema GetOutputSchema() => _schema;

    public IDataView Load(IMultiStreamSource source)
    {
        Contracts.CheckValue(source, nameof(source));
        return new TextDataView(this, source);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
        => throw new NotSupportedException("A text loader cannot be saved with this build's stand-in of Microsoft.ML.");

    private static Column[] DefaultColumns()
        =>
        [
            new Column("Label", DataKind.Single, 0),
            new Column("Features", DataKind.Single, [new Range(1, null)]),
        ];

    /// <summary>A column and the fields of a line that it is made of.</summary>
    public sealed class Column
    {
        public string Name;

        public Range[] Source;

        public KeyCount KeyCount;

        public Column()
        {
        }

        public Column(string name, DataKind dataKind, int index)
            : this(name, dataKind, [new Range(index)])
        {
        }

        public Column(string name, DataKind dataKind, int minIndex, int maxIndex)
            : this(name, dataKind, [new Range(minIndex, maxIndex)])
        {
        }

        public Column(string name, DataKind dataKind, Range[] source, KeyCount keyCount = null)
        {
            Contracts.CheckValue(name, nameof(name));
            Contracts.CheckValue(source, nameof(source));
            Name = name;
            DataKind = dataKind;
            Source = source;
            KeyCount = keyCount;
        }

        public DataKind DataKind { get; set; } = DataKind.Single;
    }

    /// <summary>Fields of a line by their index, from 0.</summary>
    public sealed class Range
    {
        public int Min;

        public int? Max;

        /// <summary>The range goes on to the end of the line, which is as long as the first lines are.</summary>
        public bool AutoEnd;

        /// <summary>One field makes a vector of one item.</summary>
        public bool ForceVector;

        public Range()
        {
        }

        public Range(int index)
        {
            Contracts.CheckParam(index >= 0, nameof(index), "Must be non-negative");
            Min = index;
            Max = index;
        }

        public Range(int min, int? max)
        {
            Contracts.CheckParam(min >= 0, nameof(min), "Must be non-negative");
            Contracts.CheckParam(
                max is not { } last || last >= min,
                nameof(max),
                "If specified, must be greater than or equal to " + nameof(min));
            Min = min;
            Max = max;
            ForceVector = true;
            AutoEnd = max == null;
        }
    }

    public class Options
    {
        /// <summary>A field that starts with a quotation mark ends with one; two inside stand for one.</summary>
        public bool AllowQuoting;

        public Column[] Columns;

        /// <summary>The first line names the fields and is no row.</summary>
        public bool HasHeader;

        public long? MaxRows;

        /// <summary>An empty field of a Single or Double column is NaN and not 0.</summary>
        public bool MissingRealsAsNaNs;

        public char[] Separators = ['\t'];

        /// <summary>Whitespace at a line's end is no part of its last field.</summary>
        public bool TrimWhitespace;
    }
}
