using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>Row mapping of a model: adds the columns of its task to a row.</summary>
internal sealed class ScoringMapping : RowMapping
{
    public ScoringMapping(AudioModelParameters model, DataViewSchema.Column features)
        : base([features], model.Task.CreateColumns())
    {
        Model = model;
        Reader = model.Description.CreateReader();
        Reader.CheckColumn(features);
    }

    public AudioModelParameters Model { get; }

    public FeatureReader Reader { get; }

    /// <summary>Creates getters for single rows: a batch of one clip, scored once a row.</summary>
    public override Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> isActive, out IDisposable? state)
    {
        state = null;
        var scores = new BatchScores(Model, Reader, capacity: 1);
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

    /// <summary>Creates the getter of an added column for the clips of a batch.</summary>
    /// <param name="column">Index of the column among those added.</param>
    /// <param name="scores">The batch.</param>
    /// <param name="clip">Returns the index in the batch of the current row's clip.</param>
    public Delegate CreateGetter(int column, BatchScores scores, Func<int> clip) =>
        Model.Task.CreateGetter(column, () => scores.Probabilities(clip()));
}
