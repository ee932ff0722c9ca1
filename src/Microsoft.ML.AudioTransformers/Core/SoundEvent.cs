namespace Microsoft.ML.AudioTransformers;

/// <summary>A sound of one class, from when to when it is heard.</summary>
/// <param name="Clip">The clip, for example its file name.</param>
/// <param name="Label">The class of the sound.</param>
/// <param name="Onset">When it starts, in seconds from the clip's start.</param>
/// <param name="Offset">When it ends, in seconds from the clip's start.</param>
/// <param name="Score">How certain a model is of it, greater where more certain; 1 for what a person has annotated.
/// </param>
public sealed record SoundEvent(string Clip, string Label, double Onset, double Offset, double Score = 1);
