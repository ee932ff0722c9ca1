using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.AudioFeaturization.Simd;

namespace Microsoft.ML.AudioFeaturization.Audio;

/// <summary>
/// A resampler's sums for many blocks at once, one block in each lane: inputs are transposed so that a tap meets the
/// same sample of sixteen blocks in one vector, and outputs transposed back.
/// </summary>
internal sealed unsafe class LaneConvolution
{
    // Rates above this, reduced, would need too many samples for sixteen blocks.
    private const int MaximumRate = 1 << 11;
    private const int WantedSamples = 1 << 12;

    private readonly ResamplingKernel _kernel;
    private readonly int _columns;

    // Rows begin on a cache line, so that most loads stay within one.
    private readonly int _stride;

    private readonly AlignedBuffer<float> _rows;
    private readonly AlignedBuffer<float> _outputs;

    public LaneConvolution(ResamplingKernel kernel)
    {
        _kernel = kernel;
        Blocks = Lanes.Count * Math.Max(1, WantedSamples / (Lanes.Count * Math.Max(kernel.From, kernel.To)));

        // From the first tap of the first phase to the last tap, or the zeros behind it, of the last.
        int length = Math.Max(kernel.Taps, kernel.BundleLength);
        int reach = kernel.FirstInput(kernel.To - 1) + length - kernel.FirstInput(0);
        _columns = (Blocks + ((reach - 1) / kernel.From) + 3) / 4 * 4;
        _stride = (_columns + Lanes.Count - 1) / Lanes.Count * Lanes.Count;
        _rows = new AlignedBuffer<float>(kernel.From * _stride);
        _outputs = new AlignedBuffer<float>(kernel.To * Blocks);
    }

    /// <summary>The blocks of one call.</summary>
    public int Blocks { get; }

    /// <summary>The inputs that a call needs, from the first tap of its first block on.</summary>
    public int InputLength => _columns * _kernel.From;

    /// <summary>Whether a ratio's blocks are short enough to be worked on side by side.</summary>
    public static bool Suits(ResamplingKernel kernel) =>
        kernel.HasTable && Math.Max(kernel.From, kernel.To) <= MaximumRate;

    /// <summary>Computes the outputs of <see cref="Blocks"/> blocks.</summary>
    /// <param name="input"><see cref="InputLength"/> samples.</param>
    /// <param name="output">Room for as many times the kernel's <see cref="ResamplingKernel.To"/> samples.</param>
    public void Run(ReadOnlySpan<float> input, Span<float> output)
    {
        fixed (float* source = input[..InputLength], target = output[..(Blocks * _kernel.To)])
        {
            Transposition.Run(source, _kernel.From, _columns, _kernel.From, _rows.Pointer, _stride);
            RunBundles();
            RunRest();
            Transposition.Run(_outputs.Pointer, Blocks, _kernel.To, Blocks, target, _kernel.To);
        }
    }

    // Four phases meet an input once it is loaded.
    private void RunBundles()
    {
        const int Size = ResamplingKernel.BundleSize;
        fixed (float* bundles = _kernel.Bundles)
        {
            float* taps = bundles;
            for (int phase = 0; phase + Size <= _kernel.To; phase += Size)
            {
                int start = _kernel.FirstInput(phase) - _kernel.FirstInput(0);
                float* sums = _outputs.Pointer + ((long)phase * Blocks);
                for (int block = 0; block < Blocks; block += Lanes.Count)
                {
                    SumBundle(_rows.Pointer + block, start, taps, sums + block);
                }

                taps += _kernel.BundleLength * Size;
            }
        }
    }

    private void RunRest()
    {
        for (int phase = _kernel.To - (_kernel.To % ResamplingKernel.BundleSize); phase < _kernel.To; phase++)
        {
            fixed (float* taps = _kernel.Row(phase, []))
            {
                int start = _kernel.FirstInput(phase) - _kernel.FirstInput(0);
                float* sums = _outputs.Pointer + ((long)phase * Blocks);
                for (int block = 0; block < Blocks; block += Lanes.Count)
                {
                    Sum(_rows.Pointer + block, start, taps).Store(sums + block);
                }
            }
        }
    }

    // Sample j of a block lies in row j % From and column j / From: runs of rows, from one column to the next.
    private void SumBundle(float* rows, int start, float* taps, float* sums)
    {
        int row = start % _kernel.From;
        float* column = rows + (start / _kernel.From);
        Vector512<float> sum0 = Vector512<float>.Zero;
        Vector512<float> sum1 = Vector512<float>.Zero;
        Vector512<float> sum2 = Vector512<float>.Zero;
        Vector512<float> sum3 = Vector512<float>.Zero;
        for (int left = _kernel.BundleLength; left > 0; column++)
        {
            int run = Math.Min(left, _kernel.From - row);
            float* input = column + ((long)row * _stride);
            for (int i = 0; i < run; i++)
            {
                Vector512<float> x = Vector512.Load(input);
                sum0 = Vector512.MultiplyAddEstimate(x, Vector512.Create(taps[0]), sum0);
                sum1 = Vector512.MultiplyAddEstimate(x, Vector512.Create(taps[1]), sum1);
                sum2 = Vector512.MultiplyAddEstimate(x, Vector512.Create(taps[2]), sum2);
                sum3 = Vector512.MultiplyAddEstimate(x, Vector512.Create(taps[3]), sum3);
                input += _stride;
                taps += ResamplingKernel.BundleSize;
            }

            left -= run;
            row = 0;
        }

        sum0.Store(sums);
        sum1.Store(sums + Blocks);
        sum2.Store(sums + (2L * Blocks));
        sum3.Store(sums + (3L * Blocks));
    }

    private Vector512<float> Sum(float* rows, int start, float* taps)
    {
        int row = start % _kernel.From;
        float* column = rows + (start / _kernel.From);
        Vector512<float> even = Vector512<float>.Zero;
        Vector512<float> odd = Vector512<float>.Zero;
        for (int left = _kernel.Taps; left > 0; column++)
        {
            int run = Math.Min(left, _kernel.From - row);
            float* input = column + ((long)row * _stride);
            int i = 0;

            // Two sums side by side: one alone would wait for itself.
            for (; i + 1 < run; i += 2)
            {
                even = Add(input, taps + i, even);
                odd = Add(input + _stride, taps + i + 1, odd);
                input += 2L * _stride;
            }

            if (i < run)
            {
                even = Add(input, taps + i, even);
            }

            taps += run;
            left -= run;
            row = 0;
        }

        return even + odd;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(float* input, float* tap, Vector512<float> sum) =>
        Vector512.MultiplyAddEstimate(Vector512.Load(input), Vector512.Create(*tap), sum);
}
