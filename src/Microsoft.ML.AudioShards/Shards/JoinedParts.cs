using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioShards.Parts;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioShards.Shards;

/// <summary>The parts of all shards, as one table in the order of paths.</summary>
internal sealed class JoinedParts
{
    private readonly PartNames[] _parts;

    /// <param name="folder">Folder of the parts.</param>
    /// <exception cref="InvalidDataException">Parts are missing, or not all of one scoring.</exception>
    public JoinedParts(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"There is no folder '{folder}'; expected one that ScoreShard wrote.");
        }

        IReadOnlyList<(int Index, int Count)> found = PartNames.Find(folder);
        int count = found.Count == 0 ? 1 : found[0].Count;
        int[] missing = [.. Enumerable.Range(0, count).Except(found.Select(part => part.Index))];
        if (missing.Length > 0)
        {
            throw new InvalidDataException(
                $"'{folder}' lacks {missing.Length} of {count} parts, of the shards {string.Join(", ", missing.Take(10))}"
                + $"{(missing.Length > 10 ? " and others" : "")}; expected the parts of all shards.");
        }

        _parts = [.. found.Select(part => new PartNames(folder, part.Index, part.Count))];
        Array.ForEach(_parts, PartSums.Check);
        Header = PartReader.HeaderOf(_parts[0].Part);
        foreach (PartNames part in _parts)
        {
            if (PartReader.HeaderOf(part.Part).ToString() != Header.ToString())
            {
                throw new InvalidDataException(
                    $"'{part.Part}' is of another scoring than '{_parts[0].Part}': model, kind, column or classes differ.");
            }
        }
    }

    /// <summary>What the rows are.</summary>
    public PartHeader Header { get; }

    /// <summary>The rows of all parts, in the order of their paths.</summary>
    public IEnumerable<PartRow> Rows() => Merge([.. _parts.Select(part => PartReader.Rows(part.Part))]);

    /// <summary>The recordings without a row, in the order of their paths.</summary>
    public IEnumerable<PartRow> Unscored() => Merge([.. _parts.Select(part => PartReader.Unscored(part.Unscored))]);

    /// <summary>The rows as a view.</summary>
    public IDataView ToDataView(MLContext mlContext)
    {
        DataViewType vector = new VectorDataViewType(NumberDataViewType.Single, Math.Max(1, Header.Width));
        switch (Header.Kind)
        {
            case AudioShardKind.Scores:
                SchemaDefinition scores = SchemaDefinition.Create(typeof(ScoreRow));
                scores[nameof(ScoreRow.Score)].ColumnType = vector;
                scores[nameof(ScoreRow.Score)].AddAnnotation(
                    AnnotationKinds.SlotNames,
                    new VBuffer<ReadOnlyMemory<char>>(
                        Header.Width, [.. Header.Classes.Select(name => name.AsMemory())]),
                    new VectorDataViewType(TextDataViewType.Instance, Header.Width));
                return mlContext.Data.LoadFromEnumerable(
                    Rows().Select(row => new ScoreRow { Path = row.Path, PredictedLabel = row.Label, Score = row.Values }),
                    scores);
            case AudioShardKind.Events:
                return mlContext.Data.LoadFromEnumerable(Rows().Select(row => new EventRow
                {
                    Path = row.Path, Label = row.Label, Onset = row.Onset, Offset = row.Offset, Score = row.Score,
                }));
            default:
                SchemaDefinition embeddings = SchemaDefinition.Create(typeof(EmbeddingRow));
                embeddings[nameof(EmbeddingRow.Embedding)].ColumnType = vector;
                return mlContext.Data.LoadFromEnumerable(
                    Rows().Select(row => new EmbeddingRow { Path = row.Path, Embedding = row.Values }), embeddings);
        }
    }

    private static IEnumerable<PartRow> Merge(IReadOnlyList<IEnumerable<PartRow>> parts)
    {
        List<IEnumerator<PartRow>> open = [];
        try
        {
            var next = new PriorityQueue<int, string>(StringComparer.Ordinal);
            foreach (IEnumerable<PartRow> part in parts)
            {
                open.Add(part.GetEnumerator());
                if (open[^1].MoveNext())
                {
                    next.Enqueue(open.Count - 1, open[^1].Current.Path);
                }
            }

            (string? last, int from) = (null, -1);
            while (next.TryDequeue(out int part, out string? path))
            {
                int order = string.CompareOrdinal(last, path);
                if (last is not null && (order > 0 || (order == 0 && from != part)))
                {
                    throw new InvalidDataException(
                        $"'{path}' is in two parts, or after '{last}'; expected parts that ScoreShard wrote.");
                }

                (last, from) = (path, part);
                yield return open[part].Current;
                if (open[part].MoveNext())
                {
                    next.Enqueue(part, open[part].Current.Path);
                }
            }
        }
        finally
        {
            open.ForEach(part => part.Dispose());
        }
    }

    private sealed class ScoreRow
    {
        public string Path { get; set; } = "";

        public string PredictedLabel { get; set; } = "";

        public float[] Score { get; set; } = [];
    }

    private sealed class EventRow
    {
        public string Path { get; set; } = "";

        public string Label { get; set; } = "";

        public float Onset { get; set; }

        public float Offset { get; set; }

        public float Score { get; set; }
    }

    private sealed class EmbeddingRow
    {
        public string Path { get; set; } = "";

        public float[] Embedding { get; set; } = [];
    }
}
