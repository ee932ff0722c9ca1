using System.Runtime.ExceptionServices;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.ClipScoring;

/// <summary>
/// Cursor that reads a batch of rows ahead, keeps their values of the active columns, and scores them together when the first
/// score is read. Batches double from one row to the model's batch size.
/// </summary>
internal sealed class BatchedCursor : ScoringCursor
{
    private readonly string _featureColumn;
    private readonly KeptColumn<VBuffer<float>> _features;
    private readonly bool _areFeaturesActive;
    private readonly int _capacity;
    private readonly BatchScores _scores;
    private readonly ClipCuts.Pass? _cuts;
    private long _position = -1;
    private int _next = 1;
    private int _row;
    private bool _inputEnded;
    private ExceptionDispatchInfo? _failure;

    public BatchedCursor(RowMapper mapper, ScoringMapping mapping, DataViewRowCursor input, bool[] active)
        : base(mapper, mapping, input, active, mapping.Model.BatchSize)
    {
        DataViewSchema.Column features = mapping.Sources[0];
        _featureColumn = features.Name;
        _capacity = mapping.Model.BatchSize;
        _scores = new BatchScores(mapping.Model, mapping.Reader, _capacity);

        // If the feature column is active too, its values are read once for both.
        var kept = Kept(features) as KeptColumn<VBuffer<float>>;
        _areFeaturesActive = kept is not null;
        _features = kept ?? new KeptColumn<VBuffer<float>>(input.GetGetter<VBuffer<float>>(features), _capacity);
        _cuts = mapping.Cuts?.Begin();
    }

    public override long Position => _position;

    protected override int Slot => _row;

    public override bool MoveNext()
    {
        if (IsDisposed)
        {
            return false;
        }

        if (_position >= 0 && _row + 1 < _scores.Count)
        {
            _row++;
            _position++;
            return true;
        }

        // Rows of the batch that were read before the failure are gone: going on would leave them out in silence.
        _failure?.Throw();
        try
        {
            ReadBatch();
        }
        catch (Exception exception)
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
            throw;
        }

        _row = 0;
        _position = _scores.Count == 0 ? -1 : _position + 1;
        return _scores.Count > 0;
    }

    protected override ReadOnlySpan<float> Scores() => _scores.Probabilities(_row);

    protected override void Dispose(bool disposing)
    {
        if (disposing && !IsDisposed)
        {
            _position = -1;
            _cuts?.Dispose();
        }

        base.Dispose(disposing);
    }

    private void ReadBatch()
    {
        // A preview or TakeRows reads a few rows, and each row read ahead is decoded: batches begin with one row and double.
        int most = Math.Min(_next, _capacity);
        _next = Math.Min(2 * most, _capacity);
        _scores.Clear();
        while (!_inputEnded && _scores.Count < most)
        {
            if (!Input.MoveNext())
            {
                _inputEnded = true;
                break;
            }

            int row = _scores.Count;
            Keep(row);
            if (!_areFeaturesActive)
            {
                _features.Keep(row);
            }

            _cuts?.Add(Input.Position, _features[row].Length);
            _scores.Add(_features[row], _featureColumn, Input.Position);
        }
    }
}
