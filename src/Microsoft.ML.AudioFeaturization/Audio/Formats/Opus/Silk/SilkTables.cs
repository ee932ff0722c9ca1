namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Opus.Silk;

/// <summary>
/// Numbers of the SILK layer (RFC 6716, section 4.2). "Symbols" are inverse cumulative frequencies in 1/256, from which
/// the range decoder reads.
/// </summary>
internal static class SilkTables
{
    /// <summary>Type of signal and of quantization of frames with voice activity, less two (section 4.2.7.3).</summary>
    public static ReadOnlySpan<byte> ActiveTypeSymbols => [232, 158, 10, 0];

    /// <summary>The same of frames without (section 4.2.7.3).</summary>
    public static ReadOnlySpan<byte> InactiveTypeSymbols => [230, 0];

    /// <summary>High bits of the first gain, for inactive, unvoiced and voiced frames (section 4.2.7.4).</summary>
    public static ReadOnlySpan<byte> GainSymbols =>
    [
        224, 112, 44, 15, 3, 2, 1, 0, 254, 237, 192, 132, 70, 23, 4, 0, 255, 252, 226, 155, 61, 11, 2, 0,
    ];

    /// <summary>Steps of the other gains (section 4.2.7.4).</summary>
    public static ReadOnlySpan<byte> GainStepSymbols =>
    [
        250, 245, 234, 203, 71, 50, 42, 38, 35, 33, 31, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14,
        13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
    ];

    /// <summary>High part of the first pitch lag (section 4.2.7.6.1).</summary>
    public static ReadOnlySpan<byte> LagSymbols =>
    [
        253, 250, 244, 233, 212, 182, 150, 131, 120, 110, 98, 85, 72, 60, 49, 40, 32, 25, 19, 15, 13, 11, 9, 8, 7, 6, 5,
        4, 3, 2, 1, 0,
    ];

    /// <summary>Step from the last frame's pitch lag (section 4.2.7.6.1).</summary>
    public static ReadOnlySpan<byte> LagStepSymbols =>
    [
        210, 208, 206, 203, 199, 193, 183, 168, 142, 104, 74, 52, 37, 27, 20, 14, 10, 6, 4, 2, 0,
    ];

    /// <summary>Contour of pitch lags: medium and wide band, 20 ms (section 4.2.7.6.1).</summary>
    public static ReadOnlySpan<byte> ContourSymbols =>
    [
        223, 201, 183, 167, 152, 138, 124, 111, 98, 88, 79, 70, 62, 56, 50, 44, 39, 35, 31, 27, 24, 21, 18, 16, 14, 12,
        10, 8, 6, 4, 3, 2, 1, 0,
    ];

    /// <summary>The same: narrow band, 20 ms (section 4.2.7.6.1).</summary>
    public static ReadOnlySpan<byte> NarrowContourSymbols => [188, 176, 155, 138, 119, 97, 67, 43, 26, 10, 0];

    /// <summary>The same: medium and wide band, 10 ms (section 4.2.7.6.1).</summary>
    public static ReadOnlySpan<byte> ShortContourSymbols => [165, 119, 80, 61, 47, 35, 27, 20, 14, 9, 4, 0];

    /// <summary>The same: narrow band, 10 ms (section 4.2.7.6.1).</summary>
    public static ReadOnlySpan<byte> NarrowShortContourSymbols => [113, 63, 0];

    /// <summary>
    /// Contours of pitch lags, a subframe after the other: medium and wide band, 20 ms (section 4.2.7.6.1).
    /// </summary>
    public static ReadOnlySpan<sbyte> Contours =>
    [
        0, 0, 1, -1, 0, 1, -1, 0, -1, 1, -2, 2, -2, -2, 2, -3, 2, 3, -3, -4, 3, -4, 4, 4, -5, 5, -6, -5, 6, -7, 6, 5, 8,
        -9, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, -1, 1, 0, 0, 1, -1, 0, 1, -1, -1, 1, -1, 2, 1, -1, 2, -2, -2, 2, -2, 2, 2, 3,
        -3, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, -1, 1, 0, 0, 2, 1, -1, 2, -1, -1, 2, -1, 2, 2, -1, 3, -2, -2, -2,
        3, 0, 1, 0, 0, 1, 0, 1, -1, 2, -1, 2, -1, 2, 3, -2, 3, -2, -2, 4, 4, -3, 5, -3, -4, 6, -4, 6, 5, -5, 8, -6, -5,
        -7, 9,
    ];

