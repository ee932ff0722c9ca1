using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>
/// Feature column of a trainer. Where it has the default name and there is no such column, the only one that <c>LoadAudio</c>,
/// <c>ExtractLogMel</c> or <c>LoadLogMel</c> made takes its place.
/// </summary>
internal static class FeatureColumns
{
    /// <summary>Name of the feature column if no other is asked for.</summary>
    public const string DefaultName = "Features";

    /// <summary>Finds the column.</summary>
    /// <param name="schema">The rows' schema.</param>
    /// <param name="name">Name that the options have.</param>
    /// <param name="areWaveforms">Whether it holds waveforms; null for either.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none, or there are several.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name, bool? areWaveforms)
    {
        if (schema.GetColumnOrNull(name) is { } named)
        {
            return named;
        }

        string[] made = [.. schema
            .Where(column => !column.IsHidden && IsMade(column.Annotations.Schema.Select(one => one.Name), areWaveforms))
            .Select(column => column.Name)];
        return SchemaChecks.GetColumn(schema, Choose(name, made), "Feature");
    }

    /// <inheritdoc cref="Find(DataViewSchema, string, bool?)"/>
    public static SchemaShape.Column Find(SchemaShape schema, string name, bool? areWaveforms)
    {
        string[] made = schema.Any(column => column.Name == name)
            ? []
            : [.. schema
                .Where(column => IsMade(column.Annotations.Select(one => one.Name), areWaveforms))
                .Select(column => column.Name)
                .Distinct()];
        return SchemaChecks.GetColumn(schema, Choose(name, made), "Feature");
    }

    private static bool IsMade(IEnumerable<string> annotations, bool? areWaveforms)
    {
        string[] all = [.. annotations];
        bool isWaveform = !all.Contains(AudioAnnotations.Bands);
        return all.Contains(AudioAnnotations.SampleRate) && (areWaveforms is null || areWaveforms == isWaveform);
    }

    private static string Choose(string name, string[] made) => (name, made) switch
    {
        (DefaultName, [var only]) => only,
        (DefaultName, [_, _, ..]) => throw new ArgumentOutOfRangeException(
            "inputSchema",
            $"Feature column '{name}' not found, and {made.Length} columns could take its place: {string.Join(", ", made)}. "
            + $"Expected one; set {nameof(AudioTrainerOptions.FeatureColumnName)}."),
        _ => name,
    };
}
