namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>The frames of a FLAC file in their order, and each by a byte before it.</summary>
/// <param name="input">The file, at its first frame.</param>
/// <param name="info">What all frames have in common.</param>
internal sealed class FlacFrames(FlacInput input, FlacStreamInfo info)
{
    private int _fixedBlock = info.MinimumBlock == info.MaximumBlock ? info.MaximumBlock : 0;
    private int _longest;

    /// <summary>The last frame that was decoded.</summary>
    public FlacBlockDecoder Block { get; } = new(info);

    /// <summary>The first sample of <see cref="Block"/>, counted from the file's first.</summary>
    public long BlockStart { get; private set; }

    /// <summary>Whether a frame's number tells its first sample: the length of blocks is known.</summary>
    public bool KnowsNumbering => _fixedBlock > 0;

    /// <summary>Whether the file ended before the last frame that failed.</summary>
    public bool IsCut => Block.IsCut && input.IsEnded;

    /// <summary>Decodes the frame that begins at the input's next byte, and passes it.</summary>
    /// <returns>What is wrong, for a message; then the input stays. Else null.</returns>
    public string? Decode()
    {
        // A frame that is not all there is decoded again: as much as the longest one takes is read first.
        input.Require(_longest);
        while (true)
        {
            string? wrong = Block.Decode(input.Bytes, input.Start, input.End, out int length);
            if (wrong is null)
            {
                // An encoder of blocks of one length says it in every header but perhaps the last one's.
                FlacFrameHeader header = Block.Header;
                _fixedBlock = _fixedBlock > 0 ? _fixedBlock : header.BlockSize;
                BlockStart = header.IsVariable ? header.Number : header.Number * _fixedBlock;
                _longest = Math.Max(_longest, length);
                input.Advance(length);
                return null;
            }

            if (!Block.IsCut || input.IsEnded)
            {
                return wrong;
            }

            // To double what is known keeps the work of repeated tries within twice that of the last one.
            input.Require(Math.Max(2L * input.Available.Length, FlacFrameHeader.MaximumBytes));
        }
    }

    /// <summary>Searches and decodes the next frame that is whole, from the input's next byte on, and passes it.</summary>
    /// <param name="end">The byte of the source before which the frame must begin.</param>
    /// <param name="start">The frame's first byte in the source.</param>
    /// <returns>Whether there is one; if not, the input is at its end, or at <paramref name="end"/>.</returns>
    public bool Find(long end, out long start)
    {
        start = -1;
        while (input.Position < end)
        {
            if (!input.Require(2))
            {
                input.Advance(input.Available.Length);
                return false;
            }

            ReadOnlySpan<byte> bytes = input.Available;
            int candidate = bytes.IndexOf((byte)0xFF);
            if (candidate < 0 || candidate == bytes.Length - 1)
            {
                input.Advance(candidate < 0 ? bytes.Length : candidate);
                if (candidate >= 0 && !input.Require(2))
                {
                    input.Advance(1);
                }

                continue;
            }

            input.Advance(candidate);
            if (input.Position >= end)
            {
                return false;
            }

            start = input.Position;
            if (FlacFrameHeader.IsSync(bytes[candidate], bytes[candidate + 1]) && Decode() is null)
            {
                return true;
            }

            input.Advance(1);
        }

        return false;
    }
}
