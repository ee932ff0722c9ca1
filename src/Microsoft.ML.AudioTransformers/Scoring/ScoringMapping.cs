using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>What a classifier adds to a row: scores and the predicted label.</summary>
internal sealed class ScoringMapping : RowMapping
{
    /// <summary>The place of the score and of the predicted label among the added columns.</summary>
    public const int Score = 0;

    /// <inheritdoc cref="Score"/>
    public const int PredictedLabel = 1;

    private readonly AudioClassificationModelParameters _model;

    public ScoringMapping(AudioClassificationModelParameters model, DataViewSchema.Column features)
        : base(
            [features],
            ClassificationColumns.Create(
                model.Description.Labels,
                model.Description.ScoreColumnName,
                model.Description.PredictedLabelColumnName,
                model.Description.HasTags))
    {
        _model = model;
        Reader = model.Description.CreateReader();
        Reader.CheckColumn(features);
    }

    public AudioClassificationModelParameters Model => _model;

    public FeatureReader Reader { get; }

    /// <summary>Row by row: a batch of one, scored once a row.</summary>
    public override Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> isActive, out IDisposable? state)
    {
        state = null;
        var scores = new BatchScores(_model, Reader, capacity: 1);
        ValueGetter<VBuffer<float>> features = input.GetGetter<VBuffer<float>>(Sources[0]);
        VBuffer<float> values = default;
        long position = -1;
        void Ensure()
        {
            if (position != input.Position || position < 0)
            {
                features(ref values);
                scores.Clear();
                scores.Add(values, Sources[0].Name, input.Position);
                position = input.Position;
            }
        }

        ValueGetter<VBuffer<float>> score = (ref VBuffer<float> value) =>
        {
            Ensure();
            AnnotationKinds.Fill(ref value, scores.Probabilities(0));
        };
        Delegate predictedLabel = PredictedLabelGetter(scores, () =>
        {
            Ensure();
            return 0;
        });
        return [isActive(Score) ? score : null, isActive(PredictedLabel) ? predictedLabel : null];
    }

    /// <summary>The getter of the predicted label, or labels, of one of the clips of a batch.</summary>
    public Delegate PredictedLabelGetter(BatchScores scores, Func<int> clip)
    {
        if (_model.Description.HasTags)
        {
            ValueGetter<VBuffer<uint>> keys =
                (ref VBuffer<uint> value) => AnnotationKinds.Fill<uint>(ref value, scores.PredictedKeys(clip()));
            return keys;
        }

        ValueGetter<uint> key = (ref uint value) => value = scores.PredictedKey(clip());
        return key;
    }
}
