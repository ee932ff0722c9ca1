namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

/// <summary>Finds a page of a link by granule position, by halving.</summary>
/// <param name="pages">The pages of a source that can seek.</param>
/// <param name="serial">The stream.</param>
/// <param name="start">The first byte of the link's audio.</param>
/// <param name="end">The byte behind the link.</param>
internal sealed class OggSearch(OggPages pages, uint serial, long start, long end)
{
    // What lies this close is read rather than searched.
    private const long NearBytes = 1 << 16;

    /// <summary>
    /// Finds a page of which a packet begins and ends on it, whose granule position is at or before a wanted one, and
    /// near it.
    /// </summary>
    /// <returns>Its first byte, or the first byte of the link's audio.</returns>
    public long Before(long granule)
    {
        long low = start;
        long high = end;
        while (high - low > NearBytes)
        {
            long middle = low + ((high - low) / 2);
            pages.Seek(middle);
            if (Find(high, out long place, out long found) && found <= granule)
            {
                low = place;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private bool Find(long limit, out long place, out long granule)
    {
        while (pages.Read(limit))
        {
            if (pages.Serial == serial && pages.Granule >= 0 && HasWholePacket())
            {
                place = pages.Position;
                granule = pages.Granule;
                return true;
            }
        }

        place = granule = -1;
        return false;
    }

    private bool HasWholePacket()
    {
        int ends = 0;
        foreach (byte length in pages.Lacing)
        {
            ends += length < byte.MaxValue ? 1 : 0;
        }

        return ends - (pages.IsContinued ? 1 : 0) > 0;
    }
}
