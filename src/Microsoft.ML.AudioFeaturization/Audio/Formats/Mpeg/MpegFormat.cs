namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Mpeg;

/// <summary>MPEG audio: layers I, II and III (MP3) of MPEG-1, MPEG-2 and MPEG-2.5.</summary>
internal sealed class MpegFormat : AudioFormat
{
    /// <inheritdoc/>
    public override string Name => "MP3";

    /// <inheritdoc/>
    public override bool Matches(AudioSource source)
    {
        long start = source.Position;
        if (source.CanSeek)
        {
            MpegSync.SkipTags(source);
        }

        var bytes = new byte[MpegSync.SearchBytes];
        int count = source.Peek(bytes);
        if (IsOther(bytes.AsSpan(0, count)))
        {
            source.Position = source.CanSeek ? start : source.Position;
            return false;
        }

        bool isTag = !source.CanSeek && bytes.AsSpan(0, count).StartsWith("ID3"u8);
        bool found = MpegSync.FindFirst(bytes.AsSpan(0, count), count < bytes.Length, out _, out _) >= 0;
        if (source.CanSeek)
        {
            source.Position = start;
        }

        return found || isTag;
    }

    // Files of other kinds are full of bytes that look like a frame's first ones: MP4 and QuickTime, Matroska, ASF, FLV, AMR, PNG, ZIP,
    // PDF, ELF.
    private static bool IsOther(ReadOnlySpan<byte> start) =>
        start is [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..]
            or [_, _, _, _, (byte)'m', (byte)'o', (byte)'o', (byte)'v', ..]
            or [_, _, _, _, (byte)'m', (byte)'d', (byte)'a', (byte)'t', ..]
            or [0x1A, 0x45, 0xDF, 0xA3, ..] or [0x30, 0x26, 0xB2, 0x75, ..] or [(byte)'F', (byte)'L', (byte)'V', 1, ..]
            or [(byte)'#', (byte)'!', (byte)'A', (byte)'M', (byte)'R', ..] or [0x89, (byte)'P', (byte)'N', (byte)'G', ..]
            or [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..]
            or [0x7F, (byte)'E', (byte)'L', (byte)'F', ..];

    /// <inheritdoc/>
    public override AudioDecoder Open(AudioSource source) => new MpegReader(source, long.MaxValue, "");
}
