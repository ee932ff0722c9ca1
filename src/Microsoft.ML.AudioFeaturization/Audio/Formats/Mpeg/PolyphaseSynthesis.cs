using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>
/// The synthesis filter bank of one channel: 32 samples of time from one of each of 32 subbands. ISO/IEC 11172-3, 2.4.3.2.2,
/// with the cosine transform of 64 outputs folded into one of 32, and all slots of a granule side by side in vectors.
/// </summary>
internal sealed class PolyphaseSynthesis
{
    /// <summary>Subbands.</summary>
    public const int Bands = 32;

    /// <summary>The most slots that are transformed at once.</summary>
    public const int MaximumSlots = 18;

    /// <summary>Values from one subband to the next in the input: slots, rounded up to whole vectors.</summary>
    public const int Stride = 24;

    private const int Lanes = 8;
    private const int Taps = 8;

    // Of the 16 slots before, the filter needs 15.
    private const int History = 16;
    private const int RowLength = History + Stride;

    private static readonly float[] s_window = CreateWindow();

    // For each sample of a slot: the row of cosines that its even taps read, and that of its odd ones.
    private static readonly int[] s_evenRows = [.. Enumerable.Range(0, Bands).Select(j => j <= 15 ? 16 + j : j == 16 ? 0 : 48 - j)];
    private static readonly int[] s_oddRows = [.. Enumerable.Range(0, Bands).Select(j => j <= 16 ? 16 - j : j - 16)];

    private static readonly float[] s_odd16 = Cosines(16, (row, k) => ((2 * row) + 1) * ((2 * k) + 1) / 64.0);
    private static readonly float[] s_odd8 = Cosines(8, (row, k) => ((2 * row) + 1) * ((2 * k) + 1) / 32.0);
    private static readonly float[] s_odd4 = Cosines(4, (row, k) => ((2 * row) + 1) * ((2 * k) + 1) / 16.0);
    private static readonly float[] s_even4 = Cosines(4, (row, k) => row * ((2 * k) + 1) / 8.0);

    private readonly float[] _rows = new float[Bands * RowLength];
    private readonly float[] _output = new float[Bands * Stride];

    // ISO/IEC 11172-3, Table B.3, in 1/65536; the second half mirrors the first.
    private static ReadOnlySpan<int> Window =>
    [
        0, -1, -1, -1, -1, -1, -1, -2, -2, -2, -2, -3, -3, -4, -4, -5, -5, -6, -7, -7, -8, -9, -10, -11, -13, -14,
        -16, -17, -19, -21, -24, -26, -29, -31, -35, -38, -41, -45, -49, -53, -58, -63, -68, -73, -79, -85, -91,
        -97, -104, -111, -117, -125, -132, -139, -147, -154, -161, -169, -176, -183, -190, -196, -202, -208, 213,
        218, 222, 225, 227, 228, 228, 227, 224, 221, 215, 208, 200, 189, 177, 163, 146, 127, 106, 83, 57, 29, -2,
        -36, -72, -111, -153, -197, -244, -294, -347, -401, -459, -519, -581, -645, -711, -779, -848, -919, -991,
        -1064, -1137, -1210, -1283, -1356, -1428, -1498, -1567, -1634, -1698, -1759, -1817, -1870, -1919, -1962,
        -2001, -2032, -2057, -2075, -2085, -2087, -2080, -2063, 2037, 2000, 1952, 1893, 1822, 1739, 1644, 1535,
        1414, 1280, 1131, 970, 794, 605, 402, 185, -45, -288, -545, -814, -1095, -1388, -1692, -2006, -2330, -2663,
        -3004, -3351, -3705, -4063, -4425, -4788, -5153, -5517, -5879, -6237, -6589, -6935, -7271, -7597, -7910,
        -8209, -8491, -8755, -8998, -9219, -9416, -9585, -9727, -9838, -9916, -9959, -9966, -9935, -9863, -9750,
        -9592, -9389, -9139, -8840, -8492, -8092, -7640, -7134, 6574, 5959, 5288, 4561, 3776, 2935, 2037, 1082, 70,
        -998, -2122, -3300, -4533, -5818, -7154, -8540, -9975, -11455, -12980, -14548, -16155, -17799, -19478,
        -21189, -22929, -24694, -26482, -28289, -30112, -31947, -33791, -35640, -37489, -39336, -41176, -43006,
        -44821, -46617, -48390, -50137, -51853, -53534, -55178, -56778, -58333, -59838, -61289, -62684, -64019,
        -65290, -66494, -67629, -68692, -69679, -70590, -71420, -72169, -72835, -73415, -73908, -74313, -74630,
        -74856, -74992, 75038,
    ];

