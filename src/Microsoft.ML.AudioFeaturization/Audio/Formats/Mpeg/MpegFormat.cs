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
        bool isTag = !source.CanSeek && bytes.AsSpan(0, count).StartsWith("ID3"u8);
        bool found = MpegSync.FindFirst(bytes.AsSpan(0, count), count < bytes.Length, out _, out _) >= 0;
        if (source.CanSeek)
        {
            source.Position = start;
        }

        return found || isTag;
    }

    /// <inheritdoc/>
    public override AudioDecoder Open(AudioSource source) => new MpegReader(source, long.MaxValue, "");
}
