using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Rows of a data view from which a streamed dataset reads its clips again in each epoch.</summary>
/// <param name="data">Data view, whose rows have the same order each time.</param>
/// <param name="column">Feature column.</param>
/// <param name="reader">Reader that checks the values.</param>
/// <param name="name">Name of the dataset in messages, such as "training set".</param>
/// <param name="cuts">Count of the clips of which only the beginning is heard; null for none.</param>
/// <param name="readsWindows">Whether of recordings no more is read than the window that is drawn.</param>
internal sealed class ClipRows(
    IDataView data, DataViewSchema.Column column, FeatureReader reader, string name, ClipCuts? cuts = null,
    bool readsWindows = false)
{
    // Row of each clip, counted from 0.
    private readonly List<long> _clipRows = [];

    /// <summary>Adds the next clip.</summary>
    /// <param name="row">Its row, counted from 0.</param>
    public void Add(long row) => _clipRows.Add(row);

    /// <summary>Opens a stream of the clips of an order, which contains none of them twice.</summary>
    /// <param name="order">Clip indices, in order.</param>
    /// <param name="start">Index in <paramref name="order"/> of the first clip to read.</param>
    /// <remarks>
    /// The stream reads the rows in their order, and buffers a clip until its turn: the more an order differs from that of the
    /// rows, the larger is the buffer.
    /// </remarks>
    public Stream Open(int[] order, int start) => new(this, order, start);

    /// <summary>Stream of the values of clips. Not thread-safe.</summary>
    internal sealed class Stream : IDisposable
    {
        private readonly ClipRows _rows;
        private readonly int[] _order;
        private readonly bool[] _isWanted;
        private readonly DataViewRowCursor _cursor;
        private readonly Func<ClipValues> _values;

        // Values that were read before their turn, by clip.
        private readonly Dictionary<int, ClipValues> _buffer = [];
        private int _orderIndex;
        private int _nextClip;
        private readonly ClipCuts.Pass? _cuts;
        private long _rowsRead;

        public Stream(ClipRows rows, int[] order, int start)
        {
            _rows = rows;
            _order = order;
            _orderIndex = start;
            _isWanted = new bool[rows._clipRows.Count];
            foreach (int clip in order.AsSpan(start))
            {
                _isWanted[clip] = true;
            }

            _cursor = rows.ReadsWindows
                ? RowGetters.OpenCursor(rows.Data, [rows.Column], null) : rows.Data.GetRowCursor([rows.Column]);
            _values = Values(rows, _cursor);

            // What is told is told of the whole dataset.
            _cuts = start == 0 && order.Length == _isWanted.Length ? rows.Cuts?.Begin() : null;
        }

        /// <summary>Number of buffered clips.</summary>
        public int BufferedCount => _buffer.Count;

        /// <summary>Reads the values of the next clip.</summary>
        /// <exception cref="InvalidDataException">The data view has fewer rows than before, or a value is not finite.
        /// </exception>
        public ClipValues Next()
        {
            int wanted = _order[_orderIndex++];
            ClipValues values;
            while (!_buffer.Remove(wanted, out values))
            {
                Read();
            }

            return values;
        }

        public void Dispose()
        {
            _cursor.Dispose();
            if (_orderIndex == _order.Length)
            {
                _cuts?.Dispose();
            }
        }

        private Func<ClipValues> Values(ClipRows rows, DataViewRowCursor cursor)
        {
            if (rows.ReadsWindows && rows.Reader.Recordings(cursor, rows.Column) is { } recordings)
            {
                return () => new ClipValues(recordings());
            }

            Func<float[]> values = rows.Reader.Values(cursor, rows.Column);
            return () =>
            {
                float[] clip = values();
                _cuts?.Add(rows._clipRows[_nextClip - 1], clip.Length);
                return clip;
            };
        }

        /// <summary>Reads one more clip, or skips it if the rest of the order does not contain it.</summary>
        private void Read()
        {
            int clip = _nextClip++;
            long row = _rows._clipRows[clip];
            for (; _rowsRead <= row; _rowsRead++)
            {
                if (!_cursor.MoveNext())
                {
                    throw new InvalidDataException(
                        $"The {_rows.Name} ended after {_rowsRead} rows; expected as many as when it was read before.");
                }
            }

            if (_isWanted[clip])
            {
                _buffer.Add(clip, _values());
            }
        }
    }

    private IDataView Data => data;

    private DataViewSchema.Column Column => column;

    private FeatureReader Reader => reader;

    private string Name => name;

    private ClipCuts? Cuts => cuts;

    private bool ReadsWindows => readsWindows;
}
