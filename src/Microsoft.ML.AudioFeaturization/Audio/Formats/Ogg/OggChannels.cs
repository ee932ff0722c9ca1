namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

/// <summary>
/// The order of channels: Vorbis and Opus code theirs in one of their own (Vorbis I, section 4.3.9); here they come as
/// in WAV
/// and FLAC files: front left, front right, centre, low frequencies, back, side.
/// </summary>
internal static class OggChannels
{
    private static readonly int[][] s_orders =
    [
        [0],
        [0, 1],
        [0, 2, 1],
        [0, 1, 2, 3],
        [0, 2, 1, 3, 4],
        [0, 2, 1, 5, 3, 4],
        [0, 2, 1, 6, 5, 3, 4],
        [0, 2, 1, 7, 5, 6, 3, 4],
    ];

    /// <summary>For each channel that is given, which one of the coded channels it is.</summary>
    /// <param name="channels">Their number; more than 8 have no order.</param>
    public static int[] Order(int channels) =>
        channels <= s_orders.Length ? s_orders[channels - 1] : [.. Enumerable.Range(0, channels)];
}
