using System.Buffers.Binary;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>Decodes FLAC frames one by one to blocks of whole numbers, and holds the last one.</summary>
/// <param name="info">What all frames have in common.</param>
internal sealed unsafe class FlacBlockDecoder(FlacStreamInfo info)
{
    private int[] _samples = [];
    private long[] _side = [];
    private int _stride;

    /// <summary>The header of the block.</summary>
    public FlacFrameHeader Header { get; private set; }

    /// <summary>Whether the last frame could not be decoded because the bytes ended.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The samples of one channel, from -2^(bits-1) to 2^(bits-1)-1.</summary>
    public ReadOnlySpan<int> Channel(int channel) => _samples.AsSpan(Start(channel), Header.BlockSize);

    /// <summary>Decodes a frame.</summary>
    /// <param name="bytes">
    /// The frame and perhaps more; behind <paramref name="end"/> lie <see cref="FlacBits.Padding"/> bytes of any content.
    /// </param>
    /// <param name="start">The frame's first byte.</param>
    /// <param name="end">The end of what is known.</param>
    /// <param name="length">Bytes of the frame.</param>
    /// <returns>What is wrong, for a message, or null.</returns>
    public string? Decode(byte[] bytes, int start, int end, out int length)
    {
        length = 0;
        string? wrong = FlacFrameHeader.Parse(bytes.AsSpan(start, end - start), info, out FlacFrameHeader header);
        IsCut = wrong is not null && end - start < FlacFrameHeader.MaximumBytes;
        if (wrong is not null)
        {
            return wrong;
        }

        Header = header;
        MakeRoom(header);
        fixed (byte* first = bytes)
        {
            var bits = new FlacBits(first, end, start + header.Length);
            wrong = ReadChannels(ref bits, header);
            if (wrong is null && (bits.IsOverrun || bits.NextByte + sizeof(ushort) > end))
            {
                IsCut = true;
                wrong = "the file ends inside a frame";
            }

            if (wrong is not null)
            {
                IsCut |= bits.IsOverrun;
                return wrong;
            }

            length = bits.NextByte + sizeof(ushort) - start;
        }

        ReadOnlySpan<byte> frame = bytes.AsSpan(start, length);
        ushort found = FlacChecksums.Crc16(frame[..^sizeof(ushort)]);
        ushort expected = BinaryPrimitives.ReadUInt16BigEndian(frame[^sizeof(ushort)..]);
        if (found != expected)
        {
            return $"the CRC-16 of a frame is {found:X4}, the file has {expected:X4}";
        }

        Combine(header);
        return null;
    }

    private int Start(int channel) => (channel * _stride) + FlacPredictor.MaximumOrder;

    private void MakeRoom(FlacFrameHeader header)
    {
        if (_stride < header.BlockSize + FlacPredictor.MaximumOrder)
        {
            _stride = header.BlockSize + FlacPredictor.MaximumOrder;
            _samples = new int[_stride * info.Channels];
        }

        bool isWide = header.Bits == 32 && header.Assignment >= FlacFrameHeader.LeftSide;
        if (isWide && _side.Length < _stride)
        {
            _side = new long[_stride];
        }
    }

    private string? ReadChannels(ref FlacBits bits, FlacFrameHeader header)
    {
        int sideChannel = header.Assignment switch
        {
            FlacFrameHeader.LeftSide or FlacFrameHeader.MidSide => 1,
            FlacFrameHeader.SideRight => 0,
            _ => -1,
        };
        fixed (int* samples = _samples)
        {
            for (int channel = 0; channel < info.Channels; channel++)
            {
                int* start = samples + Start(channel);
                int sampleBits = header.Bits + (channel == sideChannel ? 1 : 0);
                string? wrong;
                if (sampleBits > 32)
                {
                    fixed (long* side = _side)
                    {
                        wrong = FlacSubframe.ReadWide(
                            ref bits, side + FlacPredictor.MaximumOrder, start, header.BlockSize, sampleBits);
                    }
                }
                else
                {
                    wrong = FlacSubframe.Read(ref bits, start, header.BlockSize, sampleBits);
                }

                if (wrong is not null || bits.IsOverrun)
                {
                    return wrong;
                }
            }
        }

        return null;
    }

    // Section 4.2: left and right from what was coded in their place.
    private void Combine(FlacFrameHeader header)
    {
        if (header.Assignment < FlacFrameHeader.LeftSide)
        {
            return;
        }

        Span<int> first = _samples.AsSpan(Start(0), header.BlockSize);
        Span<int> second = _samples.AsSpan(Start(1), header.BlockSize);
        if (header.Bits == 32)
        {
            FlacStereo.Combine(header.Assignment, first, second, _side.AsSpan(FlacPredictor.MaximumOrder, first.Length));
        }
        else
        {
            FlacStereo.Combine(header.Assignment, first, second);
        }
    }
}
