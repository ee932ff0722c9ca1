using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>
/// Resampling by windowed sinc, equal to <c>torchaudio.functional.resample</c>, of a signal that comes in blocks of any
/// size: the result does not depend on how it is cut, to the bit.
/// </summary>
/// <remarks>Not safe for use by several threads at once; the filters behind it are shared.</remarks>
internal sealed class Resampler
{
    private const int BufferLength = 1 << 13;

    private readonly ResamplingKernel _kernel;

    // Many blocks at once, or null where blocks are too long for that.
    private readonly LaneConvolution? _lanes;
    private readonly float[] _laneOutput;
    private readonly float[] _row;

    // Inputs from _bufferStart on. What lies behind _bufferLength is finite but meaningless, and meets taps of zero.
    private readonly float[] _buffer;
    private long _bufferStart;
    private int _bufferLength;
    private long _received;
    private long _produced;

    /// <param name="from">The signal's sample rate in Hz, at least 1.</param>
    /// <param name="to">The wanted sample rate in Hz, at least 1.</param>
    /// <param name="filter">The low-pass filter; torchaudio's defaults if null.</param>
    public Resampler(int from, int to, SincFilter? filter = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(to, 1);
        _kernel = ResamplingKernel.Get(from, to, filter ?? SincFilter.Default);
        _lanes = LaneConvolution.Suits(_kernel) ? new LaneConvolution(_kernel) : null;
        _laneOutput = _lanes is null ? [] : new float[_lanes.Blocks * _kernel.To];
        _row = _lanes is null ? new float[_kernel.RowLength] : [];
        _buffer = new float[BufferLength + (2 * Math.Max(_kernel.RowLength, _lanes?.InputLength ?? 0))];
        Reset();
    }

    /// <summary>The samples that <paramref name="length"/> input samples become: the next whole number.</summary>
    public long OutputLength(long length)
    {
        UInt128 outputs = (UInt128)length * (uint)_kernel.To;
        return (long)((outputs + (uint)_kernel.From - 1) / (uint)_kernel.From);
    }

    /// <summary>
    /// The most samples that any call gives for blocks of at most <paramref name="length"/> input samples.
    /// </summary>
    public int BlockCapacity(int length) =>
        checked((int)OutputLength((long)length + Math.Max(_kernel.RowLength, _lanes?.InputLength ?? 0)) + 1);

    /// <summary>The most input samples that are waited for before an output sample at the same time is given.</summary>
    public int Lookahead => Math.Max(_kernel.RowLength, _lanes?.InputLength ?? 0);

    /// <summary>
    /// The input sample from which on a signal gives the same outputs as the whole, but for its first: those before
    /// <paramref name="output"/>.
    /// </summary>
    /// <param name="output">The first output that is wanted, at least 0.</param>
    /// <returns>That input sample, and the output that a signal that begins with it gives first.</returns>
    public (long Input, long Output) StartOf(long output)
    {
        long margin = (-_kernel.FirstInput(0) + _kernel.From - 1) / _kernel.From;
        long block = Math.Max(0, (output / _kernel.To) - margin);
        return (checked(block * _kernel.From), block * _kernel.To);
    }

    /// <summary>Begins a new signal.</summary>
    public void Reset()
    {
        // Before its first sample a signal is zero.
        _bufferStart = _kernel.FirstInput(0);
        _bufferLength = (int)-_bufferStart;
        Array.Clear(_buffer);
        _received = 0;
        _produced = 0;
    }

    /// <summary>Takes the signal's next block and gives the samples that are complete.</summary>
    /// <param name="input">Finite samples.</param>
    /// <param name="output">Room for the samples that are complete, at most <see cref="BlockCapacity"/>.</param>
    /// <returns>How many samples were written.</returns>
    public int Process(ReadOnlySpan<float> input, Span<float> output)
    {
        int written = 0;
        while (input.Length > 0)
        {
            MakeRoom();
            int taken = Math.Min(input.Length, End - _bufferLength);
            input[..taken].CopyTo(_buffer.AsSpan(_bufferLength));
            _bufferLength += taken;
            _received += taken;
            input = input[taken..];
            written += Convolve(output[written..], long.MaxValue);
        }

        return written;
    }

