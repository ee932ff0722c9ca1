namespace Microsoft.ML.AudioTransformers;

/// <summary>A point of a spectrogram that DATAR looks at, and where it was moved from.</summary>
/// <param name="Group">The group of channels whose point it is, counted from 0.</param>
/// <param name="Frame">Where it is in time, in frames; 0 is the middle of the first. It may lie outside of the clip.</param>
/// <param name="MelBin">Where it is in frequency, in mel bins; 0 is the middle of the first.</param>
/// <param name="ReferenceFrame">The frame of its reference point.</param>
/// <param name="ReferenceMelBin">The mel bin of its reference point.</param>
/// <param name="Weight">
/// The attention that it gets, the mean over all queries and over the heads of its group; those of a group add up to 1.
/// </param>
public readonly record struct DeformablePoint(
    int Group, double Frame, double MelBin, double ReferenceFrame, double ReferenceMelBin, double Weight);