    /// <summary>The same: narrow band, 20 ms (section 4.2.7.6.1).</summary>
    public static ReadOnlySpan<sbyte> NarrowContours =>
    [
        0, 2, -1, -1, -1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, -1, 2,
        1, 0, 1, 1, 0, 0, -1, -1,
    ];

    /// <summary>The same: medium and wide band, 10 ms (section 4.2.7.6.1).</summary>
    public static ReadOnlySpan<sbyte> ShortContours =>
    [
        0, 0, 1, -1, 1, -1, 2, -2, 2, -2, 3, -3, 0, 1, 0, 1, -1, 2, -1, 2, -2, 3, -2, 3,
    ];

    /// <summary>The same: narrow band, 10 ms (section 4.2.7.6.1).</summary>
    public static ReadOnlySpan<sbyte> NarrowShortContours => [0, 1, 0, 0, 0, 1];

    /// <summary>Which of the three sets of long-term filters is used (section 4.2.7.6.2).</summary>
    public static ReadOnlySpan<byte> PeriodicitySymbols => [179, 99, 0];

    /// <summary>Filters of each set, one set of symbols after the other (section 4.2.7.6.2).</summary>
    public static ReadOnlySpan<byte> FilterSymbols =>
    [
        71, 56, 43, 30, 21, 12, 6, 0, 199, 165, 144, 124, 109, 96, 84, 71, 61, 51, 42, 32, 23, 15, 8, 0, 241, 225, 211,
        199, 187, 175, 164, 153, 142, 132, 123, 114, 105, 96, 88, 80, 72, 64, 57, 50, 44, 38, 33, 29, 24, 20, 16, 12, 9,
        5, 2, 0,
    ];

    /// <summary>Long-term filters of five taps in 1/128, 8, 16 and 32 of them (section 4.2.7.6.2).</summary>
    public static ReadOnlySpan<sbyte> Filters =>
    [
        4, 6, 24, 7, 5, 0, 0, 2, 0, 0, 12, 28, 41, 13, -4, -9, 15, 42, 25, 14, 1, -2, 62, 41, -9, -10, 37, 65, -4, 3, -6,
        4, 66, 7, -8, 16, 14, 38, -3, 33, 13, 22, 39, 23, 12, -1, 36, 64, 27, -6, -7, 10, 55, 43, 17, 1, 1, 8, 1, 1, 6,
        -11, 74, 53, -9, -12, 55, 76, -12, 8, -3, 3, 93, 27, -4, 26, 39, 59, 3, -8, 2, 0, 77, 11, 9, -8, 22, 44, -6, 7,
        40, 9, 26, 3, 9, -7, 20, 101, -7, 4, 3, -8, 42, 26, 0, -15, 33, 68, 2, 23, -2, 55, 46, -2, 15, 3, -1, 21, 16, 41,
        -6, 27, 61, 39, 5, -11, 42, 88, 4, 1, -2, 60, 65, 6, -4, -1, -5, 73, 56, 1, -9, 19, 94, 29, -9, 0, 12, 99, 6, 4,
        8, -19, 102, 46, -13, 3, 2, 13, 3, 2, 9, -21, 84, 72, -18, -11, 46, 104, -22, 8, 18, 38, 48, 23, 0, -16, 70, 83,
        -21, 11, 5, -11, 117, 22, -8, -6, 23, 117, -12, 3, 3, -8, 95, 28, 4, -10, 15, 77, 60, -15, -1, 4, 124, 2, -4, 3,
        38, 84, 24, -25, 2, 13, 42, 13, 31, 21, -4, 56, 46, -1, -1, 35, 79, -13, 19, -7, 65, 88, -9, -14, 20, 4, 81, 49,
        -29, 20, 0, 75, 3, -17, 5, -9, 44, 92, -8, 1, -3, 22, 69, 31, -6, 95, 41, -12, 5, 39, 67, 16, -4, 1, 0, -6, 120,
        55, -36, -13, 44, 122, 4, -24, 81, 5, 11, 3, 7, 2, 0, 9, 10, 88,
    ];

