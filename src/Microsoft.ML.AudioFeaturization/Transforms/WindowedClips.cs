using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Transforms;

/// <summary>
/// Windows of the clips in a column, row after row: as a stream where the column has one, so that a file of any length takes
/// flat memory, or of the waveforms in memory. Not safe for use by several threads at once.
/// </summary>
internal sealed class WindowedClips : IDisposable
{
    private readonly DataViewRow _row;
    private readonly string _column;
    private readonly WaveformWindows _windows;
    private readonly ValueGetter<WaveformStream?>? _streams;
    private readonly ValueGetter<VBuffer<float>>? _waveforms;
    private WaveformStream? _stream;
    private VBuffer<float> _waveform;
    private float[] _dense = [];

    /// <param name="row">A row, or cursor, in which the column is active.</param>
    /// <param name="column">Column of waveforms.</param>
    /// <param name="grid">Where windows lie.</param>
    public WindowedClips(DataViewRow row, DataViewSchema.Column column, WindowGrid grid)
    {
        _row = row;
        _column = column.Name;
        _windows = new WaveformWindows(grid);
        _streams = WaveformStream.Find(row, column);
        _waveforms = _streams is null ? row.GetGetter<VBuffer<float>>(column) : null;
    }

    /// <summary>Row of the current clip.</summary>
    public long Position { get; private set; }

    /// <summary>First sample of the current window.</summary>
    public long Start => _windows.Start;

    /// <summary>Samples of the current window.</summary>
    public ReadOnlySpan<float> Samples => _windows.Samples;

    /// <summary>Begins the clip of the current row.</summary>
    public void Begin()
    {
        Position = _row.Position;
        if (_streams is null)
        {
            _waveforms!(ref _waveform);
            if (_dense.Length != _waveform.Length)
            {
                _dense = new float[_waveform.Length];
            }

            _waveform.CopyTo(_dense);
            _windows.Begin(_dense);
            return;
        }

        Close();
        _streams(ref _stream);
        _windows.Begin(_stream!.Read);
    }

    /// <summary>Moves to the next window of the clip.</summary>
    /// <exception cref="InvalidDataException">The clip is damaged, or has no sample.</exception>
    public bool MoveNext()
    {
        bool isFirst = _windows.Samples.IsEmpty;
        if (_windows.MoveNext())
        {
            return true;
        }

        Close();
        return !isFirst
            ? false
            : throw new InvalidDataException($"Column '{_column}', row {Position}: the waveform has no samples.");
    }

    /// <summary>Closes the file that is being read.</summary>
    public void Dispose() => Close();

    private void Close()
    {
        _stream?.Dispose();
        _stream = null;
    }
}
