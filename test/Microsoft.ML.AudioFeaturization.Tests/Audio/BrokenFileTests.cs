using System.Buffers.Binary;
using System.Diagnostics;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Tests.Audio.Formats;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio;

/// <summary>
/// Files broken at random: each gives samples or an error of a foreseen type, and takes no more memory than a fixed
/// amount and a small multiple of its own size.
/// </summary>
[TestClass]
public sealed class BrokenFileTests
{
    // Tables of a new ratio and pooled blocks, with the filter of a rate of 2^31 Hz, 134 thousand times as long as at 16 kHz, and
    // the buffer that it slides over; then 4 bytes a sample of a byte, resampled up to 16 times, read once.
    private const long FixedBytes = 24 << 20;
    private const long BytesPerByte = 4 * AudioRequest.MaximumUpsampling * 2;

    [TestMethod]
    [Timeout(600_000, CooperativeCancellation = true)]
    public void A_thousand_broken_wavs_do_no_harm()
    {
        double[] samples = Array.ConvertAll(Signals.Noise(3000, 1), sample => (double)sample);
        byte[][] whole =
        [
            new WavBuilder().Build(WavBuilder.Encode(1, 16, samples)),
            new WavBuilder { Bits = 8, SampleRate = 8000, Channels = 3 }.Build(WavBuilder.Encode(1, 8, samples)),
            new WavBuilder { Bits = 24, SampleRate = 44100, Extensible = true }
                .Build(WavBuilder.Encode(1, 24, samples)),
            new WavBuilder { FormatTag = 3, Bits = 32, Channels = 2, SampleRate = 22050 }
                .Build(WavBuilder.Encode(3, 32, samples)),
            new WavBuilder { FormatTag = 3, Bits = 64, Between = [("LIST", new byte[33])] }
                .Build(WavBuilder.Encode(3, 64, samples)),
            new WavBuilder { FormatTag = 7, Bits = 8, Mark = "RF64", Before = [("ds64", new byte[28])] }
                .Build(new byte[3000]),
        ];
        (int read, int refused) = ReadBroken(whole, 1000, headerBytes: 80);

        // A breakage that all files survive, or none, would test nothing.
        Assert.IsGreaterThan(100, read);
        Assert.IsGreaterThan(100, refused);
    }

    [TestMethod]
    [DataRow("*.w*")]
    [DataRow("*.aiff")]
    [DataRow("*.au")]
    [DataRow("*.caf")]
    [DataRow("*.mp?")]
    [Timeout(600_000, CooperativeCancellation = true)]
    public void Broken_recordings_of_other_tools_do_no_harm(string pattern)
    {
        byte[][] whole = Array.ConvertAll(
            FixtureFiles.Names(pattern), name => File.ReadAllBytes(FixtureFiles.PathOf(name)));
        (int read, int refused) = ReadBroken(whole, 300, headerBytes: 90);
        Assert.IsGreaterThan(30, read);
        Assert.IsGreaterThan(30, refused);
    }

    /// <summary>
    /// A block of IMA ADPCM has 64 samples for each channel, those of 65,535 channels 16 MB. Found by coverage-guided fuzzing.
    /// </summary>
    [TestMethod]
    public void Channels_that_a_header_claims_take_no_memory_that_the_file_does_not_fill()
    {
        byte[] file = File.ReadAllBytes(FixtureFiles.PathOf("aifc-ima4.aiff"));
        int common = file.AsSpan().IndexOf("COMM"u8);
        file.AsSpan(common + 8, sizeof(ushort)).Fill(0xFF);
        var frame = new float[ushort.MaxValue];

        // What is made once in a process.
        using (AudioDecoder first = AudioDecoder.Open(File.ReadAllBytes(FixtureFiles.PathOf("aifc-ima4.aiff")), "first"))
        {
            first.Read(frame);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        using (AudioDecoder decoder = AudioDecoder.Open(file, "wide"))
        {
            Assert.AreEqual(ushort.MaxValue, decoder.Info.Channels);
            Assert.AreEqual(0, decoder.Read(frame), "no block is whole");
        }

        Assert.IsLessThan(1 << 18, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static (int Read, int Refused) ReadBroken(byte[][] whole, int usual, int headerBytes)
    {
        int count = Mutation.Count(usual);
        double longest = 0;
        int read = 0;
        int refused = 0;
        for (int seed = 0; seed < count; seed++)
        {
            var random = new Random(seed);
            byte[] file = Break([.. whole[seed % whole.Length]], random, headerBytes);
            int rate = random.Next(3) == 0 ? 0 : 16000;
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            try
            {
                double offset = random.Next(4) == 0 ? 0.01 : 0;
                using Stream stream = random.Next(4) == 0 ? new ForwardOnlyStream(file) : new MemoryStream(file);
                using AudioReader reader = AudioReader.Open(stream, rate, offset: offset);
                Assert.IsNotEmpty(reader.ReadToEnd());
                read++;
            }
            catch (Exception exception) when (exception is InvalidDataException or NotSupportedException or ArgumentException)
            {
                StringAssert.Contains(exception.Message, "'stream'", StringComparison.Ordinal);
                refused++;
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.IsLessThanOrEqualTo(
                FixedBytes + (BytesPerByte * file.Length), allocated, $"file {seed} of {file.Length} bytes");

            longest = Math.Max(longest, Stopwatch.GetElapsedTime(start).TotalSeconds);
            Mutator.CheckTime(longest, most: 20, $"file {seed}");
        }

        Console.WriteLine(FormattableString.Invariant(
            $"{count} mutations: {read} read, {refused} refused, {longest:F3} s at most"));

        return (read, refused);
    }

    private static byte[] Break(byte[] file, Random random, int headerBytes)
    {
        for (int wounds = random.Next(1, 5); wounds > 0; wounds--)
        {
            int place = random.Next(random.Next(4) == 0 ? file.Length : Math.Min(file.Length, headerBytes));
            switch (random.Next(6))
            {
                case 0:
                    file[place] = (byte)random.Next(256);
                    break;
                case 1:
                    file[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 2 when place + 4 <= file.Length:
                    uint[] extremes =
                        [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE, (uint)file.Length, (uint)random.Next()];
                    BinaryPrimitives.WriteUInt32LittleEndian(
                        file.AsSpan(place), extremes[random.Next(extremes.Length)]);
                    break;
                case 3:
                    file = file[..Math.Max(1, place)];
                    break;
                case 4:
                    file = [.. file[..place], .. file[Math.Min(file.Length, place + random.Next(1, 20))..]];
                    file = file.Length == 0 ? [0] : file;
                    break;
                default:
                    var inserted = new byte[random.Next(1, 20)];
                    random.NextBytes(inserted);
                    file = [.. file[..place], .. inserted, .. file[place..]];
                    break;
            }
        }

        return file;
    }
}
