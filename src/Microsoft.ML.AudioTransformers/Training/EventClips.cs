namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Clips with the events that are heard in them.</summary>
/// <param name="Clips">The clips, with the tags that were made of the events.</param>
/// <param name="Events">The events of each clip; they call it by its place.</param>
internal sealed record EventClips(LabeledClips Clips, IReadOnlyList<IReadOnlyList<SoundEvent>> Events);
