using System.Globalization;
using Microsoft.ML.AudioTransformers.Models;

namespace AudioMLNet.Benchmarks.Models;

/// <summary>Parameters and work of the models at their papers' sizes, in one table.</summary>
internal static class SizesTable
{
    /// <param name="report">Takes what is counted.</param>
    public static void Run(Report report)
    {
        report.Say("GMACs: 10^9 multiplications with their additions of convolutions, linear layers and the two matrix");
        report.Say("products of attention in the forward pass of a clip when scoring, counted from the shapes of the layers; 527 classes.");
        report.Say("| model | input | M parameters | GMACs |");
        report.Say("| --- | --- | --- | --- |");
        foreach (BenchmarkedModel sized in ModelFamilies.All.SelectMany(BenchmarkedModel.SizesOf))
        {
            using AudioModel model = sized.Build();
            double parameters = model.parameters().Sum(parameter => parameter.numel()) / 1e6;
            double? multiplyAdds = MultiplyAdds.Of(model) / 1e9;
            report.AddQuietly($"{sized.Title}, parameters", "M", parameters);
            if (multiplyAdds is double counted)
            {
                report.AddQuietly($"{sized.Title}, multiplications with addition", "G", counted);
            }

            report.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"| {sized.Title} | {sized.Shape.Mels} x {sized.Shape.Frames} | {parameters:F1} | {multiplyAdds:F2} |"));
        }
    }
}
