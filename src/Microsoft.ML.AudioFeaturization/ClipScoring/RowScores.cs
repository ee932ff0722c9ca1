using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.AudioFeaturization.ClipScoring.Windows;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.ClipScoring;

/// <summary>Scores of single rows, each computed once when it is asked for. Disposed with the row.</summary>
/// <param name="input">The row.</param>
internal abstract class RowScores(DataViewRow input) : IDisposable
{
    private readonly RowGuard _guard = new();
    private long _position = -1;

    /// <summary>Scores of the current row.</summary>
    /// <exception cref="InvalidOperationException">Another thread asks for scores of the same row.</exception>
    public ReadOnlySpan<float> Scores()
    {
        using RowGuard.Use use = _guard.Enter();
        if (_position != input.Position || _position < 0)
        {
            Score();
            _position = input.Position;
        }

        return Current;
    }

    public abstract void Dispose();

    /// <summary>Scores that were computed last.</summary>
    protected abstract ReadOnlySpan<float> Current { get; }

    /// <summary>Computes the scores of the current row.</summary>
    protected abstract void Score();
}

/// <summary>Scores of rows with one clip of the model's length each: a batch of one.</summary>
internal sealed class ClipRowScores : RowScores
{
    private readonly DataViewRow _input;
    private readonly string _column;
    private readonly ValueGetter<VBuffer<float>> _features;
    private readonly BatchScores _batch;
    private readonly ClipCuts.Pass? _cuts;
    private VBuffer<float> _values;

    public ClipRowScores(ScoringMapping mapping, DataViewRow input)
        : base(input)
    {
        _input = input;
        _column = mapping.Sources[0].Name;
        _features = input.GetGetter<VBuffer<float>>(mapping.Sources[0]);
        _batch = new BatchScores(mapping.Model, mapping.Reader, capacity: 1);
        _cuts = mapping.Cuts?.Begin();
    }

    public override void Dispose() => _cuts?.Dispose();

    protected override ReadOnlySpan<float> Current => _batch.Probabilities(0);

    protected override void Score()
    {
        _features(ref _values);
        _cuts?.Add(_input.Position, _values.Length);
        _batch.Clear();
        _batch.Add(_values, _column, _input.Position);
    }
}

/// <summary>Scores of rows with clips of any length, whose windows are scored in batches and pooled.</summary>
internal sealed class WindowedRowScores : RowScores
{
    private readonly string _column;
    private readonly WindowedClips _clips;
    private readonly BatchScores _batch;
    private readonly int _capacity;
    private readonly ScorePool _pool;

    public WindowedRowScores(ScoringMapping mapping, DataViewRow input)
        : base(input)
    {
        _column = mapping.Sources[0].Name;
        _clips = new WindowedClips(input, mapping.Sources[0], mapping.Windows!);
        _capacity = mapping.Model.BatchSize;
        _batch = new BatchScores(mapping.Model, mapping.Reader, _capacity);
        _pool = mapping.CreatePool();
    }

    public override void Dispose() => _clips.Dispose();

    protected override ReadOnlySpan<float> Current => _pool.Pooled;

    protected override void Score()
    {
        _pool.Clear();
        _batch.Clear();
        _clips.Begin();
        while (_clips.MoveNext())
        {
            _batch.Add(_clips.Samples, _column, _clips.Position);
            if (_batch.Count == _capacity)
            {
                Pool();
            }
        }

        Pool();
    }

    private void Pool()
    {
        for (int window = 0; window < _batch.Count; window++)
        {
            _pool.Add(_batch.Probabilities(window));
        }

        _batch.Clear();
    }
}
