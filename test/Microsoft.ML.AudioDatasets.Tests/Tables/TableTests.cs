using System.Text;
using Microsoft.ML.AudioDatasets.Tables;

namespace Microsoft.ML.AudioDatasets.Tests.Tables;

[TestClass]
public sealed class TableTests
{
    [TestMethod]
    public void Quotes_line_feeds_and_columns_in_another_order_are_read()
    {
        string[] rows = Read("b,a,c\n\"x, \"\"y\"\"\nz\",1,\n2,\"\",3\n", TableFormat.Csv("a", "b"));
        CollectionAssert.AreEqual(new[] { "a=1 b=x, \"y\"\nz", "a= b=2" }, rows);
    }

    [TestMethod]
    public void AudioSet_lists_have_comments_and_spaces_before_quotes()
    {
        var format = new TableFormat(',', ["a", "b"], HasHeader: false) { Comment = '#', Trims = true };
        string[] rows = Read("# one, two, three\n--abc, \"/m/1,/m/2\"\n", format);
        CollectionAssert.AreEqual(new[] { "a=--abc b=/m/1,/m/2" }, rows);
    }

    [TestMethod]
    public void A_mark_at_the_start_and_carriage_returns_are_no_part_of_fields() =>
        CollectionAssert.AreEqual(new[] { "a=1 b=2" }, Read("\uFEFFa\tb\r\n1\t2\r\n", TableFormat.Tsv("a", "b")));

    [TestMethod]
    public void A_short_row_is_an_error_that_names_file_and_line()
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Read("a,b\n1,2\n3\n", TableFormat.Csv("a", "b")));
        StringAssert.Contains(error.Message, "'list.csv'");
        StringAssert.Contains(error.Message, "3");
        error = Assert.ThrowsExactly<InvalidDataException>(() => Read("1,2\n3\n", new TableFormat(',', ["a", "b"], false)));
        StringAssert.Contains(error.Message, "list.csv");
        error = Assert.ThrowsExactly<InvalidDataException>(() => Read("1\n", new TableFormat(',', ["a", "b"], false)));
        StringAssert.Contains(error.Message, "line 1: found 1 fields; expected 2: a, b.");
    }

    [TestMethod]
    public void Empty_cells_and_commas_at_the_end_are_fields()
    {
        CollectionAssert.AreEqual(new[] { "a=1 b=", "a= b=2" }, Read("a,b,\n1,,\n,2,\n", TableFormat.Csv("a", "b")));
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Read("a,b\n1,2,\n", TableFormat.Csv("a", "b")));
        StringAssert.Contains(error.Message, "list.csv");
    }

    [TestMethod]
    public void Bytes_that_are_not_UTF_8_are_an_error_that_names_the_line()
    {
        // As Latin-1 has it, "\u00E8" and "\u00E9" would both be the character that stands for none.
        byte[] latin = [.. "a,b\n1,2\ncaf"u8, 0xE9, .. ",3\n"u8];
        StringAssert.Contains(Refused(latin, TableFormat.Csv("a", "b")), "'list.csv', line 3: a has bytes that are no text");
        byte[] wide = Encoding.Unicode.GetBytes("a,b\n1,2\n");
        StringAssert.Contains(Refused(wide, TableFormat.Csv("a", "b")), "'list.csv' has no column a");

        StringAssert.Contains(Refused(latin, TableFormat.Csv("a", "b")), "save it as UTF-8");

        // What is not read may be in anything, as a column of notes.
        using var stream = new MemoryStream(latin);
        CollectionAssert.AreEqual(
            new[] { "2", "3" }, Table.Read(stream, "list.csv", TableFormat.Csv("b")).Select(row => row["b"]).ToArray());

        static string Refused(byte[] bytes, TableFormat format) => Assert.ThrowsExactly<InvalidDataException>(
            () => Table.Read(new MemoryStream(bytes), "list.csv", format).Select(row => row["a"]).ToArray()).Message;
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void UTF_16_is_read_where_its_mark_says_so(bool isBigEndian)
    {
        var encoding = new UnicodeEncoding(isBigEndian, byteOrderMark: true);
        using var stream = new MemoryStream([.. encoding.Preamble, .. encoding.GetBytes("a,b\n1,caf\u00E9\n")]);

        string[] rows = [.. Table.Read(stream, "list.csv", TableFormat.Csv("a", "b")).Select(row => $"a={row["a"]} b={row["b"]}")];

        CollectionAssert.AreEqual(new[] { "a=1 b=caf\u00E9" }, rows);
    }

    [TestMethod]
    public void A_quote_within_a_field_is_an_error_or_itself()
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Read("a,b\n5\" pipe,2\n", TableFormat.Csv("a", "b")));
        StringAssert.Contains(error.Message, "list.csv");
        CollectionAssert.AreEqual(
            new[] { "a=5\" pipe b=2" },
            Read("a,b\n5\" pipe,2\n", new TableFormat(',', ["a", "b"]) { HasPlainQuotes = true }));
    }

    [TestMethod]
    public void An_open_quote_is_an_error()
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Read("a,b\n1,\"2\n3,4\n", TableFormat.Csv("a", "b")));
        StringAssert.Contains(error.Message, "list.csv");
    }

    [TestMethod]
    public void A_row_without_end_is_refused_before_memory_is_short()
    {
        string text = "a,b\n1,\"" + new string('x', 5 << 20);
        Assert.ThrowsExactly<InvalidDataException>(() => Read(text, TableFormat.Csv("a", "b")));
    }

    [TestMethod]
    public void A_missing_column_is_named_with_those_found()
    {
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Read("x,a\n", TableFormat.Csv("a", "b")));
        StringAssert.Contains(error.Message, "'list.csv' has no column b; found x, a.");
    }

    [TestMethod]
    public void An_empty_table_has_no_columns() =>
        Assert.ThrowsExactly<InvalidDataException>(() => Read("", TableFormat.Csv("a", "b")));

    [TestMethod]
    public void Values_are_checked_and_named()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes("n,s,t\n7,0.5,00:01:02.25\nx,-1,1h\n"));
        int row = 0;
        foreach (TableRow line in Table.Read(stream, "list.csv", TableFormat.Csv("n", "s", "t")))
        {
            TableRow current = line;
            if (row++ == 0)
            {
                Assert.AreEqual(7, current.Whole("n", 0, 9));
                Assert.AreEqual(0.5f, current.Seconds("s"));
                Assert.AreEqual(62.25, current.Time("t").TotalSeconds);
                StringAssert.Contains(
                    Assert.ThrowsExactly<InvalidDataException>(() => current.Whole("n", 0, 6)).Message,
                    "'list.csv', line 2: n is '7'; expected a whole number, 0 to 6.");
            }
            else
            {
                StringAssert.Contains(
                    Assert.ThrowsExactly<InvalidDataException>(() => current.Whole("n", 0, 9)).Message, "line 3");
                Assert.ThrowsExactly<InvalidDataException>(() => current.Seconds("s"));
                Assert.ThrowsExactly<InvalidDataException>(() => current.Time("t"));
            }
        }

        Assert.AreEqual(2, row);
    }

    private static string[] Read(string text, TableFormat format)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return [.. Table.Read(stream, "list.csv", format).Select(row => $"a={row["a"]} b={row["b"]}")];
    }
}
