using System.Globalization;
using System.Text;
using Microsoft.ML.AudioTransformers.Drawing;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>Training log: the metrics of a run's epochs as a table (training.csv) and as a chart (training.svg).</summary>
internal static class TrainingLog
{
    // New columns go to the end, for readers that use column indices.
    private const string Header =
        "epoch,step,learning_rate,loss,accuracy,validation_loss,validation_accuracy,clips_per_second,waiting_share,"
        + "elapsed_seconds,validation_mean_average_precision";

    private const int PanelWidth = 500;

    /// <summary>Comma-separated values: a header, then one line per epoch. A metric that was not measured is empty.</summary>
    /// <param name="history">Metrics of the epochs, in order.</param>
    public static string ToCsv(IEnumerable<AudioTrainingMetrics> history)
    {
        var csv = new StringBuilder().Append(Header).Append('\n');
        foreach (AudioTrainingMetrics epoch in history)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{epoch.Epoch},{epoch.Step},{epoch.LearningRate},{epoch.Loss},")
                .Append(CultureInfo.InvariantCulture, $"{epoch.Accuracy},{epoch.ValidationLoss},")
                .Append(CultureInfo.InvariantCulture, $"{epoch.ValidationAccuracy},{epoch.ClipsPerSecond:F1},")
                .Append(CultureInfo.InvariantCulture, $"{epoch.WaitingShare:F4},{epoch.Elapsed.TotalSeconds:F1},")
                .Append(CultureInfo.InvariantCulture, $"{epoch.ValidationMeanAveragePrecision}\n");
        }

        return csv.ToString();
    }

    /// <summary>Learning curves side by side: loss, accuracy and, if it was measured, mAP.</summary>
    /// <param name="history">Metrics of one epoch or more, in order.</param>
    public static SvgChart ToChart(IReadOnlyList<AudioTrainingMetrics> history)
    {
        double highestLoss = history.SelectMany(epoch => new[] { epoch.Loss, epoch.ValidationLoss ?? 0 })
            .Where(double.IsFinite).DefaultIfEmpty(0).Max();
        List<Panel> panels =
        [
            new("loss", highestLoss > 0 ? highestLoss : 1, epoch => epoch.Loss, epoch => epoch.ValidationLoss),
            new("accuracy", 1, epoch => epoch.Accuracy, epoch => epoch.ValidationAccuracy),
        ];
        if (history.Any(epoch => epoch.ValidationMeanAveragePrecision is not null))
        {
            panels.Add(new("mAP", 1, _ => null, epoch => epoch.ValidationMeanAveragePrecision));
        }

        using var svg = new SvgWriter(PanelWidth * panels.Count, 440, "Training");
        for (int i = 0; i < panels.Count; i++)
        {
            Draw(svg, 60 + PanelWidth * i, panels[i], history);
        }

        return svg.ToChart();
    }

    private static void Draw(SvgWriter svg, double left, Panel panel, IReadOnlyList<AudioTrainingMetrics> history)
    {
        var area = new PlotArea(left, 40, 400, 340)
        {
            XAxis = new(0, history[^1].Epoch, IsWhole: true),
            YAxis = new(0, panel.Highest),
        };
        area.DrawAxes(svg, "epoch", panel.Name);
        Curve(0, "training", panel.Training);
        Curve(1, "validation", panel.Validation);

        void Curve(int index, string label, Func<AudioTrainingMetrics, double?> metric)
        {
            if (history.All(epoch => metric(epoch) is null))
            {
                return;
            }

            svg.Polyline(
                history.Where(epoch => metric(epoch) is { } number && double.IsFinite(number))
                    .Select(epoch => (area.X(epoch.Epoch), area.Y(metric(epoch)!.Value))),
                SvgWriter.Color(index));
            svg.Text(left + 100 * index, 28, label, fill: SvgWriter.Color(index));
        }
    }

    /// <summary>Panel with the learning curves of one metric, with an axis from 0 to <paramref name="Highest"/>.</summary>
    private sealed record Panel(
        string Name,
        double Highest,
        Func<AudioTrainingMetrics, double?> Training,
        Func<AudioTrainingMetrics, double?> Validation);
}
