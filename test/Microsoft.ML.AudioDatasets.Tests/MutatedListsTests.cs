using System.Diagnostics;
using AudioMLNet.Reproduce.Synthetic;
using AudioMLNet.TestSupport;

namespace Microsoft.ML.AudioDatasets.Tests;

/// <summary>
/// The lists of each data set with bytes changed at random: they are read, or an error names a file of the folder; quickly, and
/// with no more memory than their size allows. AUDIOML_MUTATIONS is the number for each list, 60 where it is not set.
/// </summary>
[TestClass]
public sealed class MutatedListsTests
{
    private static readonly int s_count = Mutator.Count(60);

    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<object[]> Sets => SyntheticDatasets.Makers.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Sets))]
    public void AMutatedListIsReadOrRefusedByName(string name)
    {
        using var folder = new TemporaryFolder();
        SyntheticDatasets.Makers[name](folder.Path, 1);
        string[] lists = [.. Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(".wav", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.IsNotEmpty(lists);
        (int read, int refused, double longest) = (0, 0, 0);
        foreach (string list in lists)
        {
            byte[] whole = File.ReadAllBytes(list);
            var mutator = new Mutator(whole, seed: 53);
            for (int i = 0; i < s_count; i++)
            {
                File.WriteAllBytes(list, mutator.Next());
                long before = GC.GetAllocatedBytesForCurrentThread();
                long start = Stopwatch.GetTimestamp();
                try
                {
                    SyntheticDatasetsTests.Load(name, folder.Path, DatasetTree.Skip);
                    read++;
                }
                catch (InvalidDataException error)
                {
                    Assert.Contains(folder.Path, error.Message, $"{list}, mutation {i}");
                    refused++;
                }

                longest = Math.Max(longest, Stopwatch.GetElapsedTime(start).TotalSeconds);
                Mutator.CheckTime(longest, most: 5, $"{list}, mutation {i}");
                Assert.IsLessThan(1 << 25, GC.GetAllocatedBytesForCurrentThread() - before, $"{list}, mutation {i}");
            }

            File.WriteAllBytes(list, whole);
        }

        TestContext.WriteLine($"{name}: {read} read, {refused} refused, {longest:F3} s at most");
        Assert.IsGreaterThan(0, read);
        Assert.IsGreaterThan(0, refused);
    }
}
