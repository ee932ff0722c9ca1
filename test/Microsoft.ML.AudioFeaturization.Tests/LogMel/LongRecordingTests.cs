using Microsoft.ML.AudioFeaturization.Tests.Audio;

namespace Microsoft.ML.AudioFeaturization.Tests.LogMel;

[TestClass]
public sealed class LongRecordingTests
{
    private const int SampleRate = 8000;
    private const int Seconds = 2 * 60 * 60;

    [TestMethod]
    public void Two_hours_are_featurized_in_flat_memory()
    {
        LogMelOptions options = LogMelOptions.CreatePasst(SampleRate);
        options.TargetSamples = 0;
        var stream = new StreamingLogMelExtractor(new LogMelExtractor(options));
        var samples = new float[SampleRate * 10];
        var frames = new float[2000 * options.MelBins];
        using AudioReader reader = AudioReader.Open(new EndlessWav(), SampleRate);
        Assert.AreEqual((long)SampleRate * Seconds, reader.Length);

        long before = GC.GetAllocatedBytesForCurrentThread();
        double sum = 0;
        long count = 0;
        for (int read = reader.Read(samples); read > 0; read = reader.Read(samples))
        {
            count += Add(stream.Write(samples.AsSpan(0, read), frames));
        }

        count += Add(stream.Finish(frames));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(SampleRate * (long)Seconds / options.HopLength, count);
        Assert.IsTrue(double.IsFinite(sum));
        Assert.IsLessThan(1 << 20, allocated);

        int Add(int written)
        {
            sum += frames[0] + frames[Math.Max(0, (written * options.MelBins) - 1)];
            return written;
        }
    }

    /// <summary>Two hours of 16-bit noise that lie nowhere.</summary>
    private sealed class EndlessWav : Stream
    {
        private readonly byte[] _header =
            new WavBuilder { SampleRate = SampleRate, ClaimedData = 2u * SampleRate * Seconds }.Build([]);
        private readonly byte[] _noise =
            WavBuilder.Encode(1, 16, Array.ConvertAll(Signals.Noise(5000, 1), sample => (double)sample));

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => _header.Length + (2L * SampleRate * Seconds);

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            bool inHeader = Position < _header.Length;
            byte[] source = inHeader ? _header : _noise;
            int start = (int)(inHeader ? Position : (Position - _header.Length) % _noise.Length);
            int count = (int)Math.Min(Math.Min(buffer.Length, source.Length - start), Length - Position);
            source.AsSpan(start, count).CopyTo(buffer);
            Position += count;
            return count;
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => Length + offset,
        };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
