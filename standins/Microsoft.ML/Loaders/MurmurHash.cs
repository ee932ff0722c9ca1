using System.Buffers.Binary;
using System.Numerics;

namespace Microsoft.ML.Data;

/// <summary>MurmurHash3 x86_32 (Austin Appleby), by which rows with the same sampling key stay together.</summary>
internal static class MurmurHash
{
    public static uint Hash(uint seed, ReadOnlySpan<byte> bytes)
    {
        uint hash = seed;
        int length = bytes.Length;
        for (; bytes.Length >= 4; bytes = bytes[4..])
            hash = Round(hash, BinaryPrimitives.ReadUInt32LittleEndian(bytes));
        uint tail = 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
            tail = (tail << 8) | bytes[i];
        if (bytes.Length > 0)
            hash ^= Scramble(tail);
        hash ^= (uint)length;
        hash ^= hash >> 16;
        hash *= 0x85ebca6b;
        hash ^= hash >> 13;
        hash *= 0xc2b2ae35;
        return hash ^ (hash >> 16);
    }

    /// <summary>Mixes four bytes into the hash.</summary>
    public static uint Round(uint hash, uint block)
        => (BitOperations.RotateLeft(hash ^ Scramble(block), 13) * 5) + 0xe6546b64;

    private static uint Scramble(uint block) => BitOperations.RotateLeft(block * 0xcc9e2d51, 15) * 0x1b873593;
}
