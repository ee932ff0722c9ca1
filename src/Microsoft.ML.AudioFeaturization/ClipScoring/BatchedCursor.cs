using System.Runtime.ExceptionServices;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.ClipScoring;

/// <summary>
/// Cursor that reads a batch of rows, keeps their values of the active columns, and scores them together when the first
/// score is read. Batches triple from one row to the model's batch size; from the second of that size on, another thread
/// reads the next batch while one is scored.
/// </summary>
internal sealed class BatchedCursor : ScoringCursor
{
    private readonly string _featureColumn;
    private readonly KeptColumn<VBuffer<float>> _features;
    private readonly bool _areFeaturesActive;
    private readonly int _capacity;
    private readonly ClipCuts.Pass? _cuts;
    private readonly ScoringMapping _mapping;
    private RowBatch _current;
    private RowBatch? _other;
    private Task<RowBatch>? _ahead;
    private volatile bool _ends;
    private long _position = -1;
    private int _row;
    private ExceptionDispatchInfo? _failure;

    // Only the thread that reads uses these.
    private int _size = 1;
    private bool _inputEnded;

    public BatchedCursor(RowMapper mapper, ScoringMapping mapping, DataViewRowCursor input, bool[] active)
        : base(mapper, mapping, input, active, checked(2 * mapping.Model.BatchSize))
    {
        DataViewSchema.Column features = mapping.Sources[0];
        _featureColumn = features.Name;
        _capacity = mapping.Model.BatchSize;
        _mapping = mapping;
        _current = CreateBatch(0);

        // If the feature column is active too, its values are read once for both.
        var kept = Kept(features) as KeptColumn<VBuffer<float>>;
        _areFeaturesActive = kept is not null;
        _features = kept ?? new KeptColumn<VBuffer<float>>(input.GetGetter<VBuffer<float>>(features), 1);
        _cuts = mapping.Cuts?.Begin();
    }

    public override long Position => _position;

    protected override int Slot => _current.FirstSlot + _row;

    public override bool MoveNext()
    {
        if (IsDisposed)
        {
            return false;
        }

        // Of the batch that failed, some rows were read: going on with them, or behind it, would leave rows out in silence.
        _failure?.Throw();
        if (_position >= 0 && _row + 1 < _current.Scores.Count)
        {
            _row++;
            _position++;
            return true;
        }

        try
        {
            ReadBatch();
        }
        catch (Exception exception)
        {
            // The slots of the last row may have another one's values now: getters say that there is no row.
            _position = -1;
            _failure = ExceptionDispatchInfo.Capture(exception);
            throw;
        }

        _row = 0;
        _position = _current.Scores.Count == 0 ? -1 : _position + 1;
        return _current.Scores.Count > 0;
    }

    protected override ReadOnlySpan<float> Scores() => _current.Scores.Probabilities(_row);

    protected override void Dispose(bool disposing)
    {
        if (disposing && !IsDisposed)
        {
            // The input must not be disposed while it is read; what went wrong there is no one's concern now.
            _position = -1;
            _ends = true;
            _ahead?.ContinueWith(static reading => _ = reading.Exception, TaskScheduler.Default).Wait();
            _cuts?.Dispose();
        }

        base.Dispose(disposing);
    }

    private RowBatch CreateBatch(int firstSlot) =>
        new(new BatchScores(_mapping.Model, _mapping.Reader, _capacity), firstSlot);

    private void ReadBatch()
    {
        bool wasWhole = _current.Scores.Count == _capacity;
        if (_ahead is { } reading)
        {
            _ahead = null;
            RowBatch next = reading.GetAwaiter().GetResult();
            (_current, _other) = (next, _current);
        }
        else
        {
            Read(_current);
        }

        // After two whole batches more is wanted than a preview shows.
        if (wasWhole && _current.Scores.Count == _capacity && !_inputEnded)
        {
            RowBatch next = _other ??= CreateBatch(_capacity);
            _ahead = Task.Run(() => Read(next));
        }
    }

    private RowBatch Read(RowBatch batch)
    {
        // A preview or TakeRows reads a few rows, and each row read ahead is decoded: batches begin with one row and triple.
        int most = Math.Min(_size, _capacity);
        _size = Math.Min(3 * most, _capacity);
        batch.Scores.Clear();
        while (!_ends && !_inputEnded && batch.Scores.Count < most)
        {
            if (!Input.MoveNext())
            {
                _inputEnded = true;
                break;
            }

            int slot = batch.FirstSlot + batch.Scores.Count;
            Keep(slot);
            if (!_areFeaturesActive)
            {
                _features.Keep(slot = 0);
            }

            _cuts?.Add(Input.Position, _features[slot].Length);
            batch.Scores.Add(_features[slot], _featureColumn, Input.Position);
        }

        return batch;
    }

    /// <param name="Scores">Clips and scores.</param>
    /// <param name="FirstSlot">Slot of the values of its first row.</param>
    private sealed record RowBatch(BatchScores Scores, int FirstSlot);
}
