using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Checks of the label columns of a schema's shape.</summary>
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

    /// <summary>Checks a label column of which a clip has any number of classes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of the wrong type.</exception>
    public static void CheckMultiLabel(SchemaShape inputSchema, string columnName)
    {
        SchemaShape.Column label = SchemaChecks.GetColumn(inputSchema, columnName, "Label");
        bool hasSlots = label.ItemType == NumberDataViewType.Single || label.ItemType == BooleanDataViewType.Instance;
        if (label.Kind == SchemaShape.Column.VectorKind.Scalar || !(label.IsKey || hasSlots))
        {
            throw SchemaChecks.WrongType(
                label.Name, "Label",
                "a vector of keys, as MapValueToKey makes of vectors of text, or a vector of Single or Boolean with one slot a class",
                SchemaChecks.Describe(label));
        }
    }
}
