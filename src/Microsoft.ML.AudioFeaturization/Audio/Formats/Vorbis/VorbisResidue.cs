namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Vorbis;

/// <summary>A residue (Vorbis I, section 8): the fine structure of spectra, as sums of vectors.</summary>
internal sealed class VorbisResidue
{
    private const int Passes = 8;

    // How the vectors of a partition lie: spread over it, in order, or in order with the channels interleaved.
    private const int Spread = 0;
    private const int Interleaved = 2;

    private readonly int _kind;
    private readonly int _begin;
    private readonly int _end;
    private readonly int _partitionLength;
    private readonly int _classifications;
    private readonly VorbisCodebook _classBook;
    private readonly VorbisCodebook?[] _books;
    private int[] _classes = [];
    private float[] _interleaved = [];

    private VorbisResidue(
        int kind, int begin, int end, int length, int classifications, VorbisCodebook classBook, VorbisCodebook?[] books)
    {
        _kind = kind;
        _begin = begin;
        _end = end;
        _partitionLength = length;
        _classifications = classifications;
        _classBook = classBook;
        _books = books;
    }

    /// <summary>Reads a residue from the setup header.</summary>
    /// <exception cref="InvalidDataException">It makes no sense.</exception>
    public static VorbisResidue Read(ref VorbisBits bits, VorbisCodebook[] books, string name)
    {
        int kind = (int)bits.Read(16);
        int begin = (int)bits.Read(24);
        int end = (int)bits.Read(24);
        int length = (int)bits.Read(24) + 1;
        int classifications = (int)bits.Read(6) + 1;
        int classBook = (int)bits.Read(8);
        if (kind > Interleaved || end < begin || classBook >= books.Length)
        {
            throw new InvalidDataException(
                $"'{name}': a residue of the Vorbis headers is of kind {kind} from {begin} to {end} by codebook "
                    + $"{classBook} of "
                + $"{books.Length}; expected kind 0 to 2 and an end behind its beginning.");
        }

        Span<int> cascade = stackalloc int[classifications];
        for (int i = 0; i < classifications; i++)
        {
            cascade[i] = (int)bits.Read(3);
            cascade[i] |= bits.ReadFlag() ? (int)bits.Read(5) << 3 : 0;
        }

        var used = new VorbisCodebook?[classifications * Passes];
        for (int i = 0; i < used.Length; i++)
        {
            if ((cascade[i / Passes] & (1 << (i % Passes))) != 0)
            {
                int book = (int)bits.Read(8);
                if (book >= books.Length || books[book].Vectors.Length == 0)
                {
                    throw new InvalidDataException(
                        $"'{name}': a residue of the Vorbis headers has codebook {book} of {books.Length}; expected one "
                            + "with "
                        + "vectors.");
                }

                used[i] = books[book];
            }
        }

        return new VorbisResidue(kind, begin, end, length, classifications, books[classBook], used);
    }

    /// <summary>Reads the spectra of some channels.</summary>
    /// <param name="bits">At the residue.</param>
    /// <param name="spectra">Half a block for each channel, zeros.</param>
    /// <param name="isSilent">For each channel whether it has no residue; its spectrum then does not matter.</param>
    /// <param name="length">Half a block.</param>
    public void Decode(ref VorbisBits bits, ReadOnlySpan<float[]> spectra, ReadOnlySpan<bool> isSilent, int length)
    {
        if (!isSilent.Contains(false))
        {
            return;
        }

        if (_kind != Interleaved)
        {
            DecodeVectors(ref bits, spectra, isSilent, length);
            return;
        }

        int channels = spectra.Length;
        if (channels == 1)
        {
            DecodeVectors(ref bits, spectra, [false], length);
            return;
        }

        if (_interleaved.Length < length * channels)
        {
            _interleaved = new float[length * channels];
        }

        _interleaved.AsSpan(0, length * channels).Clear();
        DecodeVectors(ref bits, [_interleaved], [false], length * channels);
        for (int channel = 0; channel < channels; channel++)
        {
            Span<float> spectrum = spectra[channel].AsSpan(0, length);
            for (int i = 0, j = channel; i < spectrum.Length; i++, j += channels)
            {
                spectrum[i] = _interleaved[j];
            }
        }
    }

    private void DecodeVectors(
        scoped ref VorbisBits bits,
        scoped ReadOnlySpan<float[]> vectors,
        scoped ReadOnlySpan<bool> isSilent,
        int length)
    {
        int begin = Math.Min(_begin, length);
        int partitions = (Math.Min(_end, length) - begin) / _partitionLength;
        int words = _classBook.Dimensions;
        if (_classes.Length < partitions * vectors.Length)
        {
            _classes = new int[partitions * vectors.Length];
        }

        for (int pass = 0; pass < Passes; pass++)
        {
            for (int first = 0; first < partitions; first += words)
            {
                int end = (int)Math.Min((long)first + words, partitions);
                for (int vector = 0; pass == 0 && vector < vectors.Length; vector++)
                {
                    if (!isSilent[vector] && !ReadClasses(ref bits, _classes.AsSpan(vector * partitions), first, end))
                    {
                        return;
                    }
                }

                for (int partition = first; partition < end; partition++)
                {
                    for (int vector = 0; vector < vectors.Length; vector++)
                    {
                        if (isSilent[vector])
                        {
                            continue;
                        }

                        VorbisCodebook? book = _books[(_classes[(vector * partitions) + partition] * Passes) + pass];
                        Span<float> place = vectors[vector].AsSpan(begin + (partition * _partitionLength), _partitionLength);
                        if (book is not null && !AddVectors(ref bits, book, place))
                        {
                            return;
                        }
                    }
                }
            }
        }
    }

    // One symbol has the classes of several partitions, the first one's as its highest digit.
    private bool ReadClasses(ref VorbisBits bits, Span<int> classes, int first, int end)
    {
        int word = _classBook.Decode(ref bits);
        if (word < 0 || bits.IsOverrun)
        {
            return false;
        }

        for (int i = _classBook.Dimensions - 1; i >= 0 && word >= 0; i--)
        {
            (word, int digit) = Math.DivRem(word, _classifications);
            if (first + i < end)
            {
                classes[first + i] = digit;
            }
        }

        return true;
    }

    // Whether there were vectors enough: a packet may end anywhere, and what follows is zero.
    private bool AddVectors(ref VorbisBits bits, VorbisCodebook book, Span<float> place)
    {
        int dimensions = book.Dimensions;
        float[] vectors = book.Vectors;
        int step = _kind == Spread ? Math.Max(1, place.Length / dimensions) : 1;
        int count = _kind == Spread ? step : (place.Length + dimensions - 1) / dimensions;
        for (int i = 0; i < count; i++)
        {
            int entry = book.Decode(ref bits);
            if (entry < 0 || bits.IsOverrun)
            {
                return false;
            }

            ReadOnlySpan<float> vector = vectors.AsSpan(entry * dimensions, dimensions);
            if (_kind == Spread)
            {
                for (int j = 0, target = i; j < vector.Length && target < place.Length; j++, target += step)
                {
                    place[target] += vector[j];
                }
            }
            else
            {
                Span<float> target = place[(i * dimensions)..];
                for (int j = 0; j < vector.Length && j < target.Length; j++)
                {
                    target[j] += vector[j];
                }
            }
        }

        return true;
    }
}
