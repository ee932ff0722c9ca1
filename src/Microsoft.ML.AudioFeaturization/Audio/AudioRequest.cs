using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>The part of a recording to read, its channel and its sample rate.</summary>
/// <param name="SampleRate">The wanted rate in Hz, or 0 for the recording's own.</param>
/// <param name="Channel">The channel to take, counted from 0, or null for the mean of all.</param>
/// <param name="Offset">Seconds to leave out at the start; at least 0.</param>
/// <param name="Duration">Seconds to read at most, or null for all that follows.</param>
internal sealed record AudioRequest(int SampleRate = 0, int? Channel = null, double Offset = 0, double? Duration = null)
{
    /// <summary>
    /// The largest factor of upsampling. A request for more most likely comes from a damaged header, and would turn a small
    /// file into an array of any size.
    /// </summary>
    internal const int MaximumUpsampling = 16;

    /// <summary>
    /// A request in the form of the public API: -1 for the mean of all channels, 0 for all that follows.
    /// </summary>
    /// <param name="sampleRate">0, or 1 to 1000000 Hz.</param>
    /// <param name="channel">-1 or more.</param>
    /// <param name="offset">0 seconds or more.</param>
    /// <param name="duration">0 seconds or more.</param>
    /// <param name="prefix">Prefix of the names in messages, such as "Loading.".</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range; the message names it.</exception>
    public static AudioRequest Create(int sampleRate, int channel, double offset, double duration, string prefix = "")
    {
        const int MaximumRate = AudioInfo.MaximumSampleRate;
        OptionCheck.That(
            sampleRate is >= 0 and <= MaximumRate, sampleRate, prefix + nameof(SampleRate), $"0 or 1 to {MaximumRate}");
        OptionCheck.That(channel >= -1, channel, prefix + nameof(Channel), "-1 or a channel counted from 0");
        OptionCheck.That(IsTime(offset), offset, prefix + nameof(Offset), "a finite number of seconds, 0 or more");
        OptionCheck.That(IsTime(duration), duration, prefix + nameof(Duration), "a finite number of seconds, 0 or more");
        return new AudioRequest(sampleRate, channel < 0 ? null : channel, offset, duration == 0 ? null : duration);
    }

    /// <summary>Checks that a recording has the channel, and a rate that is not too low for the wanted one.</summary>
    /// <param name="name">The recording's name in messages.</param>
    /// <param name="info">What it is.</param>
    /// <exception cref="ArgumentException">It has not; the message says what was asked for.</exception>
    public void CheckFor(string name, AudioInfo info)
    {
        if (Channel is int channel && channel >= info.Channels)
        {
            throw new ArgumentException(
                $"'{name}' has {info.Channels} channels; channel {channel} (counted from 0) is asked for.");
        }

        if (SampleRate > (long)info.SampleRate * MaximumUpsampling)
        {
            throw new ArgumentException(
                $"'{name}' has a sample rate of {info.SampleRate} Hz; {SampleRate} Hz is more than "
                + $"{MaximumUpsampling} times that. Ask for the recording's own rate (0) or a lower one.");
        }
    }

    private static bool IsTime(double seconds) => double.IsFinite(seconds) && seconds >= 0;
}
