namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>Finds a frame of a FLAC file by the number of a sample, by the seek table and by halving.</summary>
/// <param name="input">A file that can seek.</param>
/// <param name="frames">Its frames.</param>
/// <param name="metadata">Its headers.</param>
/// <param name="sourceLength">Bytes of the file.</param>
/// <param name="origin">The number of the file's first sample.</param>
internal sealed class FlacSearch(
    FlacInput input, FlacFrames frames, FlacMetadata metadata, long sourceLength, long origin)
{
    // What lies this close is decoded rather than searched.
    private const long NearBytes = 1 << 16;

    /// <summary>Finds a frame at or before a sample and near it. The input is anywhere afterwards.</summary>
    /// <param name="sample">The sample, counted from the file's first.</param>
    /// <returns>The frame's first byte in the source, and its first sample.</returns>
    public (long Byte, long Sample) Before(long sample)
    {
        (long Byte, long Sample) low = (metadata.AudioStart, 0);
        (long Byte, long Sample) high = (sourceLength, metadata.Info.Length);
        foreach ((long frame, long offset) in metadata.SeekPoints)
        {
            long place = metadata.AudioStart + offset;
            if (place >= sourceLength)
            {
                break;
            }

            if (frame > sample)
            {
                high = (place, frame);
                break;
            }

            low = (place, frame);
        }

        // A seek table that is wrong is no damage of the audio: it is left out.
        if (low.Sample > 0 && !IsFrame(low))
        {
            low = (metadata.AudioStart, 0);
            high = (sourceLength, metadata.Info.Length);
        }

        for (int step = 0; high.Byte - low.Byte > NearBytes && step < 64; step++)
        {
            long middle = Guess(low, high, sample, step);
            input.Seek(middle);
            if (frames.Find(high.Byte, out long start) && frames.BlockStart - origin <= sample
                && frames.BlockStart - origin >= low.Sample)
            {
                low = (start, frames.BlockStart - origin);
                if (sample - low.Sample < frames.Block.Header.BlockSize)
                {
                    break;
                }
            }
            else
            {
                high = (middle, -1);
            }
        }

        return low;
    }

    // Where the sample should be if all take equally many bytes; every other step halves, in case they do not.
    private static long Guess((long Byte, long Sample) low, (long Byte, long Sample) high, long sample, int step)
    {
        long span = high.Byte - low.Byte;
        double part = high.Sample > low.Sample && step % 2 == 0
            ? (double)(sample - low.Sample) / (high.Sample - low.Sample)
            : 0.5;

        // A little before it, so that the frame found is not one behind.
        long guess = (long)(span * part) - (NearBytes / 4);
        return low.Byte + Math.Clamp(guess, NearBytes / 4, span - (NearBytes / 4));
    }

    private bool IsFrame((long Byte, long Sample) point)
    {
        input.Seek(point.Byte);
        return frames.Find(point.Byte + 1, out _) && frames.BlockStart - origin == point.Sample;
    }
}
