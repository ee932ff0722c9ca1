using System.Buffers.Binary;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Wav;

/// <summary>What a 'fmt ' chunk says.</summary>
/// <param name="Coding">The coding of the samples.</param>
/// <param name="SampleRate">In Hz.</param>
/// <param name="Channels">At least 1.</param>
/// <param name="IsMpeg">Whether the data are frames of MPEG audio.</param>
internal sealed record WavEncoding(BlockCoding Coding, int SampleRate, int Channels, bool IsMpeg)
{
    /// <summary>Bytes of the longest 'fmt ' chunk: that of Microsoft ADPCM with 256 pairs of coefficients.</summary>
    public const int MaximumBytes = PlainBytes + 6 + (4 * 256);

    private const int PlainBytes = 16;
    private const int ExtensibleBytes = 40;
    private const int Extensible = 0xFFFE;
    private const int Pcm = 1;
    private const int MicrosoftAdpcm = 2;
    private const int Float = 3;
    private const int ALaw = 6;
    private const int MuLaw = 7;
    private const int ImaAdpcm = 0x11;
    private const int MpegLayersOneTwo = 0x50;
    private const int MpegLayerThree = 0x55;

    // RFC 2361, and the registrations since.
    private static readonly Dictionary<int, string> s_otherNames = new()
    {
        [0x10] = "OKI ADPCM",
        [0x14] = "G.723 ADPCM",
        [0x20] = "Yamaha ADPCM",
        [0x22] = "TrueSpeech",
        [0x31] = "GSM 6.10",
        [0x40] = "G.721 ADPCM",
        [0x42] = "G.723.1",
        [0x45] = "G.726 ADPCM",
        [0x64] = "G.726 ADPCM",
        [0xFF] = "AAC",
        [0x160] = "Windows Media Audio 1",
        [0x161] = "Windows Media Audio 2",
        [0x162] = "Windows Media Audio Professional",
        [0x163] = "Windows Media Audio Lossless",
        [0x270] = "Sony ATRAC3",
        [0x674F] = "Vorbis",
        [0x6771] = "Vorbis",
        [0x2000] = "AC-3",
        [0x2001] = "DTS",
        [0xF1AC] = "FLAC",
    };