    /// <summary>Forgets the slots before.</summary>
    public void Reset() => Array.Clear(_rows);

    /// <summary>Transforms the next slots.</summary>
    /// <param name="subbands">(32, <see cref="Stride"/>): the samples of each subband.</param>
    /// <param name="slots">Slots, at most <see cref="MaximumSlots"/>.</param>
    /// <param name="samples">Receives 32 samples a slot, full scale at +-1, each <paramref name="channels"/> apart.</param>
    /// <param name="channels">Channels that are interleaved.</param>
    public void Process(ReadOnlySpan<float> subbands, int slots, Span<float> samples, int channels)
    {
        for (int column = 0; column < Stride; column += Lanes)
        {
            Transform(subbands, column);
        }

        ref float rows = ref MemoryMarshal.GetArrayDataReference(_rows);
        for (int j = 0; j < Bands; j++)
        {
            ref float even = ref _rows[(s_evenRows[j] * RowLength) + History];
            ref float odd = ref _rows[(s_oddRows[j] * RowLength) + History];
            ReadOnlySpan<float> window = s_window.AsSpan(j * 2 * Taps, 2 * Taps);
            Vector256<float> sum0 = default;
            Vector256<float> sum1 = default;
            Vector256<float> sum2 = default;
            for (int tap = 0; tap < window.Length; tap += 2)
            {
                ref float first = ref System.Runtime.CompilerServices.Unsafe.Add(ref even, -tap);
                ref float second = ref System.Runtime.CompilerServices.Unsafe.Add(ref odd, -tap - 1);
                Vector256<float> weight = Vector256.Create(window[tap]);
                sum0 = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(ref first), sum0);
                sum1 = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(ref first, Lanes), sum1);
                sum2 = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(ref first, 2 * Lanes), sum2);
                weight = Vector256.Create(window[tap + 1]);
                sum0 = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(ref second), sum0);
                sum1 = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(ref second, Lanes), sum1);
                sum2 = Vector256.FusedMultiplyAdd(weight, Vector256.LoadUnsafe(ref second, 2 * Lanes), sum2);
            }

            ref float output = ref _output[j * Stride];
            sum0.StoreUnsafe(ref output);
            sum1.StoreUnsafe(ref output, Lanes);
            sum2.StoreUnsafe(ref output, 2 * Lanes);
        }

        Interleave(slots, samples, channels);
        for (int row = 0; row < _rows.Length; row += RowLength)
        {
            _rows.AsSpan(row + slots, History).CopyTo(_rows.AsSpan(row));
        }
    }

    private void Interleave(int slots, Span<float> samples, int channels)
    {
        int place = 0;
        for (int slot = 0; slot < slots; slot++)
        {
            for (int j = slot; j < _output.Length; j += Stride)
            {
                samples[place] = _output[j];
                place += channels;
            }
        }
    }

    // The cosine transform of eight slots: rows with even numbers from sums of the subbands at both ends, odd ones from
    // differences, and so on with the even ones.
    private void Transform(ReadOnlySpan<float> subbands, int column)
    {
        Span<Vector256<float>> sums = stackalloc Vector256<float>[16];
        Span<Vector256<float>> differences = stackalloc Vector256<float>[16];
        ref float input = ref MemoryMarshal.GetReference(subbands[..(Bands * Stride)]);
        for (int k = 0; k < 16; k++)
        {
            Vector256<float> low = Vector256.LoadUnsafe(ref input, (nuint)((k * Stride) + column));
            Vector256<float> high = Vector256.LoadUnsafe(ref input, (nuint)(((31 - k) * Stride) + column));
            sums[k] = low + high;
            differences[k] = low - high;
        }

        Multiply(s_odd16, differences, column, firstRow: 1, rowStep: 2);
        for (int half = 8; half >= 4; half /= 2)
        {
            for (int k = 0; k < half; k++)
            {
                Vector256<float> low = sums[k];
                Vector256<float> high = sums[(2 * half) - 1 - k];
                sums[k] = low + high;
                differences[k] = low - high;
            }

            int step = 32 / half;
            Multiply(half == 8 ? s_odd8 : s_odd4, differences[..half], column, firstRow: step / 2, rowStep: step);
        }

        Multiply(s_even4, sums[..4], column, firstRow: 0, rowStep: 8);
    }

    private void Multiply(float[] cosines, ReadOnlySpan<Vector256<float>> input, int column, int firstRow, int rowStep)
    {
        ref float output = ref _rows[(firstRow * RowLength) + History + column];
        int length = input.Length;
        for (int row = 0; row < length; row += 4)
        {
            ref float weights = ref cosines[row * length];
            Vector256<float> sum0 = default;
            Vector256<float> sum1 = default;
            Vector256<float> sum2 = default;
            Vector256<float> sum3 = default;
            for (int k = 0; k < length; k++)
            {
                Vector256<float> value = input[k];
                ref float weight = ref System.Runtime.CompilerServices.Unsafe.Add(ref weights, k);
                sum0 = Vector256.FusedMultiplyAdd(Vector256.Create(weight), value, sum0);
                weight = ref System.Runtime.CompilerServices.Unsafe.Add(ref weight, length);
                sum1 = Vector256.FusedMultiplyAdd(Vector256.Create(weight), value, sum1);
                weight = ref System.Runtime.CompilerServices.Unsafe.Add(ref weight, length);
                sum2 = Vector256.FusedMultiplyAdd(Vector256.Create(weight), value, sum2);
                weight = ref System.Runtime.CompilerServices.Unsafe.Add(ref weight, length);
                sum3 = Vector256.FusedMultiplyAdd(Vector256.Create(weight), value, sum3);
            }

            nuint distance = (nuint)(rowStep * RowLength);
            nuint place = (nuint)row * distance;
            sum0.StoreUnsafe(ref output, place);
            sum1.StoreUnsafe(ref output, place + distance);
            sum2.StoreUnsafe(ref output, place + (2 * distance));
            sum3.StoreUnsafe(ref output, place + (3 * distance));
        }
    }

    private static float[] Cosines(int size, Func<int, int, double> turns)
    {
        var matrix = new float[size * size];
        for (int i = 0; i < matrix.Length; i++)
        {
            matrix[i] = (float)Math.Cos(Math.PI * turns(i / size, i % size));
        }

        return matrix;
    }

    // For each of 32 samples, its taps: even and odd ones in turn, with the signs that folding the transform brings.
    private static float[] CreateWindow()
    {
        var window = new float[Bands * 2 * Taps];
        for (int j = 0; j < Bands; j++)
        {
            for (int tap = 0; tap < Taps; tap++)
            {
                int evenSign = j < 16 ? 1 : j == 16 ? 0 : -1;
                window[(((j * Taps) + tap) * 2) + 0] = evenSign * WindowAt((64 * tap) + j) / 65536f;
                window[(((j * Taps) + tap) * 2) + 1] = -WindowAt((64 * tap) + 32 + j) / 65536f;
            }
        }

        return window;
    }

    private static int WindowAt(int index) =>
        index <= 256 ? Window[index] : index % 64 == 0 ? Window[512 - index] : -Window[512 - index];
}
