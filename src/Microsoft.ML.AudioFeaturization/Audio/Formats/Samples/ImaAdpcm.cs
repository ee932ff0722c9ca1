namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

/// <summary>
/// IMA ADPCM, 4 bits a sample: the arithmetic of "Recommended Practices for Enhancing Digital Audio Compatibility in
/// Multimedia Systems" (IMA, 1992), with integer shifts.
/// </summary>
internal struct ImaAdpcm
{
    /// <summary>The largest index into the table of step sizes.</summary>
    public const int MaximumStepIndex = 88;

    private int _predictor;
    private int _stepIndex;

    /// <param name="predictor">The sample before the first.</param>
    /// <param name="stepIndex">0 to <see cref="MaximumStepIndex"/>.</param>
    public ImaAdpcm(int predictor, int stepIndex)
    {
        _predictor = predictor;
        _stepIndex = stepIndex;
    }

    private static ReadOnlySpan<short> StepSizes =>
    [
        7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107,
        118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963, 1060,
        1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894, 6484,
        7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794, 32767,
    ];

    private static ReadOnlySpan<sbyte> IndexSteps => [-1, -1, -1, -1, 2, 4, 6, 8];

    /// <summary>The next sample, full scale at +-1.</summary>
    /// <param name="code">4 bits.</param>
    public float Next(int code)
    {
        int step = StepSizes[_stepIndex];
        int difference = step >> 3;
        difference += (code & 4) != 0 ? step : 0;
        difference += (code & 2) != 0 ? step >> 1 : 0;
        difference += (code & 1) != 0 ? step >> 2 : 0;
        int next = (code & 8) != 0 ? _predictor - difference : _predictor + difference;
        _predictor = Math.Clamp(next, short.MinValue, short.MaxValue);
        _stepIndex = Math.Clamp(_stepIndex + IndexSteps[code & 7], 0, MaximumStepIndex);
        return _predictor * (1f / (1 << 15));
    }
}
