namespace Microsoft.ML.AudioTransformers;

/// <summary>Sound event: a sound of one class with its onset and offset in a clip.</summary>
/// <param name="Clip">Name of the clip, for example of its file.</param>
/// <param name="Label">Name of the class.</param>
/// <param name="Onset">Onset in seconds from the start of the clip.</param>
/// <param name="Offset">Offset in seconds from the start of the clip.</param>
/// <param name="Score">Score, greater where a model is more certain; 1 for an annotated event. Default: 1.</param>
public sealed record SoundEvent(string Clip, string Label, double Onset, double Offset, double Score = 1);
