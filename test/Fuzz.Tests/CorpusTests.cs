using AudioMLNet.Fuzz.Inputs;
using AudioMLNet.TestSupport;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace AudioMLNet.Fuzz.Tests;

/// <summary>
/// Inputs that coverage-guided fuzzing found, each of which takes branches that the others do not take: a result or an error
/// that names the file, in memory that the input's size allows.
/// </summary>
[TestClass]
public sealed class CorpusTests
{
    private const int MostBytes = 12 << 10;
    private const int MostBytesOfAll = 400 << 10;

    private static readonly string s_corpus = Path.Combine(Checkout.Root, "test", "Fuzz", "corpus");

    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<object[]> Names => Parsers.All.Keys.Select(name => new object[] { name });

    [ClassCleanup]
    public static void Cleanup() => Guard.RemoveFolders();

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Each_input_gives_a_result_or_an_error_by_name(string parser)
    {
        string[] inputs = Directory.GetFiles(Path.Combine(s_corpus, parser));
        Assert.IsNotEmpty(inputs);
        long most = 0;

        // What a process makes once is no input's.
        Parsers.All[parser](File.ReadAllBytes(inputs[0]));
        foreach (string input in inputs)
        {
            byte[] bytes = File.ReadAllBytes(input);
            Assert.IsLessThanOrEqualTo(MostBytes, bytes.Length, input);
            try
            {
                Parsers.All[parser](bytes);
            }
            catch (Exception exception)
            {
                Assert.Fail($"{input}: {exception}");
            }

            most = Math.Max(most, Guard.LastAllocated);
        }

        TestContext.WriteLine($"{inputs.Length} inputs, {most} bytes allocated at most");
    }

    [TestMethod]
    public void The_corpora_are_those_of_the_parsers_and_small()
    {
        CollectionAssert.AreEquivalent(
            Parsers.All.Keys.ToArray(), Array.ConvertAll(Directory.GetDirectories(s_corpus), folder => Path.GetFileName(folder)));
        long length = Directory.GetFiles(s_corpus, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
        Assert.IsLessThan(MostBytesOfAll, length);
    }

    /// <summary>What the parsers are held to is found out when it is not so.</summary>
    [TestMethod]
    public void An_error_without_a_name_another_exception_and_too_much_memory_are_findings()
    {
        Guard.Read(0, 1, () => throw new InvalidDataException($"'{Guard.Name}' is cut short."));
        Assert.ThrowsExactly<InvalidOperationException>(() => Guard.Read(0, 1, () => throw new InvalidDataException("It is cut.")));
        Assert.ThrowsExactly<IndexOutOfRangeException>(() => Guard.Read(0, 1, () => throw new IndexOutOfRangeException()));
        Assert.ThrowsExactly<InvalidOperationException>(() => Guard.Read(0, 1, () => GC.KeepAlive(new byte[2 << 20])));
        Guard.Read(1 << 20, 1, () => GC.KeepAlive(new byte[2 << 20]));
    }
}
