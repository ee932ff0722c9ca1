using System.Globalization;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioShards.Parts;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioShards.Shards;

/// <summary>
/// Scores recordings one by one, so that what is computed for one does not depend on any other. Not safe for several threads at
/// once; each has its own.
/// </summary>
internal sealed class ClipScorer : IDisposable
{
    private readonly ClipRow _row;
    private readonly DataViewRow _scored;
    private readonly Func<string, PartRow[]> _read;
    private readonly string _folder;

    /// <param name="model">The model.</param>
    /// <param name="options">Options.</param>
    /// <param name="folder">Full path of the folder of the recordings.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model has no such column.</exception>
    public ClipScorer(ITransformer model, AudioShardOptions options, string folder)
    {
        _folder = folder;
        DataViewSchema input = ClipRow.CreateSchema(options.PathColumnName);
        _row = new ClipRow(input);
        if (!model.IsRowToRowMapper)
        {
            throw new ArgumentException(
                "The model adds, drops or reorders rows; expected one that maps each recording to its columns.", nameof(model));
        }

        IRowToRowMapper mapper = model.GetRowToRowMapper(input);
        DataViewSchema.Column[] columns =
            [.. ColumnNames(options).Select(name => SchemaChecks.GetColumn(mapper.OutputSchema, name, "Score"))];
        _scored = mapper.GetRow(_row, columns);
        (Header, _read) = options.Kind == AudioShardKind.Events ? Events(columns, options) : Vector(columns[0], options);
    }

    /// <summary>What the rows are.</summary>
    public PartHeader Header { get; }

    /// <summary>Scores a recording.</summary>
    /// <param name="name">Its path below the folder.</param>
    /// <param name="reason">Why it has no row, or null.</param>
    /// <returns>Its rows: one, or for events any number.</returns>
    /// <exception cref="DirectoryNotFoundException">The folder is gone, and not just the recording.</exception>
    public PartRow[] Score(string name, out string? reason)
    {
        reason = null;
        _row.MoveTo(Path.Combine(_folder, name));
        try
        {
            return _read(name);
        }
        catch (Exception exception) when (SkippedRow.IsReason(exception))
        {
            // Of a file system that went away, each file would seem to be missing.
            if (!Directory.Exists(_folder))
            {
                throw new DirectoryNotFoundException($"There is no folder '{_folder}' any more.", exception);
            }

            // The row's number here depends on what was scored before it.
            reason = exception.Message.Replace(
                string.Create(CultureInfo.InvariantCulture, $", row {_row.Position}:"), ":", StringComparison.Ordinal);
            return [];
        }
    }

    public void Dispose() => _scored.Dispose();

    private static string[] ColumnNames(AudioShardOptions options) => options.Kind switch
    {
        AudioShardKind.Scores => [options.ColumnName ?? "Score"],
        AudioShardKind.Embeddings => [options.ColumnName ?? "Embedding"],
        _ => [.. ((string[])["Labels", "Onsets", "Offsets", "Scores"]).Select(name => (options.ColumnName ?? "Event") + name)],
    };

    private (PartHeader Header, Func<string, PartRow[]> Read) Vector(DataViewSchema.Column column, AudioShardOptions options)
    {
        if (column.Type is not VectorDataViewType { Size: > 0 and int width } vector
            || vector.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(column.Name, "Score", "a vector of Single of known size", column.Type);
        }

        bool isScore = options.Kind == AudioShardKind.Scores;
        string[] classes = isScore ? Texts(column, AnnotationKinds.SlotNames, width) : [];
        ValueGetter<VBuffer<float>> getter = _scored.GetGetter<VBuffer<float>>(column);
        VBuffer<float> buffer = default;
        return (Header(options, width, classes), name =>
        {
            getter(ref buffer);
            float[] values = [.. buffer.DenseValues()];
            return
            [
                new PartRow(name)
                {
                    Values = values,
                    Label = isScore ? classes[ScoreColumns.Best(values)] : "",
                },
            ];
        });

        static PartHeader Header(AudioShardOptions options, int width, string[] classes) =>
            new() { Kind = options.Kind, Model = options.ModelName, Width = width, Classes = classes };
    }

    private (PartHeader Header, Func<string, PartRow[]> Read) Events(
        DataViewSchema.Column[] columns, AudioShardOptions options)
    {
        if (columns[0].Type is not VectorDataViewType { ItemType: KeyDataViewType keys })
        {
            throw SchemaChecks.WrongType(columns[0].Name, "Event", "a vector of keys", columns[0].Type);
        }

        string[] classes = Texts(columns[0], AnnotationKinds.KeyValues, checked((int)keys.Count));
        ValueGetter<VBuffer<uint>> labels = _scored.GetGetter<VBuffer<uint>>(columns[0]);
        ValueGetter<VBuffer<float>>[] numbers = [.. columns[1..].Select(_scored.GetGetter<VBuffer<float>>)];
        VBuffer<uint> found = default;
        VBuffer<float> buffer = default;
        return (
            new PartHeader { Kind = options.Kind, Model = options.ModelName, Width = 0, Classes = [] },
            name =>
            {
                labels(ref found);
                float[][] values = [.. numbers.Select(getter =>
                {
                    getter(ref buffer);
                    return buffer.DenseValues().ToArray();
                })];
                return [.. found.DenseValues().Select((key, i) => new PartRow(name)
                {
                    Label = classes[key - 1], Onset = values[0][i], Offset = values[1][i], Score = values[2][i],
                })];
            });
    }

    // A class without a name has its number.
    private static string[] Texts(DataViewSchema.Column column, string kind, int count)
    {
        if (column.Annotations.Schema.GetColumnOrNull(kind) is null)
        {
            return [.. Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        }

        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue(kind, ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }
}
