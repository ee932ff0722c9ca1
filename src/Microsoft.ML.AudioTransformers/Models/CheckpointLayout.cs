using System.Text.RegularExpressions;
using Microsoft.ML.AudioTransformers.Checkpoints;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Layout of files of weights: names of tensors that such a file has, with <c>#</c> for numbers and without what training code
/// puts before them (<c>module.</c>, <c>net.</c>).
/// </summary>
/// <param name="Name">Name for messages, such as "PaSST, the authors' names".</param>
/// <param name="Keys">Names, those first that tell the layout from others.</param>
internal sealed partial record CheckpointLayout(string Name, IReadOnlyList<string> Keys)
{
    private const int ListedKeys = 4;

    /// <summary>
    /// Says of a file that no family knows what it holds, which layout is nearest, and the first names that differ.
    /// </summary>
    public static string Compare(Checkpoint checkpoint, IEnumerable<CheckpointLayout> layouts)
    {
        IReadOnlyCollection<string> names = [.. checkpoint.StateDict.Keys];
        string found = $"'{checkpoint.Path}' holds {checkpoint.Tensors.Count} tensors ({List(names)}), in no known layout.";
        var nearest = layouts
            .Select(layout => (Layout: layout, Differences: layout.CompareWith(names)))
            .MaxBy(each => each.Differences.Common);
        return nearest.Differences.Common == 0
            ? $"{found} It shares no name with any of them: {string.Join("; ", layouts.Select(layout => layout.Name))}."
            : $"{found} Nearest is {nearest.Layout.Name}, which has {nearest.Differences.Common} of its "
                + $"{nearest.Layout.Keys.Count} typical names here; the file lacks {List(nearest.Differences.Lacking)}, and has "
                + $"{List(nearest.Differences.Other)}, which that layout has not.";
    }

    private (int Common, IReadOnlyList<string> Lacking, IReadOnlyList<string> Other) CompareWith(IEnumerable<string> names)
    {
        List<string> lacking = [.. Keys];
        List<string> other = [];
        foreach (string name in names)
        {
            string pattern = "." + Numbers().Replace(name, "#");
            string? key = Keys.FirstOrDefault(each => pattern.EndsWith("." + each, StringComparison.Ordinal));
            if (key is null)
            {
                other.Add(name);
            }
            else
            {
                lacking.Remove(key);
            }
        }

        return (Keys.Count - lacking.Count, lacking, other);
    }

    private static string List(IReadOnlyCollection<string> names) => names.Count == 0
        ? "none"
        : string.Join(", ", names.Take(ListedKeys).Select(name => $"'{name}'")) + (names.Count > ListedKeys ? ", ..." : "");

    [GeneratedRegex(@"(?<=^|\.)\d+(?=\.|$)")]
    private static partial Regex Numbers();
}
