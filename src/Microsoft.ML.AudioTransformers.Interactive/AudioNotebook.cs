using Microsoft.DotNet.Interactive.Formatting;
using Microsoft.ML.AudioTransformers.Interactive;
using Microsoft.ML.AudioTransformers.Interactive.OldLinux;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Display of audio, pictures, charts, metrics and training progress: as outputs of a notebook's cells, or, in a program, on
/// a <see cref="NotebookPage"/>.
/// </summary>
/// <remarks>
/// A notebook's kernel calls <see cref="Load"/> by itself once <c>#r "nuget: Microsoft.ML.AudioTransformers.Interactive"</c>
/// has resolved the package. Cells that end with <c>using static Microsoft.ML.AudioTransformers.AudioNotebook;</c> call the
/// methods by their names alone.
/// </remarks>
public static class AudioNotebook
{
    private static readonly Lock s_lock = new();

    private static bool s_isLoaded;
    private static bool s_isNotebook;
    private static NotebookPage? s_page;

    /// <summary>
    /// Registers the formatters, makes <see cref="Show"/> display in cells, and loads TorchSharp's native library where
    /// Linux is too old for it: what the kernel calls when it has loaded the package.
    /// </summary>
    public static void Load()
    {
        LoadFormatters();
        s_isNotebook = true;
        NotebookLibTorch.Load();
    }

    /// <summary>Shows values: one as it is, several side by side.</summary>
    /// <param name="values">What is shown: players, pictures, charts, metrics, or anything that a notebook can show.</param>
    /// <exception cref="InvalidOperationException">There is neither a notebook nor an open <see
    /// cref="NotebookPage"/>.</exception>
    public static void Show(params object[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        LoadFormatters();
        string html = values.Length == 1
            ? values[0].ToDisplayString(HtmlFormatter.MimeType)
            : HtmlText.Row(values.Select(value => value.ToDisplayString(HtmlFormatter.MimeType)));
        if (Page is { } page)
        {
            page.Add(html, string.Join('\n', values.Select(value => value.ToDisplayString(PlainTextFormatter.MimeType))));
        }
        else
        {
            html.DisplayAs(HtmlFormatter.MimeType);
        }
    }

    /// <summary>
    /// Table to show: a row for each value, a column for each of its public properties; at most 200 rows, and at most 200
    /// characters of each value.
    /// </summary>
    /// <param name="rows">Values, such as those of an anonymous type; at most a million and one are read.</param>
    /// <typeparam name="T">Type of the values, whose properties are shown; numbers with a fraction to three
    /// decimals.</typeparam>
    /// <returns>What <see cref="Show"/> takes.</returns>
    public static object Table<T>(IEnumerable<T> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return DataTable.Of(rows);
    }

    /// <summary>Progress of a training, for the <see cref="AudioTrainerOptions.MetricsCallback"/> of one trainer.</summary>
    /// <param name="title">What is trained.</param>
    /// <returns>The callback: its first call shows the progress, and each further one updates what is shown, in
    /// place.</returns>
    /// <exception cref="InvalidOperationException">There is neither a notebook nor an open <see
    /// cref="NotebookPage"/>.</exception>
    public static Action<AudioTrainingMetrics> Progress(string title)
    {
        ArgumentNullException.ThrowIfNull(title);
        LoadFormatters();
        return new TrainingView(title, Page).Report;
    }

    /// <summary>Page that takes what is shown; null in a notebook.</summary>
    private static NotebookPage? Page
    {
        get
        {
            NotebookPage? page = s_page;
            return page is not null || s_isNotebook
                ? page
                : throw new InvalidOperationException(
                    "There is nothing to show on: a notebook's kernel loads this package itself, by #r \"nuget: ...\"; "
                    + "a program opens a page first, by NotebookPage.Open.");
        }
    }

    /// <summary>Makes a page the one that takes what is shown.</summary>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    internal static void Begin(NotebookPage page)
    {
        if (Interlocked.CompareExchange(ref s_page, page, null) is not null)
        {
            throw new InvalidOperationException("A page is open already; dispose it before another one is opened.");
        }
    }

    /// <summary>Ends that.</summary>
    internal static void End(NotebookPage page) => Interlocked.CompareExchange(ref s_page, null, page);

    /// <summary>Registers the formatters, once.</summary>
    internal static void LoadFormatters()
    {
        lock (s_lock)
        {
            if (!s_isLoaded)
            {
                AudioFormatters.Register();
                s_isLoaded = true;
            }
        }
    }
}
