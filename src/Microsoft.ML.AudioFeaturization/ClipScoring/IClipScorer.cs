using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.ClipScoring;

/// <summary>Probabilities of one clip, one for each of a model's classes.</summary>
internal delegate ReadOnlySpan<float> ClipScores();

/// <summary>Model that scores clips in batches, whatever runs it. Safe for several threads at once.</summary>
internal interface IClipScorer
{
    /// <summary>Classes, and the columns that the model adds.</summary>
    IClipColumns Columns { get; }

    /// <summary>Front end; null if the column holds features.</summary>
    LogMelOptions? FrontEnd { get; }

    /// <summary>Batch size of scoring, 1 or more.</summary>
    int BatchSize { get; }

    /// <summary>Windows of long clips, and of streams.</summary>
    WindowOptions Windows { get; }

    /// <summary>Creates a reader of the feature column.</summary>
    FeatureReader CreateReader();

    /// <summary>Where the windows of a clip lie; null if long clips are cut.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no front end, or an option does not fit it.</exception>
    WindowGrid? CreateGrid();

    /// <summary>Creates a batch.</summary>
    /// <param name="reader">Reader of the feature column.</param>
    /// <param name="capacity">Most clips of the batch.</param>
    ScoringBatch CreateBatch(FeatureReader reader, int capacity);
}

/// <summary>Columns of a task whose clips are scored in batches.</summary>
internal interface IClipColumns
{
    /// <summary>Class names in the order of the scores.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>Number of classes of each head, in the order of the scores; one head for most tasks.</summary>
    IReadOnlyList<int> HeadSizes { get; }

    /// <summary>Whether a clip can have several classes, or none, and not one of each head.</summary>
    bool IsMultiLabel { get; }

    /// <summary>Creates the columns that a model adds, annotated as ML.NET's evaluators and mappers expect.</summary>
    DataViewSchema.DetachedColumn[] CreateColumns();

    /// <summary>Creates the getter of one of those columns.</summary>
    /// <param name="column">Index of the column in <see cref="CreateColumns"/>.</param>
    /// <param name="scores">Probabilities of the clip in the current row.</param>
    Delegate CreateGetter(int column, ClipScores scores);
}

/// <summary>Clips, or windows of clips, that a model scores in one pass. Not safe for several threads at once.</summary>
internal abstract class ScoringBatch
{
    /// <summary>Clips of the batch.</summary>
    public int Count { get; private set; }

    /// <summary>Empties the batch.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a clip.</summary>
    /// <param name="values">Checked values of the feature column.</param>
    public void Add(ReadOnlySpan<float> values)
    {
        Put(Count, values);
        Count++;
    }

    /// <summary>Scores the clips.</summary>
    /// <param name="probabilities">Probabilities of the classes, (clips, classes); filled.</param>
    public abstract void Score(Span<float> probabilities);

    /// <summary>Puts the values of a clip into a place of the batch.</summary>
    protected abstract void Put(int place, ReadOnlySpan<float> values);
}

/// <summary>Scores the features of clips.</summary>
/// <param name="features">Log-mel features, (count, frames, mels).</param>
/// <param name="count">Number of clips.</param>
/// <param name="probabilities">Probabilities of the classes, (count, classes); filled.</param>
internal delegate void FeatureScorer(ReadOnlySpan<float> features, int count, Span<float> probabilities);

/// <summary>Batch of clips for a model that takes log-mel features of one shape.</summary>
/// <param name="reader">Reader that makes features of the column's values.</param>
/// <param name="capacity">Most clips of the batch.</param>
/// <param name="score">Scores the features.</param>
internal sealed class FeatureBatch(FeatureReader reader, int capacity, FeatureScorer score) : ScoringBatch
{
    private readonly int _length = reader.Shape.Length;
    private readonly float[] _features = new float[checked(capacity * reader.Shape.Length)];

    public override void Score(Span<float> probabilities) =>
        score(_features.AsSpan(0, Count * _length), Count, probabilities);

    protected override void Put(int place, ReadOnlySpan<float> values) =>
        reader.ToFeatures(values, _features.AsSpan(place * _length, _length));
}
