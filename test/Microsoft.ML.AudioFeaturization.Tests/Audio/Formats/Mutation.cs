using System.Buffers.Binary;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats;

/// <summary>Files broken at random.</summary>
internal static class Mutation
{
    /// <summary>The number of mutations of a file: what AUDIOML_MUTATIONS says, or else the usual one.</summary>
    public static int Count(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable("AUDIOML_MUTATIONS"), out int asked) ? asked : usual;

    /// <summary>A copy with one to four wounds, half of them in its first 200 bytes.</summary>
    public static byte[] Of(byte[] whole, Random random)
    {
        byte[] file = [.. whole];
        for (int wounds = random.Next(1, 5); wounds > 0; wounds--)
        {
            int place = random.Next(random.Next(2) == 0 ? file.Length : Math.Min(file.Length, 200));
            int length = Math.Min(random.Next(1, 40), file.Length - place);
            switch (random.Next(7))
            {
                case 0:
                    file[place] = (byte)random.Next(256);
                    break;
                case 1:
                    file[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 2 when length >= sizeof(uint):
                    uint[] extremes = [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE, (uint)file.Length];
                    BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(place), extremes[random.Next(extremes.Length)]);
                    break;
                case 3 when random.Next(3) == 0:
                    file = file[..Math.Max(1, place)];
                    break;
                case 4 when file.Length > length:
                    file = [.. file[..place], .. file[(place + length)..]];
                    break;
                case 5:
                    // A piece of the file in a wrong place: whole headers and frames out of their order.
                    int from = random.Next(file.Length);
                    int piece = Math.Min(random.Next(1, 400), file.Length - from);
                    file = [.. file[..place], .. file.AsSpan(from, piece), .. file[place..]];
                    break;
                default:
                    random.NextBytes(file.AsSpan(place, length));
                    break;
            }
        }

        return file;
    }
}
