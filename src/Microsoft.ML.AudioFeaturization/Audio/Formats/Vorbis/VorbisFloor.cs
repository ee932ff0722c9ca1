using System.Numerics;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Vorbis;

/// <summary>A floor of type 1 (Vorbis I, section 7): the spectrum's envelope as lines between points.</summary>
internal sealed class VorbisFloor
{
    private const int MaximumPoints = 65;

    // Section 10.1: 256 steps from 1.0649863e-07 to 1, all of the same ratio, which is 140/256 dB.
    private static readonly float[] s_levels = MakeLevels();
    private static readonly int[] s_ranges = [256, 128, 86, 64];

    private readonly int[] _partitionClasses;
    private readonly PartitionClass[] _classes;
    private readonly int _multiplier;
    private readonly int[] _places;
    private readonly int[] _order;
    private readonly int[] _below;
    private readonly int[] _above;

    private VorbisFloor(int[] partitionClasses, PartitionClass[] classes, int multiplier, int[] places)
    {
        _partitionClasses = partitionClasses;
        _classes = classes;
        _multiplier = multiplier;
        _places = places;
        _order = [.. Enumerable.Range(0, places.Length).OrderBy(i => places[i])];
        _below = new int[places.Length];
        _above = new int[places.Length];
        for (int i = 2; i < places.Length; i++)
        {
            // The neighbours among the points before it.
            _below[i] = 0;
            _above[i] = 1;
            for (int j = 0; j < i; j++)
            {
                if (places[j] < places[i] && places[j] > places[_below[i]])
                {
                    _below[i] = j;
                }

                if (places[j] > places[i] && places[j] < places[_above[i]])
                {
                    _above[i] = j;
                }
            }
        }
    }

    /// <summary>The number of points, 2 to 65.</summary>
    public int Points => _places.Length;

    /// <summary>Reads a floor from the setup header.</summary>
    /// <exception cref="InvalidDataException">It makes no sense.</exception>
    public static VorbisFloor Read(ref VorbisBits bits, VorbisCodebook[] books, string name)
    {
        var partitionClasses = new int[bits.Read(5)];
        for (int i = 0; i < partitionClasses.Length; i++)
        {
            partitionClasses[i] = (int)bits.Read(4);
        }

        var classes = new PartitionClass[partitionClasses.Length == 0 ? 0 : partitionClasses.Max() + 1];
        for (int i = 0; i < classes.Length; i++)
        {
            int dimensions = (int)bits.Read(3) + 1;
            int subclassBits = (int)bits.Read(2);
            VorbisCodebook? master = subclassBits == 0 ? null : Book((int)bits.Read(8), books, name);
            var subclasses = new VorbisCodebook?[1 << subclassBits];
            for (int j = 0; j < subclasses.Length; j++)
            {
                int book = (int)bits.Read(8) - 1;
                subclasses[j] = book < 0 ? null : Book(book, books, name);
            }

            classes[i] = new PartitionClass(dimensions, subclassBits, master, subclasses);
        }

        int multiplier = (int)bits.Read(2) + 1;
        int rangeBits = (int)bits.Read(4);
        var places = new List<int> { 0, 1 << rangeBits };
        foreach (int partition in partitionClasses)
        {
            for (int i = 0; i < classes[partition].Dimensions; i++)
            {
                places.Add((int)bits.Read(rangeBits));
            }
        }

        if (places.Count > MaximumPoints || places.Distinct().Count() < places.Count)
        {
            throw new InvalidDataException(
                $"'{name}': a floor of the Vorbis headers has {places.Count} points; expected {MaximumPoints} at most, "
                    + "all at "
                + "different places.");
        }

        return new VorbisFloor(partitionClasses, classes, multiplier, [.. places]);
    }

