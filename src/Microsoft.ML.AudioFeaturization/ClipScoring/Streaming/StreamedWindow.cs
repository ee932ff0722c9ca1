namespace Microsoft.ML.AudioTransformers;

/// <summary>Scores of one window of a stream; see <see cref="StreamingClassifier"/>. It is valid while its receiver runs.
/// </summary>
public readonly ref struct StreamedWindow
{
    internal StreamedWindow(
        double start, double end, ReadOnlySpan<float> scores, ReadOnlySpan<int> predicted, IReadOnlyList<string> classNames)
    {
        Start = start;
        End = end;
        Scores = scores;
        Predicted = predicted;
        ClassNames = classNames;
    }

    /// <summary>Start of the window, in seconds from the first sample of the stream.</summary>
    public double Start { get; }

    /// <summary>End of the window, in seconds from the first sample of the stream.</summary>
    public double End { get; }

    /// <summary>Probability of each class, in the order of <see cref="ClassNames"/>.</summary>
    public ReadOnlySpan<float> Scores { get; }

    /// <summary>
    /// Predicted classes, by their indices in <see cref="ClassNames"/>: of a classifier the one with the highest probability, of
    /// a tagger those with 0.5 or more, of an action recognizer the verb and the noun.
    /// </summary>
    public ReadOnlySpan<int> Predicted { get; }

    /// <summary>Names of the model's classes.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Name of the first of <see cref="Predicted"/>; null if there is none.</summary>
    public string? Label => Predicted.IsEmpty ? null : ClassNames[Predicted[0]];
}

/// <summary>Receives a window of a stream when it is scored.</summary>
/// <param name="window">Times, scores and labels; they are overwritten by those of the next window.</param>
public delegate void StreamedWindowReceiver(StreamedWindow window);
