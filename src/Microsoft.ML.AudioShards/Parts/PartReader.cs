using Microsoft.ML.AudioFeaturization.Files;
using Parquet;
using Parquet.Schema;

namespace Microsoft.ML.AudioShards.Parts;

/// <summary>Reads a Parquet file of rows, a group at a time. Dispose it.</summary>
internal sealed class PartReader : IDisposable
{
    private readonly string _path;
    private readonly FileStream _stream;
    private readonly ParquetReader _reader;
    private readonly DataField[] _fields;

    private PartReader(string path, FileStream stream, ParquetReader reader, DataField[] fields) =>
        (_path, _stream, _reader, _fields) = (path, stream, reader, fields);

    /// <summary>Metadata of the file.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _reader.CustomMetadata;

    /// <summary>Opens a part.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    /// <exception cref="IOException">It cannot be opened, as when too many files are open.</exception>
    public static (PartReader Reader, PartHeader Header) Open(string path)
    {
        PartReader? part = null;
        try
        {
            part = Open(path, schema: null);
            PartHeader header = PartHeader.Parse(path, part.Metadata.GetValueOrDefault(PartHeader.Key));
            part.Check(PartSchema.Of(header.Kind));
            return (part, header);
        }
        catch
        {
            part?.Dispose();
            throw;
        }
    }

    /// <summary>Reads what the rows of a part are.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static PartHeader HeaderOf(string path)
    {
        (PartReader reader, PartHeader header) = Open(path);
        reader.Dispose();
        return header;
    }

    /// <summary>Reads the rows of a part.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static IEnumerable<PartRow> Rows(string path)
    {
        (PartReader part, PartHeader header) = Open(path);
        using (part)
        {
            for (int group = 0; group < part._reader.RowGroupCount; group++)
            {
                foreach (PartRow row in part.Read(() => part.ReadGroup(group, header)))
                {
                    yield return row;
                }
            }
        }
    }

    /// <summary>Reads the recordings that have no row, with the reason as their label.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static IEnumerable<PartRow> Unscored(string path)
    {
        using PartReader part = Open(path, PartSchema.Unscored);
        for (int group = 0; group < part._reader.RowGroupCount; group++)
        {
            foreach (PartRow row in part.Read(() =>
            {
                using ParquetRowGroupReader reader = part._reader.OpenRowGroupReader(group);
                return part.Texts(reader, 0, width: 0).Zip(
                    part.Texts(reader, 1, width: 0), (path, reason) => new PartRow(path) { Label = reason });
            }))
            {
                yield return row;
            }
        }
    }

    public void Dispose()
    {
        _reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _stream.Dispose();
    }

    private static PartReader Open(string path, ParquetSchema? schema)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no part '{path}'.", path);
        }

        // By itself: what keeps a file from being opened says nothing of what is in it.
        FileStream stream = RegularFile.OpenRead(path);
        ParquetReader? reader = null;
        try
        {
            reader = ParquetReader.CreateAsync(stream).GetAwaiter().GetResult();
            var part = new PartReader(path, stream, reader, reader.Schema.GetDataFields());
            if (schema is not null)
            {
                part.Check(schema);
            }

            return part;
        }
        catch (Exception exception)
        {
            reader?.DisposeAsync().AsTask().GetAwaiter().GetResult();
            stream.Dispose();
            if (exception is InvalidDataException)
            {
                throw;
            }

            throw Damaged(path, exception);
        }
    }

    private static InvalidDataException Damaged(string path, Exception exception) =>
        new($"'{path}' is no whole Parquet file: {exception.Message}", exception);

    private void Check(ParquetSchema schema)
    {
        string found = string.Join(", ", _fields.Select(field => $"{field.Path} {field.ClrType.Name}"));
        string expected = string.Join(", ", schema.GetDataFields().Select(field => $"{field.Path} {field.ClrType.Name}"));
        if (found != expected)
        {
            throw new InvalidDataException($"'{_path}' has the columns {found}; expected {expected}.");
        }
    }

    // What a damaged file makes of Parquet's reader can be any exception.
    private IEnumerable<PartRow> Read(Func<IEnumerable<PartRow>> read)
    {
        try
        {
            return [.. read()];
        }
        catch (Exception exception) when (exception is not InvalidDataException and not OutOfMemoryException)
        {
            throw Damaged(_path, exception);
        }
    }

    private IEnumerable<PartRow> ReadGroup(int group, PartHeader header)
    {
        using ParquetRowGroupReader reader = _reader.OpenRowGroupReader(group);
        string[] paths = Texts(reader, 0, header.Width);
        string[] labels = header.Kind == AudioShardKind.Embeddings ? paths : Texts(reader, 1, header.Width);
        if (header.Kind == AudioShardKind.Events)
        {
            (float[] onsets, float[] offsets, float[] scores) =
                (Numbers(reader, 2, paths.Length), Numbers(reader, 3, paths.Length), Numbers(reader, 4, paths.Length));
            return [.. paths.Select((path, row) => new PartRow(path)
            {
                Label = labels[row], Onset = onsets[row], Offset = offsets[row], Score = scores[row],
            })];
        }

        float[] values = Numbers(reader, _fields.Length - 1, checked(paths.Length * header.Width));
        return [.. paths.Select((path, row) => new PartRow(path)
        {
            Label = header.Kind == AudioShardKind.Scores ? labels[row] : "",
            Values = values[(row * header.Width)..((row + 1) * header.Width)],
        })];
    }

    // The width bounds the rows, and so what is allocated for a group whatever the file says.
    private string[] Texts(ParquetRowGroupReader reader, int field, int width)
    {
        int most = PartSchema.GroupRows(width);
        if (reader.RowCount < 0 || reader.RowCount > most)
        {
            throw new InvalidDataException($"'{_path}' has a group of {reader.RowCount} rows; expected 0 to {most}.");
        }

        var texts = new string?[(int)reader.RowCount];
        reader.ReadAsync(_fields[field], texts.AsMemory()).AsTask().GetAwaiter().GetResult();
        return [.. texts.Select(text => text ?? throw new InvalidDataException(
            $"'{_path}' has a row without a value in column {_fields[field].Path}; expected text."))];
    }

    private float[] Numbers(ParquetRowGroupReader reader, int field, int count)
    {
        DataField column = _fields[field];
        var numbers = new float[count];
        if (column.MaxRepetitionLevel == 0)
        {
            reader.ReadAsync<float>(column, numbers.AsMemory()).AsTask().GetAwaiter().GetResult();
            return numbers;
        }

        // Each vector is whole: an element repeats the row unless it is the row's first, and none is null.
        (int[] definitions, int[] repetitions) = (new int[count], new int[count]);
        reader.ReadRawAsync<float>(column, numbers.AsMemory(), definitions.AsMemory(), repetitions.AsMemory(), default)
            .AsTask().GetAwaiter().GetResult();
        int width = count / Math.Max(1, (int)reader.RowCount);
        return definitions.All(level => level == column.MaxDefinitionLevel)
            && repetitions.Select((level, i) => level == (i % width == 0 ? 0 : 1)).All(isRight => isRight)
                ? numbers
                : throw new InvalidDataException($"'{_path}' has a row without {width} values in column {column.Path}.");
    }
}
