using System.Text.RegularExpressions;

namespace AudioMLNet.Docs.Tests;

/// <summary>A block of C# in a page of the documentation.</summary>
/// <param name="Page">The page, from the root of the checkout.</param>
/// <param name="Line">Its first line, counted from 1.</param>
/// <param name="Text">The code.</param>
internal sealed partial record CodeBlock(string Page, int Line, string Text)
{
    /// <summary>Reads the blocks of a page: fenced ones of C#, and indented ones that have a statement.</summary>
    /// <param name="root">Root of the checkout.</param>
    /// <param name="page">The page.</param>
    public static IEnumerable<CodeBlock> Read(string root, string page)
    {
        string[] lines = File.ReadAllLines(Path.Combine(root, page));
        for (int i = 0; i < lines.Length; i++)
        {
            int start = i + 1;
            if (lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                int end = Array.FindIndex(lines, start, line => line.StartsWith("```", StringComparison.Ordinal));
                if (lines[i] == "```csharp")
                {
                    yield return new CodeBlock(page, start + 1, string.Join('\n', lines[start..end]));
                }

                i = end;
            }
            else if (IsIndented(lines[i]) && (i == 0 || lines[i - 1].Length == 0))
            {
                int end = i;
                while (end < lines.Length && (IsIndented(lines[end])
                    || (lines[end].Length == 0 && end + 1 < lines.Length && IsIndented(lines[end + 1]))))
                {
                    end++;
                }

                string text = string.Join('\n', lines[i..end].Select(line => line.Length == 0 ? line : line[4..]));
                i = end;
                if (Statement().IsMatch(text))
                {
                    yield return new CodeBlock(page, start, text.Replace("{ ... }", "{ }", StringComparison.Ordinal));
                }
            }
        }
    }

    private static bool IsIndented(string line) => line.StartsWith("    ", StringComparison.Ordinal);

    [GeneratedRegex(@";\s*(//.*)?$", RegexOptions.Multiline)]
    private static partial Regex Statement();
}
