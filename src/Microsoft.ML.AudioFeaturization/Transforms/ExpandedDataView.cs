using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Transforms;

/// <summary>The lazy view with one row for each window of the input's recordings.</summary>
/// <param name="input">Rows with recordings.</param>
/// <param name="schema">The input's columns, then samples, start and end.</param>
/// <param name="waveforms">The input column with the waveforms.</param>
/// <param name="grid">Where windows lie.</param>
/// <param name="sampleRate">The waveforms' sample rate in Hz.</param>
internal sealed class ExpandedDataView(
    IDataView input, DataViewSchema schema, DataViewSchema.Column waveforms, WindowGrid grid, int sampleRate) : IDataView
{
    public bool CanShuffle => input.CanShuffle;

    public DataViewSchema Schema => schema;

    /// <summary>Null: only reading the recordings tells.</summary>
    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = new bool[schema.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
        {
            active[column.Index] = true;
        }

        // Without the recordings there would be no telling how many rows there are.
        IEnumerable<DataViewSchema.Column> needed = input.Schema.Where(
            column => active[column.Index] || column.Index == waveforms.Index);
        DataViewRowCursor cursor = RowGetters.OpenCursor(input, needed, rand);
        try
        {
            return new Cursor(this, cursor, active);
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }

    /// <summary>Returns one cursor: rows of one recording come from one stream.</summary>
    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private DataViewSchema InputSchema => input.Schema;

    private DataViewSchema.Column Waveforms => waveforms;

    private WindowGrid Grid => grid;

    private int SampleRate => sampleRate;

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly ExpandedDataView _view;
        private readonly DataViewRowCursor _input;
        private readonly bool[] _active;
        private readonly WindowedClips _clips;
        private readonly ValueGetter<DataViewRowId> _id;
        private long _position = -1;
        private ulong _window;
        private bool _isOpen;
        private bool _ended;

        public Cursor(ExpandedDataView view, DataViewRowCursor input, bool[] active)
        {
            _view = view;
            _input = input;
            _active = active;
            _clips = new WindowedClips(input, view.Waveforms, view.Grid);
            _id = input.GetIdGetter();
        }

        public override DataViewSchema Schema => _view.Schema;

        public override long Position => _position;

        public override long Batch => _input.Batch;

        public override bool MoveNext()
        {
            while (!_ended)
            {
                if (!_isOpen)
                {
                    if (!_input.MoveNext())
                    {
                        break;
                    }

                    _clips.Begin();
                    _window = 0;
                }

                _isOpen = _clips.MoveNext();
                if (_isOpen)
                {
                    _window++;
                    _position++;
                    return true;
                }
            }

            _ended = true;
            _position = -1;
            return false;
        }

        public override bool IsColumnActive(DataViewSchema.Column column)
        {
            if (column.Index >= _active.Length || Schema[column.Index].Name != column.Name)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(column), column.Name, $"Column '{column.Name}' is not in this cursor's schema: {Schema}.");
            }

            return _active[column.Index];
        }

        // The recording's id, of which the window's number chooses one that no other row is likely to have.
        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) =>
        {
            CheckPosition();
            _id(ref value);
            value = new DataViewRowId(
                value.Low + (_window * 0x9E3779B97F4A7C15UL), value.High ^ (_window * 0xC2B2AE3D27D4EB4FUL));
        };

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(column), column.Name, $"Column '{column.Name}' was not among the columns asked for.");
            }

            int added = column.Index - _view.InputSchema.Count;
            if (added < 0)
            {
                return _input.GetGetter<TValue>(_view.InputSchema[column.Index]);
            }

            Delegate getter = added switch
            {
                0 => (ValueGetter<VBuffer<float>>)Samples,
                1 => (ValueGetter<double>)((ref double value) => value = Seconds(0)),
                _ => (ValueGetter<double>)((ref double value) => value = Seconds(_clips.Samples.Length)),
            };
            return RowGetters.Cast<TValue>(getter, column);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _ended = true;
                _position = -1;
                _clips.Dispose();
                _input.Dispose();
            }

            base.Dispose(disposing);
        }

        private void Samples(ref VBuffer<float> value)
        {
            CheckPosition();
            VBufferEditor<float> editor = VBufferEditor.Create(ref value, _clips.Samples.Length);
            _clips.Samples.CopyTo(editor.Values);
            value = editor.Commit();
        }

        private double Seconds(int samples)
        {
            CheckPosition();
            return (double)(_clips.Start + samples) / _view.SampleRate;
        }

        private void CheckPosition()
        {
            if (_position < 0)
            {
                throw new InvalidOperationException(
                    "The cursor is not on a row: MoveNext has not been called, or has returned false.");
            }
        }
    }
}
