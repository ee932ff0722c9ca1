using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The lines of text files, and the fields of a line.</summary>
internal sealed class TextLines
{
    private const int LinesToCount = 100;

    private readonly char[] _separators;
    private readonly bool _quoting;
    private readonly bool _hasHeader;
    private readonly bool _trims;
    private readonly long _maxRows;

    public TextLines(TextLoader.Options options)
    {
        _separators = [.. options.Separators];
        _quoting = options.AllowQuoting;
        _hasHeader = options.HasHeader;
        _trims = options.TrimWhitespace;
        _maxRows = options.MaxRows ?? long.MaxValue;
    }

    /// <summary>The rows' lines, with their numbers from 1: no header, no empty line, no comment.</summary>
    public IEnumerable<(long Number, string Text)> Read(IMultiStreamSource files)
    {
        long rows = 0;
        for (int file = 0; file < files.Count && rows < _maxRows; file++)
        {
            bool isFirst = true;
            foreach (var line in ReadContent(files, file))
            {
                bool isHeader = isFirst && _hasHeader;
                isFirst = false;
                if (isHeader)
                    continue;
                if (rows++ >= _maxRows)
                    break;
                yield return line;
            }
        }
    }

    /// <summary>The fields of the first line, or none without a sample.</summary>
    public ReadOnlyMemory<char>[] ReadHeader(IMultiStreamSource sample)
    {
        if (sample is not { Count: > 0 })
            return [];
        string header = ReadContent(sample, 0).Select(line => line.Text).FirstOrDefault();
        return header == null ? [] : [.. Split(header).Select(field => field.Trim())];
    }

    /// <summary>How many fields the first lines have.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no sample, or its lines differ.</exception>
    public int CountFields(IMultiStreamSource sample)
    {
        int[] counts = sample is not { Count: > 0 }
            ? []
            : [.. ReadContent(sample, 0).Take(LinesToCount).Select(line => Split(line.Text).Count).Distinct()];
        Contracts.CheckParam(
            counts.Length > 0,
            nameof(TextLoader.Column.Source),
            "Can't determine the number of source columns without valid data");
        Contracts.CheckParam(
            counts.Length == 1, nameof(TextLoader.Column.Source), "The size of input lines is not consistent");
        return counts[0];
    }

    /// <summary>The fields of a line. A field that is quoted wrongly is empty.</summary>
    public List<ReadOnlyMemory<char>> Split(string line)
    {
        ReadOnlyMemory<char> text = _trims ? line.AsMemory().TrimEnd() : line.AsMemory();
        var fields = new List<ReadOnlyMemory<char>>();
        int next = 0;
        do
        {
            fields.Add(NextField(text, ref next));
        }
        while (next <= text.Length);
        return fields;
    }

    private static IEnumerable<(long Number, string Text)> ReadContent(IMultiStreamSource files, int file)
    {
        using TextReader reader = files.OpenTextReader(file);
        bool isFirst = true;
        long number = 0;
        while (reader.ReadLine() is { } text)
        {
            number++;
            if (text.Length == 0 || text.StartsWith("//", StringComparison.Ordinal) || (isFirst && text[0] == '#'))
                continue;
            isFirst = false;
            yield return (number, text);
        }
    }

    /// <summary>Reads the field at an index and moves the index behind the separator after it.</summary>
    private ReadOnlyMemory<char> NextField(ReadOnlyMemory<char> text, ref int index)
    {
        ReadOnlySpan<char> span = text.Span;
        if (!_separators.Contains(' '))
        {
            while (index < span.Length && span[index] == ' ')
                index++;
        }

        if (_quoting && index < span.Length && span[index] == '"')
            return QuotedField(span, ref index);
        int length = span[index..].IndexOfAny(_separators);
        if (length < 0)
            length = span.Length - index;
        ReadOnlyMemory<char> field = text.Slice(index, length);
        index += length + 1;
        return field;
    }

    private ReadOnlyMemory<char> QuotedField(ReadOnlySpan<char> span, ref int index)
    {
        var field = new StringBuilder();
        bool isClosed = false;
        index++;
        while (index < span.Length && !isClosed)
        {
            if (span[index] != '"')
            {
                field.Append(span[index++]);
            }
            else if (index + 1 < span.Length && span[index + 1] == '"')
            {
                field.Append('"');
                index += 2;
            }
            else
            {
                isClosed = true;
                index++;
            }
        }

        bool isWrong = !isClosed;
        for (; index < span.Length && !_separators.Contains(span[index]); index++)
            isWrong |= span[index] != ' ';
        index++;
        return isWrong ? default : field.ToString().AsMemory();
    }
}
