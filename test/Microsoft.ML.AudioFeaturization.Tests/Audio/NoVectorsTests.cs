using System.Runtime.InteropServices;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Tests.Audio.Formats;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioFeaturization.Tests.Audio;

/// <summary>
/// Processors without AVX, and without any vector instruction: recordings decode to the same samples, and features differ by no
/// more than the rounding of float32.
/// </summary>
[TestClass]
public sealed class NoVectorsTests
{
    private static readonly string[] s_recordings =
        ["stereo-adaptive.flac", "bits-24.flac", "mp3-stereo.mp3", "vorbis-stereo.ogg", "opus-mono.opus"];

    [TestMethod]
    [DataRow("DOTNET_EnableAVX", 1e-4)]
    [DataRow("DOTNET_EnableHWIntrinsic", 1e-4)]
    public void SamplesAndFeaturesDoNotDependOnTheProcessor(string variable, double tolerance)
    {
        RequiredTool.Check(System.Runtime.Intrinsics.X86.Avx.IsSupported, "a processor with AVX");
        using var folder = new TemporaryFolder();
        string here = FreshProcess.Run(Compute, folder.File("here"));
        string there = FreshProcess.Run(
            Compute, new Dictionary<string, string> { [variable] = "0" }, folder.File("there"));
        Assert.AreNotEqual(here, there, "vectors are as wide in both processes");
        foreach (string name in s_recordings)
        {
            foreach (string what in new[] { "samples", "features" })
            {
                float[] expected = Read(folder.File($"here-{name}.{what}"));
                float[] found = Read(folder.File($"there-{name}.{what}"));
                Assert.HasCount(expected.Length, found, name);
                Assert.IsGreaterThan(100, expected.Length);
                double worst = expected.Zip(found, (value, other) => Math.Abs((double)value - other)).Max();

                // FLAC's samples are integers.
                Assert.IsLessThanOrEqualTo(
                    name.EndsWith(".flac", StringComparison.Ordinal) && what == "samples" ? 0 : tolerance, worst, $"{name}, {what}");
            }
        }
    }

    private static string Compute(string[] arguments)
    {
        foreach (string name in s_recordings)
        {
            using AudioDecoder decoder = AudioDecoder.Open(FixtureFiles.PathOf(name));
            (int channels, int rate) = (decoder.Info.Channels, decoder.Info.SampleRate);
            float[] samples = FixtureFiles.Decode(decoder);
            File.WriteAllBytes($"{arguments[0]}-{name}.samples", MemoryMarshal.AsBytes<float>(samples).ToArray());

            // One second of the first channel, repeated where it is shorter: the front end's vectors at work.
            float[] mono = [.. Enumerable.Range(0, rate).Select(i => samples[i * channels % samples.Length])];
            float[] features = new LogMelExtractor(LogMelOptions.CreateAst(rate)).Extract(mono);
            File.WriteAllBytes($"{arguments[0]}-{name}.features", MemoryMarshal.AsBytes<float>(features).ToArray());
        }

        return $"{System.Runtime.Intrinsics.Vector128.IsHardwareAccelerated} {System.Runtime.Intrinsics.X86.Avx.IsSupported}";
    }

    private static float[] Read(string path) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(path)).ToArray();
}
