using System.Globalization;

namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>What part of a recording is read, and as what.</summary>
/// <param name="SampleRate">The wanted rate in Hz, or 0 for the recording's own.</param>
/// <param name="Channel">The channel to take, counted from 0, or null for the mean of all.</param>
/// <param name="Offset">Seconds to leave out at the start; at least 0.</param>
/// <param name="Duration">Seconds to read at most, or null for all that follows.</param>
internal sealed record AudioRequest(int SampleRate = 0, int? Channel = null, double Offset = 0, double? Duration = null)
{
    /// <summary>
    /// A request in the form of the public API: -1 for the mean of all channels, 0 for all that follows.
    /// </summary>
    /// <exception cref="ArgumentException">A value is outside its range; the message names it.</exception>
    public static AudioRequest Create(int sampleRate, int channel, double offset, double duration)
    {
        const int MaximumRate = WavHeader.MaximumSampleRate;
        Require("SampleRate", sampleRate, sampleRate is >= 0 and <= MaximumRate, $"0 or 1 to {MaximumRate}");
        Require("Channel", channel, channel >= -1, "-1 or a channel counted from 0");
        Require("Offset", offset, double.IsFinite(offset) && offset >= 0, "a finite number, 0 or more");
        Require("Duration", duration, double.IsFinite(duration) && duration >= 0, "a finite number, 0 or more");
        return new AudioRequest(sampleRate, channel < 0 ? null : channel, offset, duration == 0 ? null : duration);
    }

    private static void Require<T>(string name, T value, bool holds, string expected)
    {
        if (!holds)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; expected {expected}."));
        }
    }
}
