namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats;

/// <summary>A stream that cannot seek, has no length, and gives a few bytes at a time, as a connection does.</summary>
internal sealed class OnwardStream(byte[] bytes) : MemoryStream(bytes)
{
    private const int MostBytes = 1000;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override long Seek(long offset, SeekOrigin loc) => throw new NotSupportedException();

    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, MostBytes)]);
}
