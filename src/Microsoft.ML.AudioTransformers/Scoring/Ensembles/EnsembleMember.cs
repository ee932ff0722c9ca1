using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring.Ensembles;

/// <summary>Model of an ensemble, over one input schema.</summary>
internal sealed class EnsembleMember
{
    private readonly IRowToRowMapper _mapper;

    /// <param name="name">Name of the model in error messages.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputSchema">Schema of the model's input.</param>
    /// <param name="scoreName">Name of the score column.</param>
    /// <param name="predictedLabelName">Name of the predicted label column, whose keys are the classes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public EnsembleMember(
        string name, ITransformer model, DataViewSchema inputSchema, string scoreName, string predictedLabelName)
    {
        Name = name;
        _mapper = model.GetRowToRowMapper(inputSchema);
        DataViewSchema schema = _mapper.OutputSchema;
        Score = SchemaChecks.GetColumn(schema, scoreName, $"{name}: score");

        // Pipelines often end with MapKeyToValue on the predicted label, which hides the column with the key.
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

        Order = [.. Enumerable.Range(0, Labels.Count)];
        Sources = [.. _mapper.GetDependencies([Score])];
    }

    public string Name { get; }

    /// <summary>Score column of the model's output.</summary>
    public DataViewSchema.Column Score { get; }

    /// <summary>Classes, in the order of the scores.</summary>
    public LabelKeys Labels { get; }

    /// <summary>Whether a clip can have several classes (tagging), and not one (classification).</summary>
    public bool IsMultiLabel { get; }

    /// <summary>Index of each of this model's classes among the ensemble's.</summary>
    public int[] Order { get; private set; }

    /// <summary>Columns of the input that the scores depend on.</summary>
    public IReadOnlyList<DataViewSchema.Column> Sources { get; }

    /// <summary>Row of the model's output, with its scores, for a row of the input.</summary>
    public DataViewRow GetRow(DataViewRow input) => _mapper.GetRow(input, [Score]);

    /// <summary>Sets <see cref="Order"/> for an ensemble with the classes of its first model.</summary>
    /// <exception cref="ArgumentException">The classes differ, or only one of the two models is multi-label.</exception>
    public void AlignWith(EnsembleMember first)
    {
        if (IsMultiLabel != first.IsMultiLabel)
        {
            throw new ArgumentException(
                $"{first.Name} gives a clip {Kind(first)} and {Name} {Kind(this)}; expected the same of all models.");
        }

        if (Labels.ValueKind == first.Labels.ValueKind && Labels.Names.SequenceEqual(first.Labels.Names))
        {
            return;
        }

        // Of two classes with one name, the second is not found, so that the classes differ.
        List<string> names = [.. first.Labels.Names];
        Order = [.. Labels.Names.Select(name => names.IndexOf(name))];
        if (Labels.ValueKind != first.Labels.ValueKind || Labels.Count != first.Labels.Count
            || Order.Contains(-1) || Order.Distinct().Count() < Order.Length)
        {
            throw new ArgumentException(
                $"{first.Name} has the classes {Describe(first)} and {Name} {Describe(this)}; "
                + "expected the same of all models.");
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
