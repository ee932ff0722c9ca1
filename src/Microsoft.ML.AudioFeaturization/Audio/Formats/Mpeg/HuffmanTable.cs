using System.Numerics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>A table that finds the code at the start of some bits in two steps.</summary>
internal sealed class HuffmanTable
{
    private const int FirstBits = 8;
    private const int LengthBits = 5;

    // 256 entries for the first bits, then a part for each start of longer codes. An entry is a symbol and its code's length, or,
    // with a negative sign, the place of a part and how many more bits it is found by.
    private readonly int[] _entries;

    private HuffmanTable(ReadOnlySpan<int> codes, int linearBits, int size)
    {
        LinearBits = linearBits;
        var entries = new List<int>(new int[1 << FirstBits]);
        int longest = 0;
        foreach (int code in codes)
        {
            longest = Math.Max(longest, BitOperations.Log2((uint)code));
        }

        int more = Math.Max(0, longest - FirstBits);
        for (int symbol = 0; symbol < codes.Length; symbol++)
        {
            int length = BitOperations.Log2((uint)codes[symbol]);
            int bits = codes[symbol] - (1 << length);

            // x in the high half, y in the low one; the bits of a quadruple as they are.
            int value = size == 0 ? symbol : ((symbol / size) << 4) | (symbol % size);
            int entry = (value << LengthBits) | length;
            if (length <= FirstBits)
            {
                int first = bits << (FirstBits - length);
                for (int i = 0; i < 1 << (FirstBits - length); i++)
                {
                    entries[first + i] = entry;
                }

                continue;
            }

            int start = bits >> (length - FirstBits);
            if (entries[start] == 0)
            {
                entries[start] = -((entries.Count << LengthBits) | more);
                entries.AddRange(new int[1 << more]);
            }

            int part = -entries[start] >> LengthBits;
            int rest = (bits & ((1 << (length - FirstBits)) - 1)) << (FirstBits + more - length);
            for (int i = 0; i < 1 << (FirstBits + more - length); i++)
            {
                entries[part + rest + i] = entry;
            }
        }

        _entries = [.. entries];
    }

    /// <summary>The tables of pairs by the number that a granule selects them by; null for 0, 4 and 14, which have no codes.</summary>
    public static HuffmanTable?[] Pairs { get; } = CreatePairs();

    /// <summary>The two tables of quadruples.</summary>
    public static HuffmanTable[] Quadruples { get; } =
        [new(HuffmanCodes.TableA, 0, size: 0), new(HuffmanCodes.TableB, 0, size: 0)];

    /// <summary>Bits that follow where a value is 15.</summary>
    public int LinearBits { get; }

    /// <summary>Finds the code that some bits start with.</summary>
    /// <param name="bits">The bits, the first one highest.</param>
    /// <param name="length">The code's bits.</param>
    /// <returns>The symbol.</returns>
    public int Find(ulong bits, out int length)
    {
        int entry = _entries[(int)(bits >> (64 - FirstBits))];
        if (entry < 0)
        {
            entry = -entry;
            int more = entry & ((1 << LengthBits) - 1);
            entry = _entries[(entry >> LengthBits) + (int)((bits << FirstBits) >> (64 - more))];
        }

        length = entry & ((1 << LengthBits) - 1);
        return entry >> LengthBits;
    }

    private static HuffmanTable?[] CreatePairs()
    {
        var tables = new HuffmanTable?[32];
        tables[1] = new(HuffmanCodes.Table1, 0, 2);
        tables[2] = new(HuffmanCodes.Table2, 0, 3);
        tables[3] = new(HuffmanCodes.Table3, 0, 3);
        tables[5] = new(HuffmanCodes.Table5, 0, 4);
        tables[6] = new(HuffmanCodes.Table6, 0, 4);
        tables[7] = new(HuffmanCodes.Table7, 0, 6);
        tables[8] = new(HuffmanCodes.Table8, 0, 6);
        tables[9] = new(HuffmanCodes.Table9, 0, 6);
        tables[10] = new(HuffmanCodes.Table10, 0, 8);
        tables[11] = new(HuffmanCodes.Table11, 0, 8);
        tables[12] = new(HuffmanCodes.Table12, 0, 8);
        tables[13] = new(HuffmanCodes.Table13, 0, 16);
        tables[15] = new(HuffmanCodes.Table15, 0, 16);
        ReadOnlySpan<int> linearBits = [1, 2, 3, 4, 6, 8, 10, 13, 4, 5, 6, 7, 8, 9, 11, 13];
        for (int i = 0; i < linearBits.Length; i++)
        {
            tables[16 + i] = new(i < 8 ? HuffmanCodes.Table16 : HuffmanCodes.Table24, linearBits[i], 16);
        }

        return tables;
    }
}
