using System.Numerics;
using System.Runtime.CompilerServices;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Vorbis;

/// <summary>A codebook of Vorbis (Vorbis I, section 3): a Huffman code, and perhaps a vector for each of its
/// entries.</summary>
internal sealed class VorbisCodebook
{
    // Codes of this length or less are found by one look.
    private const int FastBits = 10;

    // Far more than encoders use, and little enough that a small packet cannot claim much memory.
    private const int MaximumEntries = 1 << 17;
    private const int MaximumValues = 1 << 19;

    // For each of the next bits as they come: the entry, and its length in the lowest 6 bits; or, below 0, minus the
    // node to go
    // on from.
    private readonly int[] _fast = new int[1 << FastBits];

    // Pairs: what follows a 0 and what follows a 1; a node's number, or below 0 an entry, as -1 - entry, or 0 for nothing.
    private readonly List<int> _nodes = [0, 0];
    private readonly byte[] _lengths;

    private VorbisCodebook(int dimensions, byte[] lengths)
    {
        Dimensions = dimensions;
        _lengths = lengths;
    }

    /// <summary>Numbers of a vector, and symbols that one stands for; at least 1.</summary>
    public int Dimensions { get; }

    /// <summary>The number of entries.</summary>
    public int Entries => _lengths.Length;

    /// <summary>The vectors one after the other, or empty where entries have none.</summary>
    public float[] Vectors { get; private set; } = [];

    /// <summary>Reads a codebook from the setup header.</summary>
    /// <param name="bits">At the codebook.</param>
    /// <param name="name">The recording's name in messages.</param>
    /// <exception cref="InvalidDataException">It makes no sense.</exception>
    public static VorbisCodebook Read(ref VorbisBits bits, string name)
    {
        uint mark = bits.Read(24);
        if (mark != 0x564342)
        {
            throw Wrong(name, $"begins with {mark:X6}; expected 564342");
        }

        int dimensions = (int)bits.Read(16);
        int entries = (int)bits.Read(24);
        if (dimensions == 0 || entries is 0 or > MaximumEntries)
        {
            throw Wrong(name, $"has {entries} entries of {dimensions} numbers; expected 1 to {MaximumEntries} of 1 or more");
        }

        var book = new VorbisCodebook(dimensions, ReadLengths(ref bits, entries, name));
        book.MakeCodes(name);
        book.ReadVectors(ref bits, name);
        return book;
    }

    /// <summary>Reads an entry's number.</summary>
    /// <returns>The number; 0 beyond the packet's end, or -1 for a code that no entry has.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Decode(ref VorbisBits bits)
    {
        uint next = bits.Peek();
        int found = _fast[next & ((1 << FastBits) - 1)];
        if (found > 0)
        {
            bits.Pass(found & 63);
            return found >> 6;
        }

        return DecodeLong(ref bits, next, -found);
    }

    private static InvalidDataException Wrong(string name, string what) =>
        new($"'{name}': a codebook of the Vorbis headers {what}.");

    private static byte[] ReadLengths(ref VorbisBits bits, int entries, string name)
    {
        var lengths = new byte[entries];
        if (bits.ReadFlag())
        {
            int length = (int)bits.Read(5) + 1;
            for (int i = 0; i < entries; length++)
            {
                int count = (int)bits.Read(32 - BitOperations.LeadingZeroCount((uint)(entries - i)));
                if (count > entries - i || length > 32 || bits.IsOverrun)
                {
                    throw Wrong(name, "has more ordered lengths than entries");
                }

                lengths.AsSpan(i, count).Fill((byte)length);
                i += count;
            }

            return lengths;
        }

        bool isSparse = bits.ReadFlag();
        for (int i = 0; i < entries && !bits.IsOverrun; i++)
        {
            lengths[i] = !isSparse || bits.ReadFlag() ? (byte)(bits.Read(5) + 1) : (byte)0;
        }

        return lengths;
    }

    // Section 3.2.1: each entry in turn takes the lowest code of its length that is free.
    private void MakeCodes(string name)
    {
        // For each length the free subtree of that depth, its code in the highest bits; at most one is free of each.
        Span<uint> free = stackalloc uint[33];
        Span<bool> isFree = stackalloc bool[33];
        isFree[0] = true;
        int used = 0;
        for (int entry = 0; entry < _lengths.Length; entry++)
        {
            int length = _lengths[entry];
            if (length == 0)
            {
                continue;
            }

            int depth = length;
            while (depth >= 0 && !isFree[depth])
            {
                depth--;
            }

            if (depth < 0)
            {
                throw Wrong(name, "has more codes than fit their lengths");
            }

            uint code = free[depth];
            isFree[depth] = false;
            for (int i = depth + 1; i <= length; i++)
            {
                free[i] = code | (1u << (32 - i));
                isFree[i] = true;
            }

            AddCode(code, length, entry);
            used++;
        }

        if (used == 1 && _lengths.Max() == 1)
        {
            // A lone entry takes one bit, whichever it is (erratum of 2015-02-26).
            _fast.AsSpan().Fill((Array.FindIndex(_lengths, length => length > 0) << 6) | 1);
        }
        else if (used != 1 && isFree.Contains(true))
        {
            throw Wrong(name, used == 0 ? "has no codes" : "has fewer codes than its lengths have room for");
        }
    }

