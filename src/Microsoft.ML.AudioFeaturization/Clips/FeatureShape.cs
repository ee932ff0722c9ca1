using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioFeaturization.Clips;

/// <summary>Shape of the log-mel features of one clip.</summary>
/// <param name="Frames">Frames in time.</param>
/// <param name="Mels">Mel bins of each frame.</param>
internal readonly record struct FeatureShape(int Frames, int Mels)
{
    /// <summary>Number of features, frames x mel bins.</summary>
    public int Length => checked(Frames * Mels);

    /// <summary>Checks that both sizes are at least 1 and that an array can hold the features.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range.</exception>
    public void Check()
    {
        OptionCheck.AtLeast(1, Frames, nameof(Frames));
        OptionCheck.AtLeast(1, Mels, nameof(Mels));
        OptionCheck.That(
            Frames <= Array.MaxLength / Mels, Frames, nameof(Frames),
            $"at most {Array.MaxLength / Mels}, of {Mels} mel bins each");
    }

    /// <summary>Checks that arrays can hold the features, and the class scores, of a batch.</summary>
    /// <param name="size">Clips of the batch.</param>
    /// <param name="classCount">Classes.</param>
    /// <param name="option">Name of the batch size option, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch is too large.</exception>
    public void CheckBatch(int size, int classCount, string option)
    {
        int most = Array.MaxLength / Math.Max(Length, classCount);
        OptionCheck.That(size >= 1 && size <= most, size, option, $"at least 1 and at most {most}, for clips of {this}");
    }

    public override string ToString() => $"{Frames} frames x {Mels} mel bins";
}
