using System.Globalization;
using System.Text;
using Microsoft.ML.AudioTransformers.Drawing;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>The metrics of a run's epochs as a table and as a chart, for those who watch it.</summary>
internal static class TrainingLog
{
    private const string Header =
        "epoch,step,learning_rate,loss,accuracy,validation_loss,validation_accuracy,clips_per_second,waiting_share,"
        + "elapsed_seconds";

    /// <summary>Comma-separated values, one line an epoch under a line of names; empty where nothing was measured.
    /// </summary>
    public static string ToCsv(IEnumerable<AudioTrainingMetrics> history)
    {
        var csv = new StringBuilder().Append(Header).Append('\n');
        foreach (AudioTrainingMetrics epoch in history)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{epoch.Epoch},{epoch.Step},{epoch.LearningRate},{epoch.Loss},")
                .Append(CultureInfo.InvariantCulture, $"{epoch.Accuracy},{epoch.ValidationLoss},")
                .Append(CultureInfo.InvariantCulture, $"{epoch.ValidationAccuracy},{epoch.ClipsPerSecond:F1},")
                .Append(CultureInfo.InvariantCulture, $"{epoch.WaitingShare:F4},{epoch.Elapsed.TotalSeconds:F1}\n");
        }

        return csv.ToString();
    }

    /// <summary>Loss and accuracy over the epochs, side by side.</summary>
    /// <param name="history">One epoch or more.</param>
    public static SvgChart ToChart(IReadOnlyList<AudioTrainingMetrics> history)
    {
        using var svg = new SvgWriter(1000, 440, "Training");
        double highest = history.SelectMany(epoch => new[] { epoch.Loss, epoch.ValidationLoss ?? 0 })
            .Where(double.IsFinite).DefaultIfEmpty(0).Max();
        Draw(svg, 60, "loss", highest > 0 ? highest : 1, history, epoch => epoch.Loss, epoch => epoch.ValidationLoss);
        Draw(svg, 560, "accuracy", 1, history, epoch => epoch.Accuracy, epoch => epoch.ValidationAccuracy);
        return svg.ToChart();
    }

    private static void Draw(
        SvgWriter svg,
        double left,
        string name,
        double highest,
        IReadOnlyList<AudioTrainingMetrics> history,
        Func<AudioTrainingMetrics, double> training,
        Func<AudioTrainingMetrics, double?> validation)
    {
        var area = new PlotArea(left, 40, 400, 340) { XRange = (0, history[^1].Epoch), YRange = (0, highest) };
        area.DrawAxes(svg, "epoch", name);
        Curve(0, "training", epoch => training(epoch));
        if (history.Any(epoch => validation(epoch) is not null))
        {
            Curve(1, "validation", validation);
        }

        void Curve(int index, string label, Func<AudioTrainingMetrics, double?> value)
        {
            svg.Polyline(
                history.Where(epoch => value(epoch) is { } number && double.IsFinite(number))
                    .Select(epoch => (area.X(epoch.Epoch), area.Y(value(epoch)!.Value))),
                SvgWriter.Color(index));
            svg.Text(left + 100 * index, 28, label, fill: SvgWriter.Color(index));
        }
    }
}
