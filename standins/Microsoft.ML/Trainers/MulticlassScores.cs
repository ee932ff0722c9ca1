using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>A model that gives a vector of features a score for each class.</summary>
internal interface IMulticlassModel
{
    int ClassCount { get; }

    int FeatureCount { get; }

    void Score(ReadOnlySpan<float> features, Span<float> scores);
}

/// <summary>The columns Score and PredictedLabel of a model over the features of one schema.</summary>
internal sealed class MulticlassScores : AddedColumns
{
    private const string Score = "Score";
    private const string PredictedLabel = "PredictedLabel";

    private readonly IMulticlassModel _model;
    private readonly DataViewSchema.Column _features;

    public MulticlassScores(
        IMulticlassModel model, DataViewSchema inputSchema, string featureColumnName, DataViewSchema.Column label)
        : base(inputSchema)
    {
        _model = model;
        _features = inputSchema.GetColumnOrNull(featureColumnName)
            ?? throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "feature", featureColumnName);
        var expected = new VectorDataViewType(NumberDataViewType.Single, model.FeatureCount);
        if (!_features.Type.Equals(expected))
            throw Contracts.Except($"Incompatible features column type: '{_features.Type}' vs '{expected}'");
        Columns =
        [
            new(
                Score,
                new VectorDataViewType(NumberDataViewType.Single, model.ClassCount),
                Annotate(label, AnnotationUtils.Const.ScoreValueKind.Score)),
            new(
                PredictedLabel,
                new KeyDataViewType(typeof(uint), model.ClassCount),
                Annotate(label, AnnotationUtils.Const.ScoreValueKind.PredictedLabel)),
        ];
    }

    public override DataViewSchema.DetachedColumn[] Columns { get; }

    public static IEnumerable<SchemaShape.Column> Shapes(SchemaShape.Column label)
    {
        SchemaShape.Column[] keyValues = label.AnnotationsNamed(AnnotationUtils.Kinds.KeyValues)
            .Where(values => values.Kind == SchemaShape.Column.VectorKind.Vector)
            .ToArray();
        var scoreAnnotations = new List<SchemaShape.Column>();
        foreach (SchemaShape.Column values in keyValues)
        {
            scoreAnnotations.Add(Vector(AnnotationUtils.Kinds.TrainingLabelValues, values.ItemType));
            if (values.ItemType is TextDataViewType)
                scoreAnnotations.Add(Vector(AnnotationUtils.Kinds.SlotNames, values.ItemType));
        }

        SchemaShape.Column[] kinds =
        [
            Scalar(AnnotationUtils.Kinds.ScoreColumnSetId, NumberDataViewType.UInt32, isKey: true),
            Scalar(AnnotationUtils.Kinds.ScoreColumnKind, TextDataViewType.Instance, isKey: false),
            Scalar(AnnotationUtils.Kinds.ScoreValueKind, TextDataViewType.Instance, isKey: false),
        ];
        return
        [
            new(
                Score,
                SchemaShape.Column.VectorKind.Vector,
                NumberDataViewType.Single,
                isKey: false,
                new SchemaShape(scoreAnnotations.Concat(kinds))),
            new(
                PredictedLabel,
                SchemaShape.Column.VectorKind.Scalar,
                NumberDataViewType.UInt32,
                isKey: true,
                new SchemaShape(keyValues.Concat(kinds))),
        ];

        SchemaShape.Column Vector(string name, DataViewType type)
            => new(name, SchemaShape.Column.VectorKind.Vector, type, isKey: false);
        SchemaShape.Column Scalar(string name, DataViewType type, bool isKey)
            => new(name, SchemaShape.Column.VectorKind.Scalar, type, isKey);
    }

    public override IEnumerable<DataViewSchema.Column> DependenciesOf(int column) => [_features];

    public override Func<int, Delegate> GettersOver(DataViewRow input)
    {
        var scores = new float[_model.ClassCount];
        Action refresh = null;
        return column =>
        {
            refresh ??= CreateRefresh(input, scores);
            return column == 0
                ? (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
                {
                    refresh();
                    VBuffer<float>.Copy(scores, 0, ref value, scores.Length);
                })
                : (ValueGetter<uint>)((ref uint value) =>
                {
                    refresh();
                    value = (uint)(Best(scores) + 1);
                });
        };
    }

    /// <summary>The first of the best scores; -1 where none is a number.</summary>
    private static int Best(float[] scores)
    {
        int best = -1;
        for (int i = 0; i < scores.Length; i++)
        {
            if (scores[i] > (best < 0 ? float.NegativeInfinity : scores[best]))
                best = i;
        }

        return best;
    }

    private Action CreateRefresh(DataViewRow input, float[] scores)
    {
        var getter = input.GetGetter<VBuffer<float>>(input.Schema[_features.Index]);
        VBuffer<float> buffer = default;
        var features = new float[_model.FeatureCount];
        long scored = -1;
        return () =>
        {
            if (scored == input.Position)
                return;
            getter(ref buffer);
            Contracts.Check(
                buffer.Length == features.Length,
                $"Column '{_features.Name}': expected {features.Length} slots, but got {buffer.Length}");
            buffer.CopyTo(features);
            _model.Score(features, scores);
            scored = input.Position;
        };
    }

    private DataViewSchema.Annotations Annotate(DataViewSchema.Column label, string valueKind)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        if (label.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues) is { } keyValues)
        {
            Delegate getter = label.Annotations.GetGetterInternal(keyValues.Index);
            if (valueKind == AnnotationUtils.Const.ScoreValueKind.PredictedLabel)
            {
                builder.Add(AnnotationUtils.Kinds.KeyValues, keyValues.Type, getter);
            }
            else
            {
                builder.Add(AnnotationUtils.Kinds.TrainingLabelValues, keyValues.Type, getter);
                if (keyValues.Type.GetItemType() is TextDataViewType)
                    builder.Add(AnnotationUtils.Kinds.SlotNames, keyValues.Type, getter);
            }
        }

        builder.AddPrimitiveValue(
            AnnotationUtils.Kinds.ScoreColumnSetId, AnnotationUtils.ScoreColumnSetIdType, NextSetId());
        builder.AddPrimitiveValue(
            AnnotationUtils.Kinds.ScoreColumnKind,
            TextDataViewType.Instance,
            AnnotationUtils.Const.ScoreColumnKind.MulticlassClassification.AsMemory());
        builder.AddPrimitiveValue(
            AnnotationUtils.Kinds.ScoreValueKind, TextDataViewType.Instance, valueKind.AsMemory());
        return builder.ToAnnotations();
    }

    /// <summary>A number that no set of score columns of the input has.</summary>
    private uint NextSetId()
    {
        uint most = 0;
        foreach (DataViewSchema.Column column in InputSchema)
        {
            if (column.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.ScoreColumnSetId)
                is not { Type: KeyDataViewType { RawType: var raw } } || raw != typeof(uint))
                continue;
            uint id = 0;
            column.Annotations.GetValue(AnnotationUtils.Kinds.ScoreColumnSetId, ref id);
            most = Math.Max(most, id);
        }

        return most + 1;
    }
}
