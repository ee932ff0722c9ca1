using System.Globalization;
using Microsoft.ML.AudioTransformers;
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

        ShowReadings(report);
    }

    /// <summary>DATAR's and AST's counts with and without the products of attention, at inputs that a paper may mean.</summary>
    private static void ShowReadings(Report report)
    {
        report.Say("| model | input | GMACs | without the products of attention |");
        report.Say("| --- | --- | --- | --- |");
        var ast = new AstConfig();
        Say("AST", ast.InputFrequency, ast.InputTime, MultiplyAdds.Of(ast), MultiplyAdds.ProductsOf(ast));
        (string Name, DatarConfig Config)[] sizes =
            [("tiny", DatarConfig.Tiny), ("small", DatarConfig.Small), ("base", DatarConfig.Base)];
        foreach ((int mels, int frames) in new[]
        {
            (128, 1024), (224, 224), (128, 2304), (512, 512), (512, 1024), (1024, 1024),
        })
        {
            foreach ((string name, DatarConfig config) in sizes)
            {
                DatarConfig sized = config with { InputFrequency = mels, InputTime = frames, Adaptor = DatarAdaptor.None };
                Say($"DATAR {name}", mels, frames, MultiplyAdds.Of(sized), MultiplyAdds.ProductsOf(sized));
            }
        }

        void Say(string name, int mels, int frames, long all, long products) => report.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {mels} x {frames} | {all / 1e9:F1} | {(all - products) / 1e9:F1} |"));
    }
}
