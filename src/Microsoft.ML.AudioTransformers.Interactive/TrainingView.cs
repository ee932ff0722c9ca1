using System.Diagnostics;
using System.Globalization;
using Microsoft.DotNet.Interactive.Formatting;
using Microsoft.ML.AudioTransformers.Training;

namespace Microsoft.ML.AudioTransformers.Interactive;

/// <summary>Progress of a training as it is shown: a bar, the last metrics, and learning curves once there are two
/// epochs.</summary>
/// <param name="title">What is trained.</param>
/// <param name="page">Page that it is shown on; null for a notebook.</param>
internal sealed class TrainingView(string title, NotebookPage? page)
{
    private const int TextLines = 10;

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);

    private readonly List<AudioTrainingMetrics> _epochs = [];
    private readonly Stopwatch _sinceShown = new();
    private AudioTrainingMetrics? _last;
    private DisplayedValue? _shown;
    private int? _index;

    /// <summary>Takes a report of the trainer: shows the first, and updates what is shown with the others. Within an epoch,
    /// it updates five times a second at most.</summary>
    public void Report(AudioTrainingMetrics metrics)
    {
        _last = metrics;
        if (metrics.IsEpochEnd)
        {
            _epochs.Add(metrics);
        }
        else if (_sinceShown.IsRunning && _sinceShown.Elapsed < s_interval)
        {
            return;
        }

        _sinceShown.Restart();
        if (page is not null)
        {
            ShowOn(page, metrics);
        }
        else if (_shown is null)
        {
            _shown = Shown();
        }
        else
        {
            _shown.Update(this);
        }
    }

    public override string ToString() => $"{title}: {_last}";

    public string ToHtml()
    {
        if (_last is not { } last)
        {
            return $"<b>{HtmlText.Encode(title)}</b>";
        }

        double share = last.StepCount > 0 ? Math.Clamp(last.Step / (double)last.StepCount, 0, 1) : 0;
        string bar = string.Create(
            CultureInfo.InvariantCulture,
            $"<progress value=\"{share:F3}\" max=\"1\" style=\"width:280px;vertical-align:middle\"></progress> ");
        string line = "<div style=\"margin:4px 0\">"
            + $"<b>{HtmlText.Encode(title)}</b> {bar}{HtmlText.Encode(Line(last))}</div>";
        return _epochs.Count < 2 ? line : line + Shrunk(TrainingLog.ToChart(_epochs));
    }

    /// <summary>Displays it. <c>Display</c> returns another value than that which it displays, whose updates find no
    /// place.</summary>
    private DisplayedValue Shown()
    {
        DisplayedValue? shown = null;
        using (Formatter.SubscribeToDisplayedValues(value => shown = ReferenceEquals(value.Value, this) ? value : shown))
        {
            DisplayedValue returned = this.Display(HtmlFormatter.MimeType);
            return shown ?? returned;
        }
    }

    private void ShowOn(NotebookPage page, AudioTrainingMetrics metrics)
    {
        if (_index is not { } index)
        {
            _index = page.Add(ToHtml(), ToString());
            return;
        }

        int every = Math.Max(1, metrics.EpochCount / TextLines);
        bool isTold = metrics.IsEpochEnd && (metrics.Epoch % every == 0 || metrics.Epoch == metrics.EpochCount);
        page.Replace(index, ToHtml(), isTold ? ToString() : null);
    }

    /// <summary>What has been reached, and how long it still takes, which the bar leaves open.</summary>
    private static string Line(AudioTrainingMetrics metrics)
    {
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {metrics.Epoch} of {metrics.EpochCount}, loss {metrics.Loss:F3}, accuracy {metrics.Accuracy:F3}");
        if (metrics.ValidationAccuracy is { } validation)
        {
            line += string.Create(CultureInfo.InvariantCulture, $", validation accuracy {validation:F3}");
        }

        return metrics.Step >= metrics.StepCount
            ? line
            : line + string.Create(
                CultureInfo.InvariantCulture, $", {(long)metrics.Remaining.TotalHours:00}:{metrics.Remaining:mm\\:ss} left");
    }

    /// <summary>The chart at two thirds of its size: a line of text and the chart fit into a window.</summary>
    private static string Shrunk(SvgChart chart) => $"<div style=\"max-width:680px\">{Scalable(chart.ToString())}</div>";

    /// <summary>An SVG document that takes the width of its place, by its view box.</summary>
    private static string Scalable(string svg)
    {
        int end = svg.IndexOf('>', StringComparison.Ordinal);
        string start = svg[..end];
        int view = start.IndexOf("viewBox", StringComparison.Ordinal);
        return view < 0 ? svg : "<svg style=\"width:100%;height:auto\" " + start[view..] + svg[end..];
    }
}