    /// <summary>Ends the signal, which is zero from here on, and gives the rest.</summary>
    /// <param name="output">Room for the rest, at most <see cref="BlockCapacity"/> of 0.</param>
    /// <returns>How many samples were written.</returns>
    public int Finish(Span<float> output)
    {
        long total = OutputLength(_received);
        int written = 0;
        while (_produced < total)
        {
            MakeRoom();
            _buffer.AsSpan(_bufferLength, End - _bufferLength).Clear();
            _bufferLength = End;
            written += Convolve(output[written..], total);
        }

        return written;
    }

    // A row of taps may reach beyond the inputs.
    private int End => _buffer.Length - _kernel.RowLength;

    /// <summary>Resamples a whole signal.</summary>
    public static float[] Resample(ReadOnlySpan<float> signal, int from, int to, SincFilter? filter = null)
    {
        if (from == to)
        {
            return signal.ToArray();
        }

        var resampler = new Resampler(from, to, filter);
        var output = new float[checked((int)resampler.OutputLength(signal.Length))];
        int written = resampler.Process(signal, output);
        resampler.Finish(output.AsSpan(written));
        return output;
    }

    // Drops the inputs that no later output needs.
    private void MakeRoom()
    {
        (long block, long phase) = Math.DivRem(_produced, _kernel.To);
        long needed = (block * _kernel.From) + _kernel.FirstInput((int)phase);
        int dropped = (int)Math.Min(needed - _bufferStart, _bufferLength);
        _buffer.AsSpan(dropped, _bufferLength - dropped).CopyTo(_buffer);
        _bufferStart += dropped;
        _bufferLength -= dropped;
    }

    private int Convolve(Span<float> output, long total) =>
        _lanes is null ? ConvolveSingly(output, total) : ConvolveBlocks(_lanes, output, total);

    // Whole calls of many blocks; only the signal's end cuts one short.
    private int ConvolveBlocks(LaneConvolution lanes, Span<float> output, long total)
    {
        int written = 0;
        while (_produced < total)
        {
            long start = (_produced / _kernel.To * _kernel.From) + _kernel.FirstInput(0) - _bufferStart;
            if (start + lanes.InputLength > _bufferLength)
            {
                break;
            }

            ReadOnlySpan<float> input = _buffer.AsSpan((int)start, lanes.InputLength);
            int count = (int)Math.Min(_laneOutput.Length, total - _produced);
            if (count == _laneOutput.Length)
            {
                lanes.Run(input, output[written..]);
            }
            else
            {
                lanes.Run(input, _laneOutput);
                _laneOutput.AsSpan(0, count).CopyTo(output[written..]);
            }

            written += count;
            _produced += count;
        }

        return written;
    }

    private int ConvolveSingly(Span<float> output, long total)
    {
        ResamplingKernel kernel = _kernel;
        (long block, long rest) = Math.DivRem(_produced, kernel.To);
        int phase = (int)rest;
        long blockStart = (block * kernel.From) - _bufferStart;
        int written = 0;
        while (_produced + written < total)
        {
            long start = blockStart + kernel.FirstInput(phase);
            if (start + kernel.Taps > _bufferLength)
            {
                break;
            }

            output[written++] = Dot(
                _buffer.AsSpan((int)start, kernel.RowLength), kernel.Row(phase, _row));
            if (++phase == kernel.To)
            {
                phase = 0;
                blockStart += kernel.From;
            }
        }

        _produced += written;
        return written;
    }

    private static float Dot(ReadOnlySpan<float> input, ReadOnlySpan<float> taps)
    {
        ref float x = ref MemoryMarshal.GetReference(input);
        ref float h = ref MemoryMarshal.GetReference(taps);
        Vector512<float> sum = Vector512<float>.Zero;
        for (nuint i = 0; i < (nuint)taps.Length; i += (nuint)Vector512<float>.Count)
        {
            sum = Vector512.MultiplyAddEstimate(Vector512.LoadUnsafe(ref x, i), Vector512.LoadUnsafe(ref h, i), sum);
        }

        return Vector512.Sum(sum);
    }
}
