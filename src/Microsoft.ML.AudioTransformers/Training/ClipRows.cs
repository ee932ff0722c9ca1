using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>The rows of a data view that clips are read from again each epoch, where memory does not hold them.</summary>
/// <param name="data">The rows, in an order that they always have.</param>
/// <param name="column">The feature column.</param>
/// <param name="reader">Checks its values.</param>
/// <param name="what">What the rows are, for messages.</param>
internal sealed class ClipRows(IDataView data, DataViewSchema.Column column, FeatureReader reader, string what)
{
    // For each clip, how many rows are before its own.
    private readonly List<long> _places = [];

    /// <summary>Adds the next clip.</summary>
    /// <param name="place">How many rows are before its own.</param>
    public void Add(long place) => _places.Add(place);

    /// <summary>Reads clips in an order, from one place in it on; none of them twice.</summary>
    /// <remarks>
    /// What is read is held until the order has it: the further an order departs from that of the rows, the more that is.
    /// </remarks>
    public Stream Open(int[] order, int start) => new(this, order, start);

    /// <summary>Values of clips, one clip after the other. Not to be used by two threads at once.</summary>
    internal sealed class Stream : IDisposable
    {
        private readonly ClipRows _rows;
        private readonly int[] _order;
        private readonly bool[] _isWanted;
        private readonly DataViewRowCursor _cursor;
        private readonly Func<float[]> _values;

        // Read, and not yet given.
        private readonly Dictionary<int, float[]> _waiting = [];
        private int _nextPlace;
        private int _nextClip;
        private long _rowsRead;

        public Stream(ClipRows rows, int[] order, int start)
        {
            _rows = rows;
            _order = order;
            _nextPlace = start;
            _isWanted = new bool[rows._places.Count];
            foreach (int clip in order.AsSpan(start))
            {
                _isWanted[clip] = true;
            }

            _cursor = rows.Data.GetRowCursor([rows.Column]);
            _values = rows.Reader.Values(_cursor, rows.Column);
        }

        /// <summary>How many clips are held.</summary>
        public int WaitingCount => _waiting.Count;

        /// <summary>The values of the order's next clip.</summary>
        /// <exception cref="InvalidDataException">The rows are fewer than they were, or hold what is not a number.
        /// </exception>
        public float[] Next()
        {
            int wanted = _order[_nextPlace++];
            float[]? values;
            while (!_waiting.Remove(wanted, out values))
            {
                Read();
            }

            return values;
        }

        public void Dispose() => _cursor.Dispose();

        /// <summary>Reads one more clip, or goes past it where the order has it no more.</summary>
        private void Read()
        {
            int clip = _nextClip++;
            long place = _rows._places[clip];
            for (; _rowsRead <= place; _rowsRead++)
            {
                if (!_cursor.MoveNext())
                {
                    throw new InvalidDataException(
                        $"The {_rows.What} ended after {_rowsRead} rows; expected as many as when it was read before.");
                }
            }

            if (_isWanted[clip])
            {
                _waiting.Add(clip, _values());
            }
        }
    }

    private IDataView Data => data;

    private DataViewSchema.Column Column => column;

    private FeatureReader Reader => reader;

    private string What => what;
}
