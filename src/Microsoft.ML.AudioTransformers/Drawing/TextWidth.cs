using System.Globalization;
using System.Text;

namespace Microsoft.ML.AudioTransformers.Drawing;

/// <summary>Estimated width of texts in a font of 12 pixels; the real one depends on the fonts of the viewer.</summary>
internal static class TextWidth
{
    private const double Narrow = 7;
    private const double Wide = 13;

    // Code points of the width W or F (Unicode Standard Annex #11), in blocks, and symbols that are mostly drawn as emoji.
    private static readonly (int First, int Last)[] s_wide =
    [
        (0x1100, 0x115F), (0x231A, 0x231B), (0x23E9, 0x23F3), (0x25FD, 0x25FE), (0x2600, 0x27BF), (0x2B1B, 0x2B55),
        (0x2E80, 0x303E), (0x3041, 0xA4CF), (0xA960, 0xA97C), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE10, 0xFE19),
        (0xFE30, 0xFE6B), (0xFF01, 0xFF60), (0xFFE0, 0xFFE6), (0x16FE0, 0x1B2FB), (0x1F000, 0x1FAFF), (0x20000, 0x3FFFD),
    ];

    /// <summary>Width in pixels: what a reader takes for one character is as wide as its widest part.</summary>
    public static double Of(string text)
    {
        double width = 0;
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            width += elements.GetTextElement().EnumerateRunes().Max(Of);
        }

        return width;
    }

    /// <summary>The text, or as much of its start as fits with an ellipsis; no character is cut.</summary>
    /// <param name="text">Text.</param>
    /// <param name="width">Pixels that there are.</param>
    public static string Shorten(string text, double width)
    {
        if (Of(text) <= width)
        {
            return text;
        }

        var shortened = new StringBuilder();
        double used = Narrow;
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            used += Of(elements.GetTextElement());
            if (used > width && shortened.Length > 0)
            {
                break;
            }

            shortened.Append(elements.GetTextElement());
        }

        return shortened.Append('\u2026').ToString();
    }

    private static double Of(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format => 0,
        _ => Array.Exists(s_wide, block => rune.Value >= block.First && rune.Value <= block.Last) ? Wide : Narrow,
    };
}
