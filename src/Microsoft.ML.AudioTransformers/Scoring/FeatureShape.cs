namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>The log-mel features of one clip: how many frames in time, and mel bins in each.</summary>
internal readonly record struct FeatureShape(int Frames, int Mels)
{
    public int Length => checked(Frames * Mels);

    public override string ToString() => $"{Frames} frames x {Mels} mel bins";
}
