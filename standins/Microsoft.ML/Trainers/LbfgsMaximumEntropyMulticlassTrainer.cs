using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Trains a linear softmax classifier (multinomial logistic regression) on a key label.</summary>
public sealed class LbfgsMaximumEntropyMulticlassTrainer
    : LbfgsTrainerBase<
        LbfgsMaximumEntropyMulticlassTrainer.Options,
        MulticlassPredictionTransformer<MaximumEntropyModelParameters>,
        MaximumEntropyModelParameters>
{
    internal LbfgsMaximumEntropyMulticlassTrainer(IHostEnvironment env, Options options)
        : base(env, options, LabelOf(options))
    {
    }

    private protected override MulticlassPredictionTransformer<MaximumEntropyModelParameters> Train(IDataView data)
    {
        DataViewSchema.Column label = data.Schema[LabelColumn.Name];
        DataViewSchema.Column feature = data.Schema[FeatureColumn.Name];
        int classCount = checked((int)((KeyDataViewType)label.Type).Count);
        int featureCount = ((VectorDataViewType)feature.Type).Size;
        var features = new List<float[]>();
        var labels = new List<int>();
        var weights = new List<float>();
        Read(data, feature, label, features, labels, weights);

        var objective = new MaximumEntropyObjective(
            features, labels, weights, classCount, featureCount, TrainerOptions.L2Regularization);
        var optimizer = new OrthantWiseLbfgs(
            TrainerOptions.HistorySize,
            TrainerOptions.L1Regularization / (double)features.Count,
            freeCount: classCount,
            TrainerOptions.OptimizationTolerance,
            TrainerOptions.MaximumNumberOfIterations);
        var variables = new double[objective.VariableCount];
        optimizer.Minimize(
            (x, gradient) =>
            {
                Host.CheckAlive();
                return objective.Compute(x, gradient);
            },
            variables);
        return new MulticlassPredictionTransformer<MaximumEntropyModelParameters>(
            Host,
            new MaximumEntropyModelParameters(
                variables.Select(value => (float)value).ToArray(), classCount, featureCount),
            feature.Name,
            feature.Type,
            label);
    }

    private protected override IEnumerable<SchemaShape.Column> OutputColumns(SchemaShape inputSchema)
        => MulticlassScores.Shapes(inputSchema.Find(LabelColumn.Name));

    private static SchemaShape.Column LabelOf(Options options)
        => new(
            options.LabelColumnName, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true);

    /// <summary>Reads the rows that have a label and whose features are all numbers.</summary>
    private void Read(
        IDataView data,
        DataViewSchema.Column feature,
        DataViewSchema.Column label,
        List<float[]> features,
        List<int> labels,
        List<float> weights)
    {
        using IChannel channel = Host.Start("Training");
        DataViewSchema.Column? weight = WeightColumn.IsValid ? data.Schema[WeightColumn.Name] : null;
        using DataViewRowCursor cursor = data.GetRowCursor(
            weight is { } column ? [feature, label, column] : [feature, label]);
        var getFeatures = cursor.GetGetter<VBuffer<float>>(feature);
        Func<ulong> getLabel = RowNumbers.KeyOf(cursor, label);
        Func<double> getWeight = weight is { } used ? RowNumbers.DoubleOf(cursor, used) : () => 1;
        VBuffer<float> buffer = default;
        int skipped = 0;
        while (cursor.MoveNext())
        {
            Host.CheckAlive();
            getFeatures(ref buffer);
            ulong key = getLabel();
            double rowWeight = getWeight();
            var row = new float[buffer.Length];
            buffer.CopyTo(row);
            if (key == 0
                || key > label.Type.GetKeyCount()
                || !double.IsFinite(rowWeight)
                || !Array.TrueForAll(row, float.IsFinite))
            {
                skipped++;
                continue;
            }

            Contracts.Check(
                row.Length == ((VectorDataViewType)feature.Type).Size,
                $"Column '{feature.Name}': expected {((VectorDataViewType)feature.Type).Size} slots, but got {row.Length}");
            features.Add(row);
            labels.Add((int)(key - 1));
            weights.Add((float)rowWeight);
        }

        if (skipped > 0)
            channel.Warning(
                MessageSensitivity.None,
                $"Skipped {skipped} instances with missing features, label or weight during training");
        Contracts.Check(
            features.Count > 0, "No valid training instances found, all instances have missing features.");
    }

    public sealed class Options : OptionsBase
    {
        public Options()
        {
        }
    }
}
