using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring.Ensembles;

/// <summary>What an ensemble adds to a row: the mean of its models' scores, and the label that it predicts.</summary>
internal sealed class EnsembleMapping : RowMapping
{
    private const int Score = 0;
    private const int PredictedLabel = 1;

    private readonly IReadOnlyList<EnsembleMember> _members;
    private readonly bool _isMultiLabel;

    /// <param name="members">The models over one input schema, the first of which names the classes.</param>
    /// <param name="scoreName">The score's name.</param>
    /// <param name="predictedLabelName">The predicted label's name.</param>
    public EnsembleMapping(IReadOnlyList<EnsembleMember> members, string scoreName, string predictedLabelName)
        : base(
            [.. members.SelectMany(member => member.Sources).DistinctBy(column => column.Index)],
            ScoreColumns.Create(members[0].Labels, scoreName, predictedLabelName, members[0].IsMultiLabel))
    {
        _members = members;
        _isMultiLabel = members[0].IsMultiLabel;
    }

    public override Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> isActive, out IDisposable? state)
    {
        var scores = new EnsembleScores(_members, input);
        state = scores;
        ValueGetter<VBuffer<float>> score = (ref VBuffer<float> value) => AnnotationKinds.Fill(ref value, scores.Mean());
        ValueGetter<uint> key = (ref uint value) => value = ScoreColumns.BestKey(scores.Mean());
        ValueGetter<VBuffer<uint>> keys = (ref VBuffer<uint> value) =>
            AnnotationKinds.Fill<uint>(ref value, ScoreColumns.KeysAboveHalf(scores.Mean()));
        return [isActive(Score) ? score : null, isActive(PredictedLabel) ? (_isMultiLabel ? keys : key) : null];
    }
}
