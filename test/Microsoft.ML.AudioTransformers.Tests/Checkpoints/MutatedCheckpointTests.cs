using System.Diagnostics;
using System.Runtime.InteropServices;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Checkpoints;

/// <summary>
/// Files of weights with bytes changed at random, from a fixed seed: each is read, or refused by an error that names the
/// file, and takes no more memory than its size allows. AUDIOML_MUTATIONS is the number for each format, 600 where it is not
/// set.
/// </summary>
[TestClass]
public sealed class MutatedCheckpointTests
{
    private const long MostBytes = 1 << 24;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("safetensors")]
    [DataRow("torch zip")]
    [DataRow("torch legacy")]
    public void AMutatedFileIsReadOrRefusedByName(string format)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("mutated.weights");
        byte[] whole = Good(format, path);
        var mutator = new Mutator(whole, seed: 41);
        int read = 0;
        int refused = 0;
        double longest = 0;
        int count = int.TryParse(Environment.GetEnvironmentVariable("AUDIOML_MUTATIONS"), out int asked) ? asked : 600;
        for (int i = 0; i < count; i++)
        {
            byte[] bytes = mutator.Next();
            File.WriteAllBytes(path, bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            var time = Stopwatch.StartNew();
            try
            {
                using Checkpoint checkpoint = Checkpoint.Open(path);
                foreach (CheckpointTensor tensor in checkpoint.Tensors.Values.Where(tensor => tensor.ByteCount <= 10 * whole.Length))
                {
                    tensor.ToBytes();
                }

                read++;
            }
            catch (InvalidDataException error)
            {
                Assert.Contains(path, error.Message, $"mutation {i}");
                refused++;
            }

            longest = Math.Max(longest, time.Elapsed.TotalSeconds);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.IsLessThan(MostBytes, allocated, $"mutation {i}: {bytes.Length} bytes in the file");
        }

        TestContext.WriteLine($"{format}: {read} read, {refused} refused, {longest:F3} s at most");
        Assert.IsGreaterThan(count / 10, refused);
    }

    private static byte[] Good(string format, string path)
    {
        byte[] storage = MemoryMarshal.AsBytes<float>([1, 2, 3, 4]).ToArray();
        if (format == "safetensors")
        {
            Safetensors.Save(
                path,
                [
                    new InMemoryTensor("test", "w", CheckpointDType.Float32, [2, 2], storage),
                    new InMemoryTensor("test", "half", CheckpointDType.BFloat16, [4], storage.AsMemory(0, 8)),
                ],
                new Dictionary<string, string> { ["classes"] = "[\"a\"]" });
            return File.ReadAllBytes(path);
        }

        return format == "torch zip"
            ? PickleBuilder.Zip(PickleBuilder.Good(), storage)
            : PickleBuilder.Legacy(PickleBuilder.Good(), storage);
    }
}
