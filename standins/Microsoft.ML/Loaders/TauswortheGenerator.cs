namespace Microsoft.ML.Data;

/// <summary>
/// Three Tausworthe generators combined with a linear congruential one (Howes and Thomas, GPU Gems 3, chapter 37):
/// the numbers that rows are split by, the same on every machine.
/// </summary>
internal sealed class TauswortheGenerator
{
    private uint _z1;
    private uint _z2;
    private uint _z3;
    private uint _z4;

    public TauswortheGenerator(uint seed)
    {
        _z1 = seed;
        _z2 = MurmurHash.Round(_z1, seed);
        _z3 = MurmurHash.Round(_z2, seed);
        _z4 = MurmurHash.Round(_z3, seed);
    }

    /// <summary>A number in [0, 1) with 23 random bits.</summary>
    public float NextSingle()
    {
        _z1 = Step(_z1, 13, 19, 12, ~1u);
        _z2 = Step(_z2, 2, 25, 4, ~7u);
        _z3 = Step(_z3, 3, 11, 17, ~15u);
        _z4 = (1664525 * _z4) + 1013904223;
        return ((_z1 ^ _z2 ^ _z3 ^ _z4) >> 9) * (1f / (1 << 23));
    }

    private static uint Step(uint z, int left, int right, int shift, uint mask)
        => ((z & mask) << shift) ^ (((z << left) ^ z) >> right);
}
