using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AudioTransformers;

/// <summary>What a sweep varies of <see cref="LogMelOptions"/>; the initial values are those of PaSST's front
/// end.</summary>
/// <remarks>
/// Features are as many frames as the hop length makes of <see cref="LogMelOptions.TargetSamples"/>: a trainer behind
/// the front end takes the shape that it meets.
/// </remarks>
public sealed class LogMelSearchSpace
{
    /// <summary>Bands of the mel filter bank: 64 or 128; initially 128.</summary>
    [Choice([64, 128], 128)]
    public int? MelBins { get; set; }

    /// <summary>Samples between frames: 160, 320 or 500; initially 320.</summary>
    [Choice([160, 320, 500], 320)]
    public int? HopLength { get; set; }

    /// <summary>Samples of a window: 400, 800 or 1024; initially 800.</summary>
    [Choice([400, 800, 1024], 800)]
    public int? WindowLength { get; set; }

    /// <summary>Writes what is swept into a front end's options; what is not swept stays.</summary>
    internal void ApplyTo(LogMelOptions options)
    {
        options.MelBins = MelBins ?? options.MelBins;
        options.HopLength = HopLength ?? options.HopLength;
        options.WindowLength = WindowLength ?? options.WindowLength;
    }
}