    private void AddCode(uint code, int length, int entry)
    {
        uint reversed = Reverse(code);
        if (length <= FastBits)
        {
            for (uint i = reversed; i < 1 << FastBits; i += 1u << length)
            {
                _fast[i] = (entry << 6) | length;
            }

            return;
        }

        int place = (int)(reversed & ((1 << FastBits) - 1));
        if (_fast[place] == 0)
        {
            _fast[place] = -AddNode();
        }

        int node = -_fast[place];
        for (int bit = FastBits; bit < length - 1; bit++)
        {
            int branch = (2 * node) + (int)((reversed >> bit) & 1);
            if (_nodes[branch] == 0)
            {
                _nodes[branch] = AddNode();
            }

            node = _nodes[branch];
        }

        _nodes[(2 * node) + (int)((reversed >> (length - 1)) & 1)] = -1 - entry;
    }

    private int AddNode()
    {
        _nodes.Add(0);
        _nodes.Add(0);
        return (_nodes.Count / 2) - 1;
    }

    private static uint Reverse(uint value)
    {
        uint reversed = 0;
        for (int i = 0; i < 32; i++)
        {
            reversed = (reversed << 1) | ((value >> i) & 1);
        }

        return reversed;
    }

    private int DecodeLong(ref VorbisBits bits, uint next, int node)
    {
        for (int bit = FastBits; bit < 32 && node > 0; bit++)
        {
            node = _nodes[(2 * node) + (int)((next >> bit) & 1)];
            if (node < 0)
            {
                bits.Pass(bit + 1);
                return -1 - node;
            }
        }

        bits.Pass(1);
        return bits.IsOverrun ? 0 : -1;
    }

    private void ReadVectors(ref VorbisBits bits, string name)
    {
        int kind = (int)bits.Read(4);
        if (kind == 0)
        {
            return;
        }

        if (kind > 2)
        {
            throw Wrong(name, $"has vectors of kind {kind}; expected 0 to 2");
        }

        float minimum = ReadFloat(ref bits);
        float step = ReadFloat(ref bits);
        int valueBits = (int)bits.Read(4) + 1;
        bool isSequence = bits.ReadFlag();
        if ((long)Entries * Dimensions > MaximumValues)
        {
            throw Wrong(name, $"has {Entries} vectors of {Dimensions} numbers; expected {MaximumValues} numbers at most");
        }

        int count = kind == 1 ? Root() : Entries * Dimensions;
        var values = new float[count];
        for (int i = 0; i < count && !bits.IsOverrun; i++)
        {
            values[i] = (bits.Read(valueBits) * step) + minimum;
        }

        Vectors = new float[Entries * Dimensions];
        for (int entry = 0; entry < Entries; entry++)
        {
            float last = 0;
            long divisor = 1;
            for (int i = 0; i < Dimensions; i++)
            {
                int place = (entry * Dimensions) + i;
                float value = last + values[kind == 1 ? (int)(entry / divisor % count) : place];
                Vectors[place] = value;
                last = isSequence ? value : 0;
                divisor = Math.Min(divisor * count, int.MaxValue);
            }
        }
    }

    // The largest number of which the power by the dimensions is not more than the entries (section 9.2.3).
    private int Root()
    {
        int root = 1;
        while (PowerIsWithin(root + 1))
        {
            root++;
        }

        return root;
    }

    private bool PowerIsWithin(int number)
    {
        long power = 1;
        for (int i = 0; i < Dimensions; i++)
        {
            power *= number;
            if (power > Entries)
            {
                return false;
            }
        }

        return true;
    }

    // Section 9.2.2: a sign, an exponent of 10 bits with a bias of 788, a mantissa of 21.
    private static float ReadFloat(ref VorbisBits bits)
    {
        uint packed = bits.Read(32);
        double mantissa = packed & 0x1FFFFF;
        int exponent = (int)((packed >> 21) & 0x3FF) - 788;
        return (float)Math.ScaleB((packed & 0x80000000) != 0 ? -mantissa : mantissa, exponent);
    }
}
