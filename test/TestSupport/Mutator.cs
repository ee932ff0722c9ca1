using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.TestSupport;

/// <summary>Mutations of a file, of one to four kinds each, that follow from a seed.</summary>
/// <param name="whole">The file.</param>
/// <param name="seed">The seed.</param>
public sealed class Mutator(byte[] whole, int seed)
{
    private static readonly byte[][] s_numbers =
    [
        [0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0x80], [0, 0, 0, 0], [1, 0, 0, 0], [0xFF, 0xFF], [0, 0x80],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], "999999999999"u8.ToArray(), "-1"u8.ToArray(), "[]{}\""u8.ToArray(),
    ];

    private readonly Random _random = new(seed);

    /// <summary>How many mutations a test makes: AUDIOML_MUTATIONS where it is set, for long runs outside of the suite.</summary>
    /// <param name="usual">How many else.</param>
    public static int Count(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable("AUDIOML_MUTATIONS"), out int asked) ? asked : usual;

    /// <summary>
    /// Asserts that one took no longer than a number of seconds, in long runs only: a test of the suite shares the machine,
    /// and its time says nothing.
    /// </summary>
    public static void CheckTime(double seconds, double most, string what)
    {
        if (Environment.GetEnvironmentVariable("AUDIOML_MUTATIONS") is not null)
        {
            Assert.IsLessThan(most, seconds, what);
        }
    }

    /// <summary>The next mutation.</summary>
    public byte[] Next()
    {
        List<byte> bytes = [.. whole];
        for (int i = _random.Next(1, 5); i > 0 && bytes.Count > 0; i--)
        {
            Change(bytes);
        }

        return [.. bytes];
    }

    private void Change(List<byte> bytes)
    {
        int place = _random.Next(bytes.Count);
        int length = Math.Min(_random.Next(1, 17), bytes.Count - place);
        switch (_random.Next(7))
        {
            case 0:
                bytes[place] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                bytes[place] = (byte)_random.Next(256);
                break;
            case 2:
                byte[] number = s_numbers[_random.Next(s_numbers.Length)];
                bytes.RemoveRange(place, Math.Min(number.Length, bytes.Count - place));
                bytes.InsertRange(place, number);
                break;
            case 3:
                bytes.RemoveRange(place, length);
                break;
            case 4:
                bytes.InsertRange(place, bytes.GetRange(_random.Next(bytes.Count - length + 1), length));
                break;
            case 5:
                bytes.RemoveRange(place, bytes.Count - place);
                break;
            default:
                byte[] noise = new byte[length];
                _random.NextBytes(noise);
                bytes.InsertRange(place, noise);
                break;
        }
    }
}
