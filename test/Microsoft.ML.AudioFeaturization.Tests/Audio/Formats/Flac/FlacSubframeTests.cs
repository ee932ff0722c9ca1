namespace Microsoft.ML.AudioFeaturization.Tests.Audio.Formats.Flac;

/// <summary>Subframes that no tool writes, bit by bit; the right samples follow by hand.</summary>
[TestClass]
public sealed class FlacSubframeTests
{
    private const int FixedOrder0 = 8 << 1;

    [TestMethod]
    public void Escaped_partitions_hold_plain_numbers()
    {
        int[] values = [3, -4, 0, 1, -1, 2, -3, 3, 0, 0, 0, 0, 0, 0, 0, 0];

        // Two partitions: one escaped to numbers of 3 bits, one to numbers of none, which are zeros.
        FlacBuilder subframe = new FlacBuilder().Add(FixedOrder0, 8).Add(0, 2).Add(1, 4)
            .Add(15, 4).Add(3, 5).AddAll(values[..8], 3).Add(15, 4).Add(0, 5);
        Check(values, subframe);
    }

    [TestMethod]
    [DataRow(0, 10)]
    [DataRow(1, 26)]
    [DataRow(1, 5)]
    public void Both_methods_of_Rice_coding_are_read(int method, int parameter)
    {
        int[] values = [0, -1, 1, -2, 1000, -1000, 32767, -32768, 5, 6, 7, 8, -9, -10, -11, -12, 13];
        FlacBuilder subframe = new FlacBuilder().Add(FixedOrder0, 8).Add(method, 2).Add(0, 4).Add(parameter, 4 + method);
        foreach (int value in values)
        {
            subframe.AddRice(value, parameter);
        }

        Check(values, subframe);
    }

    [TestMethod]
    public void Unary_parts_of_any_length_are_read()
    {
        // With parameter 0 the largest have 65535 zeros.
        int[] values = [0, 27, -28, 28, -29, 29, 100, -32768, 1, 32767, 0, 0, -1, 3, -60, 31, 32];
        FlacBuilder subframe = new FlacBuilder().Add(FixedOrder0, 8).Add(0, 2).Add(0, 4).Add(0, 4);
        foreach (int value in values)
        {
            subframe.AddRice(value, 0);
        }

        Check(values, subframe);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(11)]
    [DataRow(12)]
    [DataRow(13)]
    [DataRow(31)]
    [DataRow(32)]
    public void A_linear_predictor_of_any_order_is_undone(int order)
    {
        // The sample before as many as the order has, weighted 2 of 2, and -2 of 2 for the last one:
        // s[i] = s[i - order] - s[i - 1] + r[i].
        int[] samples = [.. Enumerable.Range(0, order).Select(i => (i * 37 % 100) - 50)];
        int[] residuals = [.. Enumerable.Range(0, 64 - order).Select(i => (i * 11 % 7) - 3)];
        var expected = new List<int>(samples);
        foreach (int residual in residuals)
        {
            int weighted = (order == 1 ? 0 : 2 * expected[^order]) - (2 * expected[^1]);
            expected.Add((weighted >> 1) + residual);
        }

        FlacBuilder subframe = new FlacBuilder().Add((32 + order - 1) << 1, 8).AddAll(samples, 16)
            .Add(4 - 1, 4).Add(1, 5).Add(-2, 4);
        for (int i = 1; i < order; i++)
        {
            subframe.Add(i == order - 1 ? 2 : 0, 4);
        }

        subframe.Add(0, 2).Add(0, 4).Add(2, 4);
        foreach (int residual in residuals)
        {
            subframe.AddRice(residual, 2);
        }

        Check([.. expected], subframe);
    }

    [TestMethod]
    public void Wasted_bits_are_put_back()
    {
        // 3 wasted bits: "1", then two zeros and a one; the constant has the 13 bits that are left.
        FlacBuilder subframe = new FlacBuilder().Add(1, 8).Add(1, 3).Add(-100, 13);
        Check([.. Enumerable.Repeat(-800, 20)], subframe);
    }

    [TestMethod]
    [DataRow(2 << 1, "reserved")]
    [DataRow(0x80, "reserved")]
    [DataRow(13 << 1, "reserved")]
    public void Reserved_kinds_are_damage(int header, string expected)
    {
        byte[] file = File(16, new FlacBuilder().Add(header, 8).Add(0, 16));
        Recording recording = Recording.Read(new MemoryStream(file));
        Assert.IsEmpty(recording.Samples);
        Assert.Contains(expected, recording.Damages[0].Damage.Message);
    }

    private static byte[] File(int count, FlacBuilder subframe) =>
        [.. FlacBuilder.Headers(64, 64, count), .. FlacBuilder.Frame(variable: false, 0, count, subframe)];

    private static void Check(int[] expected, FlacBuilder subframe)
    {
        Recording recording = Recording.Whole(new MemoryStream(File(expected.Length, subframe)));
        CollectionAssert.AreEqual(expected, Array.ConvertAll(recording.Samples, sample => (int)(sample * 32768)));
    }
}
