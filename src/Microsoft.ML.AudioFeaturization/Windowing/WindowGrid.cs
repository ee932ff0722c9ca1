using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioFeaturization.Windowing;

/// <summary>Where the windows of a recording lie, in samples.</summary>
/// <param name="Length">Samples of a window, at least 1.</param>
/// <param name="Hop">Samples from one window to the next, 1 to <paramref name="Length"/>.</param>
/// <param name="Tail">Rule for what is left after the last whole window.</param>
/// <param name="Slack">The most samples after the last whole window that are not worth another one, 0 or more.</param>
internal sealed record WindowGrid(int Length, int Hop, WindowTail Tail, int Slack = 0)
{
    /// <summary>The windows of a front end's target length. What is left is heard from one frame on.</summary>
    /// <param name="frontEnd">Options with a target length.</param>
    /// <param name="options">Checked options.</param>
    /// <param name="prefix">Prefix of the options' names in messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The hop is longer than a window, or shorter than a sample.</exception>
    public static WindowGrid For(LogMelOptions frontEnd, WindowOptions options, string prefix) => Create(
        checked((int)frontEnd.TargetLength), frontEnd.SampleRate, options, prefix) with { Slack = frontEnd.WindowLength };

    /// <summary>The windows of a length.</summary>
    /// <param name="length">Samples of a window, at least 1.</param>
    /// <param name="sampleRate">The sample rate in Hz.</param>
    /// <param name="options">Checked options.</param>
    /// <param name="prefix">Prefix of the options' names in messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The hop is longer than a window, or shorter than a sample.</exception>
    public static WindowGrid Create(int length, int sampleRate, WindowOptions options, string prefix)
    {
        double hop = Math.Round(options.HopSeconds > 0 ? options.HopSeconds * sampleRate : options.HopFraction * length);
        OptionCheck.That(
            options.HopSeconds == 0 || (hop >= 1 && hop <= length),
            options.HopSeconds, prefix + nameof(options.HopSeconds),
            FormattableString.Invariant($"0, or from a sample to a window, {(double)length / sampleRate} s"));
        return new WindowGrid(length, (int)Math.Max(1, hop), options.Tail);
    }

    /// <summary>The number of windows of a recording.</summary>
    /// <param name="samples">The recording's length, at least 1.</param>
    public long Count(long samples) => WholeCount(samples) + (HasTail(samples) ? 1 : 0);

    /// <summary>The first sample of a window.</summary>
    /// <param name="window">The window, less than <see cref="Count"/>.</param>
    /// <param name="samples">The recording's length.</param>
    public long Start(long window, long samples) =>
        Tail == WindowTail.ShiftBack && samples > Length && window * Hop > samples - Length
            ? samples - Length
            : window * Hop;

    /// <summary>The windows that are whole; of a recording no longer than a window, the one that holds it.</summary>
    private long WholeCount(long samples) => samples <= Length ? 1 : 1 + ((samples - Length) / Hop);

    private bool HasTail(long samples) =>
        Tail != WindowTail.Drop && samples > Length && (samples - Length) % Hop > Slack;
}
