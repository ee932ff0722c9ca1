using System.Security.Cryptography;

namespace Microsoft.ML.AudioFeaturization.Hosting;

/// <summary>
/// Forward-only stream over another that computes the SHA-256 of all bytes read from it, or all written to it. It neither
/// closes nor flushes the other of itself.
/// </summary>
internal sealed class HashingStream(Stream inner) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException("The stream only goes forward.");

    public override long Position
    {
        get => throw new NotSupportedException("The stream only goes forward.");
        set => throw new NotSupportedException("The stream only goes forward.");
    }

    /// <summary>SHA-256 of what went through, 32 bytes.</summary>
    public byte[] Hash() => _hash.GetCurrentHash();

    /// <summary>Reads what is left, so that <see cref="Hash"/> is that of the whole.</summary>
    public void ReadToEnd()
    {
        var block = new byte[1 << 16];
        while (Read(block) > 0)
        {
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int read = inner.Read(buffer);
        _hash.AppendData(buffer[..read]);
        return read;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        _hash.AppendData(buffer);
    }

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) =>
        throw new NotSupportedException("The stream only goes forward.");

    public override void SetLength(long value) => throw new NotSupportedException("The stream only goes forward.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}
