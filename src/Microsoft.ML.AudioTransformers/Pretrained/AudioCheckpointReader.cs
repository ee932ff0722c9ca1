using Microsoft.ML.AudioDatasets;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;

namespace Microsoft.ML.AudioTransformers.Pretrained;

/// <summary>
/// Reader of what a file of weights tells of its model: by its own metadata where this library wrote it, else by the families'
/// descriptions, with what the list of published files says of one of its name and sizes.
/// </summary>
internal static class AudioCheckpointReader
{
    /// <summary>Describes the model of a file.</summary>
    /// <returns>The description, and the published file that it is; null for none.</returns>
    /// <exception cref="InvalidDataException">The file fits no known layout; the message says what was found.</exception>
    public static (CheckpointDescription Described, PublishedCheckpoint? Published) Describe(Checkpoint checkpoint, string? prefix)
    {
        if (SavedWeightsDescription.Read(checkpoint) is { } own)
        {
            return (own, null);
        }

        List<CheckpointDescription> found =
            [.. ModelFamilies.All.Select(family => family.Describe(checkpoint, prefix)).OfType<CheckpointDescription>()];
        CheckpointDescription described = found.Find(each => each.Classes > 0) ?? found.FirstOrDefault()
            ?? throw new InvalidDataException(
                CheckpointLayout.Compare(checkpoint, ModelFamilies.All.SelectMany(family => family.Layouts)));
        if (described.Prefixes.Count > 1)
        {
            string[] prefixes = [.. described.Prefixes.Select(each => $"'{each}'")];
            described = described with
            {
                Assumed =
                [
                    .. described.Assumed,
                    $"The file holds several models, whose names begin with {string.Join(", ", prefixes)}; the first was taken. "
                    + $"{nameof(CheckpointAdaptation.Prefix)} of the adaptation names another.",
                ],
            };
        }

        PublishedCheckpoint? published = PublishedCheckpoints.Find(checkpoint.Path) is { } named && Fits(named, found)
            ? named
            : null;
        return (published is null ? described : With(described, published), published);
    }

    /// <summary>Label set of a published file; null where the list has none.</summary>
    public static AudioLabelSet? LabelSet(PublishedCheckpoint published) => published.Labels is { } name
        ? AudioLabelSets.All.Single(set => set.Name == name)
        : null;

    /// <summary>Whether a file of a published name has its architecture, classes and stride.</summary>
    private static bool Fits(PublishedCheckpoint published, List<CheckpointDescription> found) => found.Exists(described =>
        published.Architecture.Split(", ").Contains(described.Family.Name)
        && (published.Classes ?? 0) == described.Classes
        && (published.Stride is not { } stride || Stride(described.Config) == stride));

    private static int? Stride(AudioModelConfig config) => config switch
    {
        PasstConfig passt => passt.StrideTime,
        AstConfig ast => ast.StrideTime,
        _ => null,
    };

    private static CheckpointDescription With(CheckpointDescription described, PublishedCheckpoint published)
    {
        LogMelOptions? frontEnd = published.FrontEnd is { } name ? PublishedFrontEnds.Create(name) : null;
        AudioLabelSet? labels = LabelSet(published);
        return described with
        {
            FrontEnd = frontEnd ?? described.FrontEnd,
            Labels = described.Labels ?? labels?.Labels,
            IsSingleLabel = described.IsSingleLabel ?? published.SingleLabel,
            Missing = frontEnd is null
                ? described.Missing
                : [.. described.Missing.Where(line => !line.StartsWith("FrontEnd:", StringComparison.Ordinal))],
            Assumed =
            [
                .. described.Assumed.Where(line => frontEnd is null || !line.Contains("front end", StringComparison.Ordinal)),
                $"Front end and classes of {published}, whose name and sizes the file has.",
            ],
        };
    }
}
