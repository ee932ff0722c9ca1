using Microsoft.ML.AudioTransformers.Training;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Clips with the events that are heard in them.</summary>
/// <param name="Clips">The clips, with the tags that were made of the events.</param>
/// <param name="Events">The events of each clip; they call it by its place.</param>
internal sealed record EventClips(ClipDataset Clips, IReadOnlyList<IReadOnlyList<SoundEvent>> Events);
