using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Scoring;

namespace Microsoft.ML.AudioTransformers.Pretrained;

/// <summary>
/// Description of weights that <see cref="AudioModelParameters.SaveSafetensors"/> wrote, whose metadata has all of it.
/// </summary>
internal static class SavedWeightsDescription
{
    private static readonly CheckpointLayout s_layout = new("this library's SaveSafetensors", []);

    /// <summary>A description that scores as the model of the file did; the same where the file does not tell.</summary>
    /// <param name="checkpoint">File, of which <see cref="Read"/> has checked the metadata.</param>
    /// <param name="description">Description.</param>
    /// <param name="timeShifts">Number of time shifts; null for the file's.</param>
    public static ModelDescription ScoreAs(Checkpoint checkpoint, ModelDescription description, int? timeShifts) =>
        checkpoint.Metadata.TryGetValue(WeightsMetadata.Model, out string? model)
        && checkpoint.Metadata.ContainsKey(WeightsMetadata.Classes)
            ? WeightsMetadata.FromJson(model).ScoreAs(description, timeShifts)
            : description with { TimeShifts = timeShifts ?? 1 };

    /// <summary>Reads the description; null if the file has none.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static CheckpointDescription? Read(Checkpoint checkpoint)
    {
        if (!checkpoint.Metadata.TryGetValue(WeightsMetadata.Classes, out string? classes)
            || WeightsMetadata.Read(checkpoint) is not { } saved)
        {
            return null;
        }

        try
        {
            string[] labels = JsonSerializer.Deserialize<string[]>(classes) is { Length: > 0 } names ? names
                : throw new JsonException("it has no classes");
            return new CheckpointDescription
            {
                Family = ModelFamilies.Of(saved.Architecture),
                Layout = s_layout,
                Config = saved.Architecture,
                Mels = saved.Shape.Mels,
                Frames = saved.Shape.Frames,
                FrontEnd = saved.FrontEnd,
                Classes = labels.Length,
                Labels = labels,
                IsSingleLabel = saved.IsSingleLabel,
                Missing = saved.FrontEnd is null
                    ? ["FrontEnd: the model was trained on features; what made them is not in the file."]
                    : [],
            };
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            throw WeightsMetadata.Damaged(checkpoint, exception);
        }
    }
}
