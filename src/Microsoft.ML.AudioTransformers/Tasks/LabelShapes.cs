using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>What trainers ask of a schema's labels and features.</summary>
internal static class LabelShapes
{
    /// <summary>Checks a label column of which a clip has one class.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of the wrong type.</exception>
    public static void CheckKey(SchemaShape inputSchema, string columnName, string role)
    {
        SchemaShape.Column label = SchemaChecks.GetColumn(inputSchema, columnName, role);
        if (label.Kind != SchemaShape.Column.VectorKind.Scalar || !label.IsKey)
        {
            throw SchemaChecks.WrongType(
                label.Name, role, "a key, as MapValueToKey makes of text or numbers", SchemaChecks.Describe(label));
        }
    }

    /// <summary>Checks a label column of which a clip has any number of classes, and the features.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public static void CheckTags(SchemaShape inputSchema, AudioTrainerOptions options)
    {
        SchemaShape.Column label = SchemaChecks.GetColumn(inputSchema, options.LabelColumnName, "Label");
        bool hasSlots = label.ItemType == NumberDataViewType.Single || label.ItemType == BooleanDataViewType.Instance;
        if (label.Kind == SchemaShape.Column.VectorKind.Scalar || !(label.IsKey || hasSlots))
        {
            throw SchemaChecks.WrongType(
                label.Name, "Label",
                "a vector of keys, as MapValueToKey makes of vectors of text, or a vector of Single or Boolean with one slot a class",
                SchemaChecks.Describe(label));
        }

        CheckFeatures(inputSchema, options);
    }

    /// <summary>Checks the feature column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of the wrong type.</exception>
    public static void CheckFeatures(SchemaShape inputSchema, AudioTrainerOptions options)
    {
        SchemaShape.Column features = SchemaChecks.GetColumn(inputSchema, options.FeatureColumnName, "Feature");
        if (features.Kind == SchemaShape.Column.VectorKind.Scalar || features.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(
                features.Name, "Feature", "a vector of Single", SchemaChecks.Describe(features));
        }
    }
}
