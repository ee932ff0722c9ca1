using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring;

/// <summary>Row mapping of a model: adds the columns of its task to a row.</summary>
internal sealed class ScoringMapping : RowMapping
{
    /// <param name="model">The model.</param>
    /// <param name="features">The feature column.</param>
    /// <param name="warn">Takes warnings.</param>
    public ScoringMapping(AudioModelParameters model, DataViewSchema.Column features, Action<string> warn)
        : base([features], model.Task.CreateColumns())
    {
        Model = model;
        Reader = model.Description.CreateReader();
        Reader.CheckColumn(features);
        Cuts = Reader.CreateCuts(warn, $"column '{features.Name}'");
    }

    public AudioModelParameters Model { get; }

    public FeatureReader Reader { get; }

    /// <summary>Count of the clips of which only the beginning is heard; null where the column holds features.</summary>
    public ClipCuts? Cuts { get; }

    /// <summary>Creates getters for single rows: a batch of one clip, scored once a row.</summary>
    public override Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> isActive, out IDisposable? state)
    {
        ClipCuts.Pass? cuts = Cuts?.Begin();
        state = cuts;
        var scores = new BatchScores(Model, Reader, capacity: 1);
        ValueGetter<VBuffer<float>> features = input.GetGetter<VBuffer<float>>(Sources[0]);
        VBuffer<float> values = default;
        long position = -1;
        int Ensure()
        {
            if (position != input.Position || position < 0)
            {
                features(ref values);
                cuts?.Add(input.Position, values.Length);
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
