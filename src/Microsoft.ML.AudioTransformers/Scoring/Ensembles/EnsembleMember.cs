using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring.Ensembles;

/// <summary>One of an ensemble's models, over one input schema.</summary>
internal sealed class EnsembleMember
{
    private readonly IRowToRowMapper _mapper;

    /// <param name="name">What errors call the model.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputSchema">The columns that it takes.</param>
    /// <param name="scoreName">The column with its scores.</param>
    /// <param name="predictedLabelName">The column with its predicted label, which tells the classes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public EnsembleMember(
        string name, ITransformer model, DataViewSchema inputSchema, string scoreName, string predictedLabelName)
    {
        Name = name;
        _mapper = model.GetRowToRowMapper(inputSchema);
        DataViewSchema schema = _mapper.OutputSchema;
        Score = SchemaChecks.GetColumn(schema, scoreName, $"{name}: score");

        // A pipeline often ends by putting the label's value where its key was, which hides the key.
        DataViewSchema.Column? label = null;
        foreach (DataViewSchema.Column column in schema)
        {
            DataViewType type = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
            label = column.Name == predictedLabelName && type is KeyDataViewType ? column : label;
        }

        if (label is not { } key)
        {
            DataViewSchema.Column found = SchemaChecks.GetColumn(schema, predictedLabelName, $"{name}: predicted label");
            throw SchemaChecks.WrongType(
                found.Name, $"{name}: predicted label", "a key, as classifiers make it, or a vector of keys", found.Type);
        }

        IsMultiLabel = key.Type is VectorDataViewType;
        Labels = IsMultiLabel ? LabelKeys.ReadMultiLabel(key) : LabelKeys.Read(key);
        if (Score.Type is not VectorDataViewType { Size: var size, ItemType: var item }
            || item != NumberDataViewType.Single || size != Labels.Count)
        {
            throw SchemaChecks.WrongType(
                Score.Name, $"{name}: score", $"a vector of Single, one for each of {Labels.Count} classes", Score.Type);
        }

        Places = [.. Enumerable.Range(0, Labels.Count)];
        Sources = [.. _mapper.GetDependencies([Score])];
    }

    public string Name { get; }

    /// <summary>The column with the scores, in the model's output.</summary>
    public DataViewSchema.Column Score { get; }

    /// <summary>The classes, in the order of the scores.</summary>
    public LabelKeys Labels { get; }

    /// <summary>Whether a clip has any number of classes, each by itself, and not one of them.</summary>
    public bool IsMultiLabel { get; }

    /// <summary>The place of each of this model's classes among the ensemble's.</summary>
    public int[] Places { get; private set; }

    /// <summary>The columns of the input that the scores are made of.</summary>
    public IReadOnlyList<DataViewSchema.Column> Sources { get; }

    /// <summary>The row that the model makes of one of the input's, with its scores.</summary>
    public DataViewRow GetRow(DataViewRow input) => _mapper.GetRow(input, [Score]);

    /// <summary>Brings the classes into the order of another model's.</summary>
    /// <exception cref="ArgumentException">It has other classes, or a clip has as many as it likes with one of the two
    /// models only.</exception>
    public void AlignWith(EnsembleMember first)
    {
        if (IsMultiLabel != first.IsMultiLabel)
        {
            throw new ArgumentException(
                $"{first.Name} gives a clip {Kind(first)} and {Name} {Kind(this)}; expected the same of all models.");
        }

        Dictionary<string, int> places =
            first.Labels.Names.Select((name, place) => (name, place)).ToDictionary(item => item.name, item => item.place);
        Places = [.. Labels.Names.Select(name => places.GetValueOrDefault(name, -1))];
        if (Labels.ValueKind != first.Labels.ValueKind || Labels.Count != first.Labels.Count || Places.Contains(-1))
        {
            throw new ArgumentException(
                $"{first.Name} has the classes {Describe(first)} and {Name} {Describe(this)}; expected the same of all models.");
        }
    }

    private static string Kind(EnsembleMember member) => member.IsMultiLabel ? "any number of labels" : "one label";

    private static string Describe(EnsembleMember member)
    {
        const int shown = 12;
        string names = string.Join(", ", member.Labels.Names.Take(shown).Select(name => $"'{name}'"));
        return member.Labels.Count > shown ? $"{names} and {member.Labels.Count - shown} more" : names;
    }
}
