using System.Runtime.ExceptionServices;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.ClipScoring.Windows;

/// <summary>
/// Cursor that scores each clip in windows, and pools the windows' scores. Batches are filled across clips: with the last
/// windows of one clip go the first ones of the next. The first batches have windows of one, three and so on clips at the most;
/// once a batch is whole, another thread reads the next while it is scored, so that two are held, whatever the clips' lengths.
/// </summary>
internal sealed class WindowedCursor : ScoringCursor
{
    private readonly WindowedClips _clips;
    private readonly int _capacity;
    private readonly string _column;

    // Rows by number; a row's slot, and its pool, is its number modulo the slots. Those that are read out, those of the batch
    // that is scored and those of the batch that is read ahead are never more than the slots.
    private readonly ScorePool[] _pools;
    private readonly Queue<WindowBatch> _idle;
    private Task<WindowBatch>? _ahead;
    private bool _isLastScored;
    private long _completeRows;
    private long _position = -1;
    private ExceptionDispatchInfo? _failure;

    // Only the thread that reads uses these.
    private int _mostRows = 1;
    private long _readRows;
    private bool _isOpen;
    private bool _inputEnded;

    public WindowedCursor(RowMapper mapper, ScoringMapping mapping, DataViewRowCursor input, bool[] active)
        : base(mapper, mapping, input, active, SlotCount(mapping))
    {
        _capacity = mapping.Model.BatchSize;
        _column = mapping.Sources[0].Name;
        _clips = new WindowedClips(input, mapping.Sources[0], mapping.Windows!);
        _pools = [.. Enumerable.Range(0, SlotCount(mapping)).Select(_ => mapping.CreatePool())];
        _idle = new Queue<WindowBatch>(
            [.. Enumerable.Range(0, 2).Select(_ => new WindowBatch(
                new BatchScores(mapping.Model, mapping.Reader, _capacity), new int[_capacity]))]);
    }

    public override long Position => _position;

    protected override int Slot => (int)(_position % _pools.Length);

    public override bool MoveNext()
    {
        if (IsDisposed)
        {
            return false;
        }

        // Of the batch that failed, some windows are in no pool: going on with it, or behind it, would give wrong scores.
        _failure?.Throw();
        long next = _position + 1;
        try
        {
            while (next == _completeRows && !_isLastScored)
            {
                ScoreBatch(_ahead ??= ReadNext());
            }
        }
        catch (Exception exception)
        {
            // The slot of the last row may have another one's values now: getters say that there is no row.
            _position = -1;
            _failure = ExceptionDispatchInfo.Capture(exception);
            throw;
        }

        if (next == _completeRows)
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
            // The input must not be disposed while it is read; what went wrong there is no one's concern now.
            _position = -1;
            _ahead?.ContinueWith(static reading => _ = reading.Exception, TaskScheduler.Default).Wait();
            _clips.Dispose();
        }

        base.Dispose(disposing);
    }

    // Rows that are read out, up to one batch and the open one; and two batches.
    private static int SlotCount(ScoringMapping mapping) => checked((3 * mapping.Model.BatchSize) + 2);

    private Task<WindowBatch> ReadNext()
    {
        WindowBatch batch = _idle.Dequeue();
        return Task.Run(() => Read(batch));
    }

    private void ScoreBatch(Task<WindowBatch> reading)
    {
        WindowBatch batch = reading.GetAwaiter().GetResult();
        _isLastScored = batch.IsLast;

        // Of a batch that is not whole, all that a preview shows may be in it.
        _ahead = !batch.IsLast && batch.Scores.Count == _capacity ? ReadNext() : null;

        for (int window = 0; window < batch.Scores.Count; window++)
        {
            _pools[batch.Slots[window]].Add(batch.Scores.Probabilities(window));
        }

        _completeRows = batch.CompleteRows;
        _idle.Enqueue(batch);
    }

    private WindowBatch Read(WindowBatch batch)
    {
        // A preview or TakeRows reads a few rows, and each row that is begun is decoded.
        BatchScores scores = batch.Scores;
        long last = _readRows + _mostRows;
        scores.Clear();
        while (scores.Count < _capacity && (_isOpen || (_readRows < last && Begin())))
        {
            _isOpen = _clips.MoveNext();
            if (_isOpen)
            {
                batch.Slots[scores.Count] = (int)((_readRows - 1) % _pools.Length);
                scores.Add(_clips.Samples, _column, _clips.Position);
            }
        }

        _mostRows = _readRows == last ? Math.Min(3 * _mostRows, _capacity) : _mostRows;
        batch.CompleteRows = _readRows - (_isOpen ? 1 : 0);
        batch.IsLast = _inputEnded && !_isOpen;
        return batch;
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

    /// <summary>A batch of windows.</summary>
    /// <param name="Scores">Windows, which are scored when a score is read.</param>
    /// <param name="Slots">Slot of each window's row.</param>
    private sealed record WindowBatch(BatchScores Scores, int[] Slots)
    {
        /// <summary>Number of rows all of whose windows are in this batch or in one before.</summary>
        public long CompleteRows { get; set; }

        /// <summary>Whether no window follows.</summary>
        public bool IsLast { get; set; }
    }
}
