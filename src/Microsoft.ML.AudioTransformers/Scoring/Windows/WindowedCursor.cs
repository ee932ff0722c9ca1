using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Scoring.Windows;

/// <summary>
/// Cursor that scores each clip in windows, and pools the windows' scores. Batches are filled across clips: with the last
/// windows of one clip go the first ones of the next. It holds one batch of windows, and reads no more rows ahead than that.
/// </summary>
internal sealed class WindowedCursor : ScoringCursor
{
    private readonly WindowedClips _clips;
    private readonly BatchScores _batch;
    private readonly int _capacity;
    private readonly string _column;

    // Rows by number: those before _completeRows are scored, and the last of those before _readRows may be open still. A row's
    // slot is its number modulo the slots; the pools have the same slots. A batch has windows of the open row and of no more
    // than as many others.
    private readonly ScorePool[] _pools;
    private readonly int[] _slotOfWindow;
    private long _readRows;
    private long _completeRows;
    private long _position = -1;
    private bool _isOpen;
    private bool _inputEnded;

    public WindowedCursor(RowMapper mapper, ScoringMapping mapping, DataViewRowCursor input, bool[] active)
        : base(mapper, mapping, input, active, mapping.Model.Description.ScoringBatchSize + 1)
    {
        _capacity = mapping.Model.Description.ScoringBatchSize;
        _column = mapping.Sources[0].Name;
        _clips = new WindowedClips(input, mapping.Sources[0], mapping.Windows!);
        _batch = new BatchScores(mapping.Model, mapping.Reader, _capacity);
        _slotOfWindow = new int[_capacity];
        _pools = [.. Enumerable.Range(0, _capacity + 1).Select(_ => mapping.CreatePool())];
    }

    public override long Position => _position;

    protected override int Slot => (int)(_position % _pools.Length);

    public override bool MoveNext()
    {
        long next = IsDisposed ? -1 : _position + 1;
        while (!IsDisposed && next == _completeRows && !(_inputEnded && !_isOpen))
        {
            ScoreBatch();
        }

        if (IsDisposed || next == _completeRows)
        {
            // Another call finds the same end.
            (_position, _completeRows) = (-1, 0);
            return false;
        }

        _position = next;
        return true;
    }

    protected override ReadOnlySpan<float> Scores() => _pools[Slot].Pooled;

    protected override void Dispose(bool disposing)
    {
        if (disposing && !IsDisposed)
        {
            _position = -1;
            _clips.Dispose();
        }

        base.Dispose(disposing);
    }

    private void ScoreBatch()
    {
        _batch.Clear();
        while (_batch.Count < _capacity && (_isOpen || Begin()))
        {
            _isOpen = _clips.MoveNext();
            if (_isOpen)
            {
                _slotOfWindow[_batch.Count] = (int)((_readRows - 1) % _pools.Length);
                _batch.Add(_clips.Samples, _column, _clips.Position);
            }
        }

        for (int window = 0; window < _batch.Count; window++)
        {
            _pools[_slotOfWindow[window]].Add(_batch.Probabilities(window));
        }

        _completeRows = _readRows - (_isOpen ? 1 : 0);
    }

    // Begins the clip of the next row.
    private bool Begin()
    {
        if (_inputEnded || !Input.MoveNext())
        {
            _inputEnded = true;
            return false;
        }

        int slot = (int)(_readRows++ % _pools.Length);
        Keep(slot);
        _pools[slot].Clear();
        _clips.Begin();
        return _isOpen = true;
    }
}
