using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>What a classifier adds to a row: scores and the predicted label.</summary>
internal class ScoringMapping : RowMapping
{
    // The place of the score among the added columns; the predicted label follows.
    private const int Score = 0;

    private readonly AudioModelParameters _model;

    public ScoringMapping(AudioModelParameters model, DataViewSchema.Column features)
        : this(model, features, ScoreColumns.Create(
            model.Description.Labels,
            model.Description.ScoreColumnName,
            model.Description.PredictedLabelColumnName,
            model.Description.HasTags))
    {
    }

    protected ScoringMapping(
        AudioModelParameters model, DataViewSchema.Column features, DataViewSchema.DetachedColumn[] added)
        : base([features], added)
    {
        _model = model;
        Reader = model.Description.CreateReader();
        Reader.CheckColumn(features);
    }

    public AudioModelParameters Model => _model;

    public FeatureReader Reader { get; }

    /// <summary>Row by row: a batch of one, scored once a row.</summary>
    public override Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> isActive, out IDisposable? state)
    {
        state = null;
        var scores = new BatchScores(_model, Reader, capacity: 1);
        ValueGetter<VBuffer<float>> features = input.GetGetter<VBuffer<float>>(Sources[0]);
        VBuffer<float> values = default;
        long position = -1;
        int Ensure()
        {
            if (position != input.Position || position < 0)
            {
                features(ref values);
                scores.Clear();
                scores.Add(values, Sources[0].Name, input.Position);
                position = input.Position;
            }

            return 0;
        }

        return [.. Enumerable.Range(0, Added.Count).Select(
            column => isActive(column) ? CreateGetter(column, scores, Ensure) : null)];
    }

    /// <summary>The getter of an added column, of one of the clips of a batch.</summary>
    /// <param name="column">The column's place among those added.</param>
    /// <param name="scores">The batch.</param>
    /// <param name="clip">Gives the clip's place in it.</param>
    public virtual Delegate CreateGetter(int column, BatchScores scores, Func<int> clip)
    {
        if (column == Score)
        {
            return ScoreGetter(0, _model.ClassNames.Count, scores, clip);
        }

        if (_model.Description.HasTags)
        {
            ValueGetter<VBuffer<uint>> keys =
                (ref VBuffer<uint> value) => AnnotationKinds.Fill<uint>(ref value, scores.PredictedKeys(clip()));
            return keys;
        }

        return BestKeyGetter(0, _model.ClassNames.Count, scores, clip);
    }

    /// <summary>The getter of the probabilities of some classes in a row.</summary>
    protected static Delegate ScoreGetter(int first, int count, BatchScores scores, Func<int> clip)
    {
        ValueGetter<VBuffer<float>> score = (ref VBuffer<float> value) =>
            AnnotationKinds.Fill(ref value, scores.Probabilities(clip()).Slice(first, count));
        return score;
    }

    /// <summary>The getter of the key, counted from 1, of the best of some classes in a row.</summary>
    protected static Delegate BestKeyGetter(int first, int count, BatchScores scores, Func<int> clip)
    {
        ValueGetter<uint> key = (ref uint value) =>
            value = BatchScores.BestKey(scores.Probabilities(clip()).Slice(first, count));
        return key;
    }
}
