using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.ClipScoring.Windows;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.ClipScoring;

/// <summary>
/// Row mapping of a model: adds the columns of its task to a row. It treats long clips as the model did when the mapping was
/// made.
/// </summary>
internal sealed class ScoringMapping : RowMapping
{
    private readonly WindowOptions _options;

    /// <param name="model">The model.</param>
    /// <param name="features">The feature column.</param>
    /// <param name="warn">Takes warnings.</param>
    public ScoringMapping(IClipScorer model, DataViewSchema.Column features, Action<string> warn)
        : base([features], model.Columns.CreateColumns())
    {
        Model = model;
        Reader = model.CreateReader();
        Reader.CheckColumn(features);
        Windows = model.CreateGrid();
        _options = model.Windows;
        Cuts = Windows is null ? Reader.CreateCuts(warn, $"column '{features.Name}'") : null;
    }

    public IClipScorer Model { get; }

    public FeatureReader Reader { get; }

    /// <summary>Where the windows of a clip lie; null if long clips are cut.</summary>
    public WindowGrid? Windows { get; }

    /// <summary>Count of the clips of which only the beginning is heard; null where there can be none.</summary>
    public ClipCuts? Cuts { get; }

    /// <summary>Creates a pool of the scores of one clip's windows.</summary>
    public ScorePool CreatePool() => new(Model.Columns.ClassNames.Count, _options);

    /// <summary>Creates getters for single rows, each scored once: as one clip, or in batches of its windows.</summary>
    public override Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> isActive, out IDisposable? state)
    {
        var row = Windows is null ? (RowScores)new ClipRowScores(this, input) : new WindowedRowScores(this, input);
        state = row;
        return [.. Enumerable.Range(0, Added.Count).Select(
            column => isActive(column) ? Model.Columns.CreateGetter(column, row.Scores) : null)];
    }
}
