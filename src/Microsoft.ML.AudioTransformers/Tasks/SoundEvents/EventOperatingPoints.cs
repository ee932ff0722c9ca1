namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>What a system finds with each of several thresholds, as PSDS asks.</summary>
internal static class EventOperatingPoints
{
    /// <summary>Fifty thresholds, from 0.01 to 0.99, as DESED's baseline has them.</summary>
    public static double[] DefaultThresholds { get; } = [.. Enumerable.Range(0, 50).Select(step => 0.01 + step * 0.02)];

    /// <summary>The events of all clips for each threshold, the same for all classes.</summary>
    /// <param name="maps">The clips.</param>
    /// <param name="modelClassNames">The classes of the maps.</param>
    /// <param name="secondsPerFrame">The time from one frame to the next.</param>
    /// <param name="decoding">How events are read, thresholds aside.</param>
    /// <param name="thresholds">The thresholds; null: <see cref="DefaultThresholds"/>.</param>
    public static IReadOnlyList<IReadOnlyList<SoundEvent>> Decode(
        IReadOnlyList<ClipPresence> maps,
        IReadOnlyList<string> modelClassNames,
        double secondsPerFrame,
        EventDecodingOptions decoding,
        IReadOnlyList<double>? thresholds = null)
        => [.. (thresholds ?? DefaultThresholds).Select(threshold =>
        {
            EventDecodingOptions options = decoding.WithThreshold(threshold);
            return maps.SelectMany(
                map => EventDecoder.Decode(map.Clip, map.Values, modelClassNames, secondsPerFrame, options)).ToArray();
        })];
}
