using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers.Core;

/// <summary>The log-mel features of one clip: how many frames in time, and mel bins in each.</summary>
internal readonly record struct FeatureShape(int Frames, int Mels)
{
    public int Length => checked(Frames * Mels);

    /// <summary>Checks that there are features.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are none, or more than an array can hold.</exception>
    public void Check()
    {
        OptionCheck.AtLeast(1, Frames, nameof(Frames));
        OptionCheck.AtLeast(1, Mels, nameof(Mels));
        OptionCheck.That(
            Frames <= Array.MaxLength / Mels, Frames, nameof(Frames), $"at most {Array.MaxLength / Mels}, of {Mels} mel bins each");
    }

    /// <summary>Checks that an array can hold the features of so many clips, and a number for each of their classes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It cannot; the message names the option.</exception>
    public void CheckBatch(int size, int classCount, string option)
    {
        int most = Array.MaxLength / Math.Max(Length, classCount);
        OptionCheck.That(size >= 1 && size <= most, size, option, $"at least 1 and at most {most}, for clips of {this}");
    }

    public override string ToString() => $"{Frames} frames x {Mels} mel bins";
}
