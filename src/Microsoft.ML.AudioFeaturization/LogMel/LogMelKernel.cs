using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.AudioFeaturization.Simd;

namespace Microsoft.ML.AudioFeaturization.LogMel;

/// <summary>
/// The transform from samples to log-mel values, a batch of <see cref="Lanes.Count"/> frames at a time. Its tables are
/// shared between threads; each thread has its own buffers in a <see cref="Workspace"/>.
/// </summary>
internal sealed unsafe class LogMelKernel
{
    private readonly FrameSpectra _spectra;
    private readonly ConcurrentQueue<Workspace> _idle = new();
    private readonly int _window;
    private readonly int _hop;
    private readonly int _rows;
    private readonly int _columns;

    // The coefficient of pre-emphasis over the whole waveform, or null.
    private readonly float? _preEmphasis;

    public LogMelKernel(LogMelOptions options)
    {
        Geometry = new FrameGeometry(options);
        Compressor = new BandCompressor(options);
        _window = options.WindowLength;
        _hop = options.HopLength;
        _rows = Math.Min(_hop, _window);

        // Rounded up to whole squares of the transposition.
        _columns = (Lanes.Count + ((_window - 1) / _hop) + 3) / 4 * 4;
        _spectra = FrameSpectra.Create(options, _columns);
        LostSamples = options.LostSamples;
        _preEmphasis = LostSamples > 0 ? options.PreEmphasis : null;
    }

    /// <summary>Where frames lie in the signal.</summary>
    public FrameGeometry Geometry { get; }

    /// <summary>The bands and their logarithm.</summary>
    public BandCompressor Compressor { get; }

    /// <summary>The number of samples by which the signal is shorter than the waveform.</summary>
    public int LostSamples { get; }

    /// <summary>A workspace that no one else uses until it is given back by <see cref="Return"/>.</summary>
    public Workspace Rent() => _idle.TryDequeue(out Workspace? workspace) ? workspace : new Workspace(this);

    /// <summary>Gives a workspace back.</summary>
    public void Return(Workspace workspace) => _idle.Enqueue(workspace);

    /// <summary>Computes up to <see cref="Lanes.Count"/> frames.</summary>
    /// <param name="workspace">
    /// Holds the result, (bands, <see cref="Lanes.Count"/>), in <see cref="Workspace.Values"/>.
    /// </param>
    /// <param name="waveform">The samples that the frames need.</param>
    /// <param name="firstFrame">The first frame.</param>
    /// <param name="count">The number of frames; the values of further lanes are meaningless.</param>
    /// <returns>Whether all values are finite, and with them all samples of the frames.</returns>
    public bool Run(Workspace workspace, SampleWindow waveform, long firstFrame, int count)
    {
        float* rows = workspace.Rows.Pointer;
        long start = Geometry.Start(firstFrame);
        long first = start - waveform.Start;
        int reach = _columns * _hop;
        bool inside = start >= 0 && start + reach <= waveform.Length && first + reach <= waveform.Samples.Length;
        if (_preEmphasis is null && inside)
        {
            fixed (float* source = waveform.Samples[(int)first..])
            {
                Transposition.Run(source, _hop, _columns, _rows, rows, _columns);
            }
        }
        else
        {
            Span<float> segment = workspace.Segment.Span;
            int needed = ((count - 1) * _hop) + _window;
            Fill(segment[..needed], waveform, start);
            segment[needed..].Clear();
            Transposition.Run(workspace.Segment.Pointer, _hop, _columns, _rows, rows, _columns);
        }

        _spectra.Run(rows, workspace.Spectra, workspace.Power.Pointer);
        return Compressor.Run(workspace.Power.Pointer, _spectra.Bins, workspace.Values.Pointer);
    }

