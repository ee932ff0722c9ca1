using System.Diagnostics;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio;

/// <summary>
/// WAV files with bytes changed at random, from a fixed seed: each is read, or refused by name. AUDIOML_MUTATIONS
/// is the number for each format, 400 where it is not set.
/// </summary>
[TestClass]
public sealed class MutatedWavTests
{
    private const long MostBytes = 1 << 24;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow(AudioFileFormat.WavPcm16)]
    [DataRow(AudioFileFormat.WavFloat32)]
    public void AMutatedFileIsReadOrRefusedByName(AudioFileFormat format)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("mutated.wav");
        AudioFile.Write(path, [.. Enumerable.Range(0, 400).Select(i => MathF.Sin(i * 0.1f) / 2)], 8000, channels: 2, format);
        byte[] whole = File.ReadAllBytes(path);
        var mutator = new Mutator(whole, seed: 43);
        int read = 0;
        int refused = 0;
        double longest = 0;
        int count = int.TryParse(Environment.GetEnvironmentVariable("AUDIOML_MUTATIONS"), out int asked) ? asked : 400;
        for (int i = 0; i < count; i++)
        {
            File.WriteAllBytes(path, mutator.Next());
            long before = GC.GetAllocatedBytesForCurrentThread();
            var time = Stopwatch.StartNew();
            try
            {
                using AudioReader reader = AudioReader.Open(path);
                Assert.IsTrue(reader.ReadToEnd().All(float.IsFinite), $"mutation {i}");
                read++;
            }
            catch (Exception error) when (error is InvalidDataException or NotSupportedException)
            {
                Assert.Contains(path, error.Message, $"mutation {i}");
                refused++;
            }

            longest = Math.Max(longest, time.Elapsed.TotalSeconds);
            Assert.IsLessThan(MostBytes, GC.GetAllocatedBytesForCurrentThread() - before, $"mutation {i}");
        }

        TestContext.WriteLine($"{format}: {read} read, {refused} refused, {longest:F3} s at most");
        Assert.IsGreaterThan(0, refused);
    }
}