    /// <summary>Reads the floor of a channel of a block.</summary>
    /// <param name="bits">At the floor.</param>
    /// <param name="heights">Room for <see cref="Points"/> numbers: what follows of each.</param>
    /// <returns>Whether there is a floor; if not, or if the packet ends here, the channel is silent.</returns>
    public bool Decode(ref VorbisBits bits, Span<int> heights)
    {
        if (!bits.ReadFlag())
        {
            return false;
        }

        int width = 32 - BitOperations.LeadingZeroCount((uint)s_ranges[_multiplier - 1] - 1);
        heights[0] = (int)bits.Read(width);
        heights[1] = (int)bits.Read(width);
        int point = 2;
        foreach (int partition in _partitionClasses)
        {
            PartitionClass kind = _classes[partition];
            int subclass = kind.Master is null ? 0 : Math.Max(0, kind.Master.Decode(ref bits));
            for (int i = 0; i < kind.Dimensions; i++)
            {
                VorbisCodebook? book = kind.Subclasses[subclass & (kind.Subclasses.Length - 1)];
                subclass >>= kind.SubclassBits;
                heights[point++] = book is null ? 0 : Math.Max(0, book.Decode(ref bits));
            }
        }

        return !bits.IsOverrun;
    }

    /// <summary>Multiplies a spectrum with the floor.</summary>
    /// <param name="heights">What <see cref="Decode"/> gave; it is changed.</param>
    /// <param name="spectrum">The spectrum, half a block long.</param>
    public void Apply(Span<int> heights, Span<float> spectrum)
    {
        Span<bool> isUsed = stackalloc bool[MaximumPoints];
        Unwrap(heights, isUsed);
        int x = 0;
        int y = Level(heights[_order[0]]);
        for (int i = 1; i < _order.Length && x < spectrum.Length; i++)
        {
            int point = _order[i];
            if (!isUsed[point])
            {
                continue;
            }

            int nextX = _places[point];
            int nextY = Level(heights[point]);
            Draw(x, y, nextX, nextY, spectrum);
            (x, y) = (nextX, nextY);
        }

        for (; x < spectrum.Length; x++)
        {
            spectrum[x] *= s_levels[y];
        }
    }

    private static VorbisCodebook Book(int number, VorbisCodebook[] books, string name) => number < books.Length
        ? books[number]
        : throw new InvalidDataException($"'{name}': a floor of the Vorbis headers has codebook {number} of "
            + $"{books.Length}.");

    private static float[] MakeLevels()
    {
        var levels = new float[256];
        for (int i = 0; i < levels.Length; i++)
        {
            levels[i] = (float)Math.Pow(10, (i - 255) * (140.0 / 256) / 20);
        }

        return levels;
    }

    // Section 7.2.4, step 1: numbers say how far a point is from the line between its neighbours.
    private void Unwrap(Span<int> heights, Span<bool> isUsed)
    {
        int range = s_ranges[_multiplier - 1];
        isUsed[0] = isUsed[1] = true;
        for (int i = 2; i < heights.Length; i++)
        {
            int below = _below[i];
            int above = _above[i];
            int predicted = Between(
                _places[below], heights[below], _places[above], heights[above], _places[i]);
            int value = heights[i];
            if (value == 0)
            {
                heights[i] = predicted;
                continue;
            }

            isUsed[i] = isUsed[below] = isUsed[above] = true;
            int high = range - predicted;
            int room = 2 * Math.Min(high, predicted);
            heights[i] = value >= room
                ? high > predicted ? value : predicted - value + high - 1
                : (value & 1) != 0 ? predicted - ((value + 1) / 2) : predicted + (value / 2);
        }
    }

    private static int Between(int x0, int y0, int x1, int y1, int x)
    {
        int step = y1 - y0;
        int offset = Math.Abs(step) * (x - x0) / (x1 - x0);
        return step < 0 ? y0 - offset : y0 + offset;
    }

    private int Level(int height) => Math.Clamp(height * _multiplier, 0, s_levels.Length - 1);

    // A line of whole numbers, as section 9.2.7 draws it.
    private static void Draw(int x0, int y0, int x1, int y1, Span<float> spectrum)
    {
        int width = x1 - x0;
        int step = (y1 - y0) / width;
        int rest = Math.Abs(y1 - y0) - (Math.Abs(step) * width);
        int sign = y1 < y0 ? -1 : 1;
        int error = 0;
        int y = y0;
        int end = Math.Min(x1, spectrum.Length);
        for (int x = x0; x < end; x++)
        {
            spectrum[x] *= s_levels[y];
            error += rest;
            y += step;
            if (error >= width)
            {
                error -= width;
                y += sign;
            }
        }
    }

    private sealed record PartitionClass(
        int Dimensions, int SubclassBits, VorbisCodebook? Master, VorbisCodebook?[] Subclasses);
}
