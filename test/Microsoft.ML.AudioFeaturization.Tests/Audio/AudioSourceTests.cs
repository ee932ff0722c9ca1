using Microsoft.ML.AudioFeaturization.Audio;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio;

[TestClass]
public sealed class AudioSourceTests
{
    [TestMethod]
    public void Any_order_of_looks_reads_and_jumps_gives_the_bytes_of_the_place()
    {
        var bytes = new byte[10_000];
        new Random(1).NextBytes(bytes);
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            using var source = new AudioSource(new MemoryStream([.. new byte[3], .. bytes]) { Position = 3 }, "bytes", false);
            long position = 0;
            for (int step = 0; step < 30; step++)
            {
                var part = new byte[random.Next(1, 3000)];
                int count = (int)Math.Min(part.Length, bytes.Length - position);
                switch (random.Next(4))
                {
                    case 0:
                        Assert.AreEqual(count, source.Peek(part));
                        CollectionAssert.AreEqual(bytes[(int)position..((int)position + count)], part[..count]);
                        break;
                    case 1:
                        position = random.Next(bytes.Length);
                        source.Position = position;
                        break;
                    case 2:
                        position += source.Skip(random.Next(500));
                        break;
                    default:
                        Assert.AreEqual(count, source.ReadAtLeast(part, part.Length, throwOnEndOfStream: false));
                        CollectionAssert.AreEqual(bytes[(int)position..((int)position + count)], part[..count]);
                        position += count;
                        break;
                }

                Assert.AreEqual(position, source.Position);
            }
        }
    }
}