    // The signal from an index on, which may lie beyond its ends.
    private void Fill(Span<float> segment, SampleWindow waveform, long start)
    {
        long length = waveform.Length - LostSamples;
        int before = (int)Math.Clamp(-start, 0, segment.Length);
        int inside = (int)Math.Clamp(length - start, before, segment.Length);
        for (int i = 0; i < before; i++)
        {
            segment[i] = Sample(waveform, Geometry.Fold(start + i, length));
        }

        for (int i = inside; i < segment.Length; i++)
        {
            segment[i] = Sample(waveform, Geometry.Fold(start + i, length));
        }

        if (inside == before)
        {
            return;
        }

        ReadOnlySpan<float> source = waveform.Samples[(int)(start + before - waveform.Start)..];
        segment = segment[before..inside];
        if (_preEmphasis is not float coefficient)
        {
            source[..segment.Length].CopyTo(segment);
            return;
        }

        ref float x = ref MemoryMarshal.GetReference(source);
        ref float y = ref MemoryMarshal.GetReference(segment);
        nuint place = 0;
        for (; place + Lanes.Count <= (nuint)segment.Length; place += Lanes.Count)
        {
            Vector512<float> next = Vector512.LoadUnsafe(ref x, place + 1);
            (next - (Vector512.LoadUnsafe(ref x, place) * coefficient)).StoreUnsafe(ref y, place);
        }

        for (int i = (int)place; i < segment.Length; i++)
        {
            segment[i] = source[i + 1] - (coefficient * source[i]);
        }
    }

    private float Sample(SampleWindow waveform, long index)
    {
        if (index < 0)
        {
            return 0;
        }

        int place = (int)(index - waveform.Start);
        return _preEmphasis is float coefficient
            ? waveform.Samples[place + 1] - (coefficient * waveform.Samples[place])
            : waveform.Samples[place];
    }

    /// <summary>The buffers of one thread.</summary>
    internal sealed class Workspace
    {
        public Workspace(LogMelKernel kernel)
        {
            // Loads of a vector reach beyond the last column.
            Segment = new AlignedBuffer<float>(Math.Max(
                kernel._columns * kernel._hop, ((Lanes.Count - 1) * kernel._hop) + kernel._window));
            Rows = new AlignedBuffer<float>((kernel._rows * kernel._columns) + Lanes.Count);
            Spectra = kernel._spectra.CreateBuffer();
            Power = new AlignedBuffer<float>(kernel._spectra.Bins * Lanes.Count);
            Values = new AlignedBuffer<float>(kernel.Compressor.Bands * Lanes.Count);
        }

        /// <summary>The signal under the batch's frames.</summary>
        public AlignedBuffer<float> Segment { get; }

        /// <summary>The same, cut at every hop and transposed.</summary>
        public AlignedBuffer<float> Rows { get; }

        /// <summary>The buffer of <see cref="FrameSpectra"/>.</summary>
        public object Spectra { get; }

        /// <summary>(bins, <see cref="Lanes.Count"/>).</summary>
        public AlignedBuffer<float> Power { get; }

        /// <summary>(bands, <see cref="Lanes.Count"/>).</summary>
        public AlignedBuffer<float> Values { get; }

        /// <summary>Room for a waveform that had to be made longer or freed of its mean.</summary>
        public float[] Waveform { get; set; } = [];
    }
}

/// <summary>A section of a waveform: all of it, or what a stream has in its buffer.</summary>
/// <param name="samples">The samples.</param>
/// <param name="start">The first one's index in the waveform.</param>
/// <param name="length">The waveform's length, or <see cref="FrameGeometry.Unknown"/>.</param>
internal readonly ref struct SampleWindow(ReadOnlySpan<float> samples, long start, long length)
{
    /// <summary>The samples.</summary>
    public ReadOnlySpan<float> Samples { get; } = samples;

    /// <summary>The first one's index in the waveform.</summary>
    public long Start { get; } = start;

    /// <summary>The waveform's length.</summary>
    public long Length { get; } = length;
}