    /// <summary>Reads the chunk's body.</summary>
    /// <param name="body">Its first bytes, at most <see cref="MaximumBytes"/>.</param>
    /// <param name="isBigEndian">Byte order of the file.</param>
    /// <param name="name">The file, in messages.</param>
    /// <exception cref="InvalidDataException">A value makes no sense.</exception>
    /// <exception cref="NotSupportedException">The samples are coded in a way that is not read here.</exception>
    public static WavEncoding Read(Span<byte> body, bool isBigEndian, string name)
    {
        if (body.Length < PlainBytes)
        {
            throw new InvalidDataException(
                $"'{name}': the 'fmt ' chunk has {body.Length} bytes; expected at least {PlainBytes}.");
        }

        if (isBigEndian)
        {
            SwapToLittleEndian(body);
        }

        int tag = BinaryPrimitives.ReadUInt16LittleEndian(body);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
        uint sampleRate = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        int blockBytes = BinaryPrimitives.ReadUInt16LittleEndian(body[12..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(body[14..]);
        if (tag == Extensible)
        {
            if (body.Length < ExtensibleBytes)
            {
                throw new InvalidDataException(
                    $"'{name}': the 'fmt ' chunk of WAVE_FORMAT_EXTENSIBLE has {body.Length} bytes; expected "
                    + $"{ExtensibleBytes}.");
            }

            // The sub-format GUID begins with the tag that the plain form would carry.
            tag = BinaryPrimitives.ReadUInt16LittleEndian(body[24..]);
        }

        SampleLayout.Check(name, channels, sampleRate);
        BlockCoding coding = tag switch
        {
            MpegLayersOneTwo or MpegLayerThree => new PlainCoding(SampleEncoding.Pcm8, channels, isBigEndian),
            ImaAdpcm or MicrosoftAdpcm => ReadAdpcm(tag, channels, blockBytes, bits, body, name),
            _ when s_otherNames.TryGetValue(tag, out string? other) =>
                throw SampleLayout.Refuse(name, $"{other} (WAV format {tag})"),
            _ => ReadPlain(tag, channels, blockBytes, bits, isBigEndian, name),
        };
        return new WavEncoding(coding, (int)sampleRate, channels, tag is MpegLayersOneTwo or MpegLayerThree);
    }

    private static PlainCoding ReadPlain(int tag, int channels, int blockBytes, int bits, bool isBigEndian, string name)
    {
        // Samples of odd widths (12 or 20 bits, 24 in 32) lie left-justified in whole bytes.
        int sampleBytes = blockBytes % channels == 0 && blockBytes > 0 ? blockBytes / channels : (bits + 7) / 8;
        if (bits == 0 || (bits + 7) / 8 > sampleBytes)
        {
            throw new InvalidDataException(
                $"'{name}' claims {bits} bits a sample in blocks of {blockBytes} bytes for {channels} channels; expected 8, 16, "
                + "24, 32 or 64 bits that fit the block.");
        }

        SampleEncoding encoding = (tag, sampleBytes) switch
        {
            (Pcm, 1) => SampleEncoding.Pcm8,
            (Pcm, 2) => SampleEncoding.Pcm16,
            (Pcm, 3) => SampleEncoding.Pcm24,
            (Pcm, 4) => SampleEncoding.Pcm32,
            (Float, 4) => SampleEncoding.Float32,
            (Float, 8) => SampleEncoding.Float64,
            (ALaw, 1) => SampleEncoding.ALaw,
            (MuLaw, 1) => SampleEncoding.MuLaw,
            _ => throw new InvalidDataException(
                $"'{name}' codes its samples as WAV format {tag} with {sampleBytes} bytes each; expected PCM (1) of 1 to 4 "
                + "bytes, float (3) of 4 or 8, A-law (6) or mu-law (7) of 1, or ADPCM of Microsoft (2) or IMA (17)."),
        };
        return new PlainCoding(encoding, channels, isBigEndian);
    }

    private static BlockCoding ReadAdpcm(
        int tag, int channels, int blockBytes, int bits, ReadOnlySpan<byte> body, string name)
    {
        // IMA's samples come in groups of four bytes for each channel, and a block without any holds one frame only.
        int headerBytes = (tag == ImaAdpcm ? 8 : 7) * channels;
        if (bits != 4 || blockBytes < headerBytes)
        {
            throw new InvalidDataException(
                $"'{name}' claims ADPCM of {bits} bits a sample in blocks of {blockBytes} bytes for {channels} channels; "
                + $"expected 4 bits and at least {headerBytes} bytes.");
        }

        if (tag == ImaAdpcm)
        {
            return new ImaWavCoding(channels, blockBytes);
        }

        // The extension: its size, the frames of a block, the number of pairs, and the pairs.
        const int PairsStart = PlainBytes + 6;
        int count = body.Length < PairsStart ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(body[(PairsStart - 2)..]);
        count = Math.Min(count, Math.Max(0, (body.Length - PairsStart) / 4));
        var pairs = new (short First, short Second)[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> pair = body[(PairsStart + (4 * i))..];
            pairs[i] = (BinaryPrimitives.ReadInt16LittleEndian(pair), BinaryPrimitives.ReadInt16LittleEndian(pair[2..]));
        }

        return new MicrosoftAdpcmCoding(channels, blockBytes, pairs);
    }

    // All fields are of 16 bits but the two rates; the sub-format's first field lies where a 32-bit number does.
    private static void SwapToLittleEndian(Span<byte> body)
    {
        body[4..8].Reverse();
        body[8..12].Reverse();
        for (int place = 0; place + 1 < body.Length; place += 2)
        {
            if (place is not (4 or 6 or 8 or 10 or 24 or 26))
            {
                body.Slice(place, 2).Reverse();
            }
        }

        if (body.Length >= ExtensibleBytes)
        {
            body[24..28].Reverse();
        }
    }
}
