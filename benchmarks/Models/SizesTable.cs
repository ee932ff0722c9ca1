using System.Globalization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Models;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Models;

/// <summary>Parameters and work of the models at their papers' sizes, in one table.</summary>
internal static class SizesTable
{
    public static void Run(Report report)
    {
        report.Say("GMACs: 10^9 multiplications with their additions of convolutions, linear layers and the two matrix");
        report.Say("products of attention in a clip's forward pass, counted from the shapes of the layers; 527 classes.");
        report.Say("| model | input | M parameters | GMACs |");
        report.Say("| --- | --- | --- | --- |");
        AddDatar("DATAR tiny", DatarConfig.Tiny);
        AddDatar("DATAR small", DatarConfig.Small);
        AddDatar("DATAR base", DatarConfig.Base);
        AstConfig ast = new();
        Add(
            "AST", $"{ast.InputFrequency} x {ast.InputTime}", () => new Ast(ast, new Generator(1)), MultiplyAdds.Of(ast));
        PasstConfig passt = PasstConfig.B;
        Add(
            "PaSST, no patchout", $"{passt.InputFrequency} x {passt.InputTime}",
            () => new Passt(passt, new Generator(1)), MultiplyAdds.Of(passt));
        HtsAtConfig htsAt = HtsAtConfig.HC;
        Add(
            "HTS-AT", $"{htsAt.MelBins} x {htsAt.Frames}", () => new HtsAt(htsAt, new Generator(1)),
            MultiplyAdds.Of(htsAt));

        void AddDatar(string name, DatarConfig options) => Add(
            name, $"{options.InputFrequency} x {options.InputTime}", () => new Datar(options, new Generator(1)),
            MultiplyAdds.Of(options));

        void Add(string name, string input, Func<AudioModel> build, long multiplyAdds)
        {
            using AudioModel model = build();
            double parameters = model.parameters().Sum(parameter => parameter.numel()) / 1e6;
            report.AddQuietly($"{name}, parameters", "M", parameters);
            report.AddQuietly($"{name}, multiplications with addition", "G", multiplyAdds / 1e9);
            report.Say(string.Create(
                CultureInfo.InvariantCulture, $"| {name} | {input} | {parameters:F1} | {multiplyAdds / 1e9:F2} |"));
        }
    }
}
