using System.Globalization;
using Microsoft.ML.AudioFeaturization.Checks;
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
    private static readonly string[] s_eventParts = ["Labels", "Onsets", "Offsets", "Scores"];

    private readonly ClipRow _row;
    private readonly DataViewRow _scored;
    private readonly Func<string, PartRow[]> _read;
    private readonly string _folder;

    /// <param name="model">The model.</param>
    /// <param name="schema">Schema of <see cref="ClipRow.CreateSchema"/>.</param>
    /// <param name="options">Options.</param>
    /// <param name="folder">Full path of the folder of the recordings.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The model has no such column, or it depends on more than the path.
    /// </exception>
    public ClipScorer(ITransformer model, DataViewSchema schema, AudioShardOptions options, string folder)
    {
        _folder = folder;
        _row = new ClipRow(schema, options.PathColumnName);
        if (!model.IsRowToRowMapper)
        {
            throw new ArgumentException(
                "The model adds, drops or reorders rows; expected one that maps each recording to its columns.", nameof(model));
        }

        IRowToRowMapper mapper = model.GetRowToRowMapper(schema);
        DataViewSchema.Column[] columns =
            [.. ColumnNames(options).Select(name => SchemaChecks.GetColumn(mapper.OutputSchema, name, "Score"))];
        CheckNeeds(mapper, columns);
        _scored = mapper.GetRow(_row, columns);
        try
        {
            (Header, _read) = options.Kind == AudioShardKind.Events ? Events(columns, options) : Vector(columns[0], options);
        }
        catch
        {
            _scored.Dispose();
            throw;
        }
    }

    /// <summary>What the rows are.</summary>
    public PartHeader Header { get; }

    /// <summary>Scores a recording.</summary>
    /// <param name="name">Its path below the folder.</param>
    /// <param name="reason">Why it has no row, or null.</param>
    /// <returns>Its rows: one, or for events any number.</returns>
    /// <exception cref="IOException">It cannot be read now, which says nothing of what it holds.</exception>
    public PartRow[] Score(string name, out string? reason)
    {
        reason = null;
        _row.MoveTo(Path.Combine(_folder, name));
        try
        {
            return _read(name);
        }
        catch (Exception exception) when (!IsPassing(exception)
            && (SkippedRow.IsReason(exception) || FiniteOutput.IsOfOneClip(exception)))
        {
            // A model that has no finite number for a recording has none at the next try, with this device and precision. The
            // row's number here depends on what was scored before it.
            reason = exception.Message.Replace(
                string.Create(CultureInfo.InvariantCulture, $", row {_row.Position}:"), ":", StringComparison.Ordinal);
            return [];
        }
    }

    public void Dispose() => _scored.Dispose();

    // A file system that is out of reach, or a limit of open files: another run may read the recording. Of a file system
    // that went away, each file seems to be missing.
    private static bool IsPassing(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is IOException and not EndOfStreamException)
            {
                return true;
            }
        }

        return false;
    }

    // A step that makes keys of labels is not needed for scores; one that is must not be given empty values in silence.
    private void CheckNeeds(IRowToRowMapper mapper, DataViewSchema.Column[] columns)
    {
        string[] missing =
            [.. mapper.GetDependencies(columns).Where(column => !_row.IsColumnActive(column)).Select(column => column.Name)];
        if (missing.Length > 0)
        {
            throw new ArgumentOutOfRangeException(
                "model",
                $"'{string.Join("', '", columns.Select(column => column.Name))}' of the model depends on '"
                + $"{string.Join("', '", missing)}'; expected the column of paths alone, since a folder of recordings has no other.");
        }
    }

    private static string[] ColumnNames(AudioShardOptions options)
    {
        string name = options.ColumnName ?? DefaultName(options.Kind);
        return options.Kind == AudioShardKind.Events ? [.. s_eventParts.Select(part => name + part)] : [name];
    }

    private static string DefaultName(AudioShardKind kind) => kind switch
    {
        AudioShardKind.Scores => "Score",
        AudioShardKind.Embeddings => "Embedding",
        _ => "Event",
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
        return (CreateHeader(options, width, classes), name =>
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
    }

    private static PartHeader CreateHeader(AudioShardOptions options, int width, string[] classes) => new()
    {
        Kind = options.Kind,
        Column = options.ColumnName ?? DefaultName(options.Kind),
        Model = options.ModelName,
        Width = width,
        Classes = classes,
    };

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
            CreateHeader(options, width: 0, classes: []),
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