    /// <summary>Scale of the long-term state (section 4.2.7.6.3).</summary>
    public static ReadOnlySpan<byte> LongTermScaleSymbols => [128, 64, 0];

    /// <summary>The scales, in 1/16384 (section 4.2.7.6.3).</summary>
    public static ReadOnlySpan<short> LongTermScales => [15565, 12288, 8192];

    /// <summary>Interpolation of line spectral frequencies (section 4.2.7.5.5).</summary>
    public static ReadOnlySpan<byte> InterpolationSymbols => [243, 221, 192, 181, 0];

    /// <summary>Extension of residuals of line spectral frequencies (section 4.2.7.5.2).</summary>
    public static ReadOnlySpan<byte> ExtensionSymbols => [100, 40, 16, 7, 3, 1, 0];

    /// <summary>Weights of stereo prediction, in 1/8192 (section 4.2.7.1).</summary>
    public static ReadOnlySpan<short> StereoWeights =>
    [
        -13732, -10050, -8266, -7526, -6500, -5000, -2950, -820, 820, 2950, 5000, 6500, 7526, 8266, 10050, 13732,
    ];

    /// <summary>High parts of both weights (section 4.2.7.1).</summary>
    public static ReadOnlySpan<byte> StereoSymbols =>
    [
        249, 247, 246, 245, 244, 234, 210, 202, 201, 200, 197, 174, 82, 59, 56, 55, 54, 46, 22, 12, 11, 10, 9, 7, 0,
    ];

    /// <summary>Whether there is no side channel (section 4.2.7.2).</summary>
    public static ReadOnlySpan<byte> MidOnlySymbols => [64, 0];

    /// <summary>Which of two frames have a redundant copy, less one (section 4.2.4).</summary>
    public static ReadOnlySpan<byte> TwoRedundantSymbols => [203, 150, 0];

    /// <summary>Which of three frames have a redundant copy, less one (section 4.2.4).</summary>
    public static ReadOnlySpan<byte> ThreeRedundantSymbols => [215, 195, 166, 125, 110, 82, 0];

    /// <summary>Twice the cosine of line spectral frequencies at 129 places, in 1/4096 (section 4.2.7.5.6).</summary>
    public static ReadOnlySpan<short> Cosines =>
    [
        8192, 8190, 8182, 8170, 8152, 8130, 8104, 8072, 8034, 7994, 7946, 7896, 7840, 7778, 7714, 7644, 7568, 7490, 7406,
        7318, 7226, 7128, 7026, 6922, 6812, 6698, 6580, 6458, 6332, 6204, 6070, 5934, 5792, 5648, 5502, 5352, 5198, 5040,
        4880, 4718, 4552, 4382, 4212, 4038, 3862, 3684, 3502, 3320, 3136, 2948, 2760, 2570, 2378, 2186, 1990, 1794, 1598,
        1400, 1202, 1002, 802, 602, 402, 202, 0, -202, -402, -602, -802, -1002, -1202, -1400, -1598, -1794, -1990, -2186,
        -2378, -2570, -2760, -2948, -3136, -3320, -3502, -3684, -3862, -4038, -4212, -4382, -4552, -4718, -4880, -5040,
        -5198, -5352, -5502, -5648, -5792, -5934, -6070, -6204, -6332, -6458, -6580, -6698, -6812, -6922, -7026, -7128,
        -7226, -7318, -7406, -7490, -7568, -7644, -7714, -7778, -7840, -7896, -7946, -7994, -8034, -8072, -8104, -8130,
        -8152, -8170, -8182, -8190, -8192,
    ];

    /// <summary>One of three alike.</summary>
    public static ReadOnlySpan<byte> Of3 => [171, 85, 0];

    /// <summary>One of four alike.</summary>
    public static ReadOnlySpan<byte> Of4 => [192, 128, 64, 0];

    /// <summary>One of five alike.</summary>
    public static ReadOnlySpan<byte> Of5 => [205, 154, 102, 51, 0];

    /// <summary>One of six alike.</summary>
    public static ReadOnlySpan<byte> Of6 => [213, 171, 128, 85, 43, 0];

    /// <summary>One of eight alike.</summary>
    public static ReadOnlySpan<byte> Of8 => [224, 192, 160, 128, 96, 64, 32, 0];
}
