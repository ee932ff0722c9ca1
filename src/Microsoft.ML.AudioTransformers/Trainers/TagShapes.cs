using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Trainers;

/// <summary>What trainers with any number of labels a clip ask of a schema.</summary>
internal static class TagShapes
{
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    public static void Check(SchemaShape inputSchema, AudioTrainerOptions options)
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

        SchemaShape.Column features = SchemaChecks.GetColumn(inputSchema, options.FeatureColumnName, "Feature");
        if (features.Kind == SchemaShape.Column.VectorKind.Scalar || features.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(
                features.Name, "Feature", "a vector of Single", SchemaChecks.Describe(features));
        }
    }
}
