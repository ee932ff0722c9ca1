using System.Globalization;

namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>
/// Count of the clips that are longer than what is heard of them. Passes over the rows add to it; when the last of those
/// that run side by side ends, it is told, unless the same numbers were told before. Safe for use by several threads at
/// once.
/// </summary>
/// <param name="options">The front end; without a target length, all is heard, and there is nothing to tell.</param>
/// <param name="warn">Takes the message.</param>
/// <param name="column">The column with the clips, in words.</param>
internal sealed class ClipCuts(LogMelOptions options, Action<string> warn, string column)
{
    private readonly Lock _lock = new();
    private readonly long _heard = options.TargetLength;

    // Less than a frame does not count.
    private readonly long _longest = options.TargetLength + options.HopLength - 1;
    private readonly int _sampleRate = options.SampleRate;
    private int _open;
    private Numbers _sum;
    private Numbers _told;

    /// <summary>Begins a pass over rows, or over some of them; it ends when it is disposed.</summary>
    public Pass Begin()
    {
        lock (_lock)
        {
            _open++;
        }

        return new Pass(this);
    }

    private void End(Numbers numbers)
    {
        string? message = null;
        lock (_lock)
        {
            _sum = _sum.Plus(numbers);
            if (--_open == 0)
            {
                message = _sum.Cut > 0 && _sum != _told ? Message(_sum) : null;
                _told = message is null ? _told : _sum;
                _sum = default;
            }
        }

        if (message is not null)
        {
            warn(message);
        }
    }

    private string Message(Numbers sum)
    {
        double Seconds(long samples) => (double)samples / _sampleRate;
        string least = sum.HasUnknown ? "at least " : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{sum.Cut} of {sum.Clips} clips in {column} are longer than the {Seconds(_heard):0.###} s that the front end takes: "
            + $"{Seconds(sum.Cut * _heard):0.###} s of {least}{Seconds(sum.Samples):0.###} s of them are heard, the beginnings. "
            + $"To hear all, set LongClips of a model to Windows, Sampling.LongClips of a training to RandomWindow or EachWindow, "
            + $"expand them by ExpandWindows, or set a longer target length.");
    }

    /// <summary>One pass: a cursor's rows.</summary>
    internal sealed class Pass(ClipCuts cuts) : IDisposable
    {
        private Numbers _numbers;
        private long _row = -1;
        private bool _ended;

        /// <summary>Samples of the clip that was added last, or how many there are at least.</summary>
        public long LastSamples { get; private set; }

        /// <summary>Whether that is the clip's length.</summary>
        public bool IsLastWhole { get; private set; } = true;

        /// <summary>Whether a clip of that length is cut by a frame or more.</summary>
        public bool IsCut(long samples) => cuts.IsCut(samples);

        /// <summary>Adds the clip of a row; a row that comes again is not counted again.</summary>
        /// <param name="row">The row's position.</param>
        /// <param name="samples">The clip's length, or as much of it as is known.</param>
        /// <param name="isKnown">Whether that is all of it.</param>
        public void Add(long row, long samples, bool isKnown = true)
        {
            (LastSamples, IsLastWhole) = (samples, isKnown);
            if (row == _row && row >= 0)
            {
                return;
            }

            _row = row;
            bool isCut = cuts.IsCut(samples);
            _numbers = _numbers.Plus(new Numbers(1, isCut ? 1 : 0, isCut ? samples : 0, isCut && !isKnown));
        }

        /// <summary>Ends the pass.</summary>
        public void Dispose()
        {
            if (!_ended)
            {
                _ended = true;
                cuts.End(_numbers);
            }
        }
    }

    private bool IsCut(long samples) => _heard > 0 && samples > _longest;

    private readonly record struct Numbers(long Clips, long Cut, long Samples, bool HasUnknown)
    {
        public Numbers Plus(Numbers other) => new(
            Clips + other.Clips, Cut + other.Cut, Samples + other.Samples, HasUnknown || other.HasUnknown);
    }
}
