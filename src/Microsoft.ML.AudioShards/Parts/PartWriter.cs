using Microsoft.ML.AudioFeaturization.Files;
using Parquet;
using Parquet.Schema;

namespace Microsoft.ML.AudioShards.Parts;

/// <summary>Writes rows to Parquet files, each whole or not at all. Equal rows and metadata make equal bytes.</summary>
internal static class PartWriter
{
    private static readonly ParquetOptions s_options = new() { CompressionMethod = CompressionMethod.Zstd };

    /// <summary>Writes a part.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="header">What the rows are.</param>
    /// <param name="rows">The rows, in the order of their paths; read once, group by group.</param>
    /// <param name="metadata">More of the file's metadata, known once the rows are read; null for none.</param>
    public static void Write(
        string path, PartHeader header, IEnumerable<PartRow> rows, Func<(string Key, string Value)>? metadata = null)
    {
        ParquetSchema schema = PartSchema.Of(header.Kind);
        Write(path, schema, PartSchema.GroupRows(header.Width), rows, (writer, group) => Add(writer, schema, header, group), () =>
        {
            var all = new Dictionary<string, string> { [PartHeader.Key] = header.ToString() };
            if (metadata?.Invoke() is var (key, value))
            {
                all.Add(key, value);
            }

            return all;
        });
    }

    /// <summary>Writes the recordings that have no row, with the reason as their label.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="rows">The recordings, in the order of their paths.</param>
    public static void WriteUnscored(string path, IEnumerable<PartRow> rows)
    {
        DataField[] fields = PartSchema.Unscored.GetDataFields();
        Write(path, PartSchema.Unscored, PartSchema.GroupRows(0), rows, (writer, group) =>
        {
            Wait(writer.WriteAsync(fields[0], [.. group.Select(row => row.Path)]));
            Wait(writer.WriteAsync(fields[1], [.. group.Select(row => row.Label)]));
        }, () => []);
    }

    private static void Write(
        string path,
        ParquetSchema schema,
        int groupRows,
        IEnumerable<PartRow> rows,
        Action<ParquetRowGroupWriter, PartRow[]> add,
        Func<Dictionary<string, string>> metadata) => AtomicFile.Write(path, stream =>
        {
            ParquetWriter writer = ParquetWriter.CreateAsync(schema, stream, s_options).GetAwaiter().GetResult();
            try
            {
                foreach (PartRow[] group in rows.Chunk(groupRows))
                {
                    using ParquetRowGroupWriter part = writer.CreateRowGroup();
                    add(part, group);
                    part.CompleteValidate();
                }

                writer.CustomMetadata = metadata();
            }
            finally
            {
                writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
        });

    private static void Add(ParquetRowGroupWriter writer, ParquetSchema schema, PartHeader header, PartRow[] group)
    {
        DataField[] fields = schema.GetDataFields();
        Wait(writer.WriteAsync(fields[0], [.. group.Select(row => row.Path)]));
        if (header.Kind != AudioShardKind.Embeddings)
        {
            Wait(writer.WriteAsync(fields[1], [.. group.Select(row => row.Label)]));
        }

        if (header.Kind == AudioShardKind.Events)
        {
            Wait(writer.WriteAsync<float>(fields[2], group.Select(row => row.Onset).ToArray()));
            Wait(writer.WriteAsync<float>(fields[3], group.Select(row => row.Offset).ToArray()));
            Wait(writer.WriteAsync<float>(fields[4], group.Select(row => row.Score).ToArray()));
            return;
        }

        var values = new float[group.Length * header.Width];
        var definitions = new int[values.Length];
        var repetitions = new int[values.Length];
        definitions.AsSpan().Fill(fields[^1].MaxDefinitionLevel);
        for (int row = 0; row < group.Length; row++)
        {
            group[row].Values.CopyTo(values, row * header.Width);
            repetitions.AsSpan((row * header.Width) + 1, header.Width - 1).Fill(1);
        }

        Wait(writer.WriteAllPartsAsync<float>(fields[^1], values, definitions, repetitions, default));
    }

    private static void Wait(Task task) => task.GetAwaiter().GetResult();
}
