namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ogg;

/// <summary>One link of a chain, as its pages tell.</summary>
/// <param name="Start">Its first byte in the source.</param>
/// <param name="End">The byte behind it.</param>
/// <param name="LastGranules">The last granule position of each of its streams.</param>
internal sealed record OggChainLink(long Start, long End, Dictionary<uint, long> LastGranules);

/// <summary>Finds the links of an Ogg file that can seek.</summary>
/// <param name="pages">Its pages.</param>
/// <param name="length">Bytes of the file.</param>
internal sealed class OggChain(OggPages pages, long length)
{
    // Files of this size are read from end to end; of longer ones only pages here and there, if they agree.
    private const long ShortBytes = 4 << 20;
    private const int Probes = 16;

    /// <summary>Finds the links from the file's first on.</summary>
    /// <param name="first">The first link, opened.</param>
    public List<OggChainLink> Find(OggLink first)
    {
        if (length - first.Start > ShortBytes && ProbeSingle(first) is { } last)
        {
            return [new OggChainLink(first.Start, length, last)];
        }

        return Walk(first.Start);
    }

    private List<OggChainLink> Walk(long start)
    {
        var links = new List<OggChainLink>();
        bool wasFirst = false;
        pages.Seek(start);
        while (pages.Read())
        {
            if (pages.IsFirst && !wasFirst)
            {
                Close(links, pages.Position);
                links.Add(new OggChainLink(pages.Position, length, []));
            }

            wasFirst = pages.IsFirst;
            Note(links[^1].LastGranules);
        }

        return links;
    }

    private static void Close(List<OggChainLink> links, long end)
    {
        if (links.Count > 0)
        {
            links[^1] = links[^1] with { End = end };
        }
    }

    // The last granule positions if all that is seen belongs to one link, or null.
    private Dictionary<uint, long>? ProbeSingle(OggLink first)
    {
        long audio = first.AudioStart;
        long sequence = -1;
        for (int probe = 1; probe < Probes; probe++)
        {
            pages.Seek(audio + ((length - audio) / Probes * probe));
            long limit = Math.Min(length, pages.Position + (4 * OggPages.MaximumBytes));
            bool isFound = false;
            while (!isFound && pages.Read(limit))
            {
                if (pages.IsFirst || !first.Has(pages.Serial))
                {
                    return null;
                }

                isFound = pages.Serial == first.Serial;
            }

            if (isFound && pages.Sequence <= sequence)
            {
                return null;
            }

            sequence = isFound ? pages.Sequence : sequence;
        }

        // From the end back, until a page of the stream is met.
        var last = new Dictionary<uint, long>();
        for (long back = OggPages.MaximumBytes * 2L; !last.ContainsKey(first.Serial); back *= 4)
        {
            long start = Math.Max(audio, length - back);
            pages.Seek(start);
            while (pages.Read())
            {
                bool isOurs = pages.Serial == first.Serial;
                if (pages.IsFirst || !first.Has(pages.Serial) || (isOurs && pages.Sequence < sequence && start > audio))
                {
                    return null;
                }

                Note(last);
            }

            if (start == audio)
            {
                break;
            }
        }

        return last;
    }

    private void Note(Dictionary<uint, long> last)
    {
        if (pages.Granule >= 0)
        {
            last[pages.Serial] = pages.Granule;
        }
    }
}
