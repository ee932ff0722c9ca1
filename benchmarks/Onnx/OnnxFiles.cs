using System.Globalization;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Onnx;

namespace AudioMLNet.Benchmarks.Onnx;

/// <summary>ONNX files of the variants, from features to logits.</summary>
internal static class OnnxFiles
{
    /// <summary>Name of the input.</summary>
    public const string Input = "features";

    /// <summary>Name of the output.</summary>
    public const string Output = "logits";

    /// <summary>Writes the file of a variant.</summary>
    /// <returns>Number of its nodes.</returns>
    public static int Write(string path, OnnxVariant variant, AudioModel network, OnnxPrecision precision)
    {
        var graph = new OnnxGraph(opset: 17, precision);
        OnnxValue features = graph.Input(
            Input, "Log-mel features of clips.", "batch", variant.Shape.Frames, variant.Shape.Mels);
        var module = new OnnxModule(
            graph, ModuleWeights.Of(network).ToDictionary(tensor => tensor.Name, StringComparer.Ordinal));
        ModelGraph model = variant.Family.WriteGraph(network, module, features, variant.Shape.Frames);
        graph.Output(model.Logits, Output, "Logits of the classes.", "batch", variant.Classes);
        OnnxFile.Write(path, graph, variant.Name, new Dictionary<string, string>(), isExternal: false);
        return graph.Build("audio", variant.Name, out _).Node.Count;
    }

    /// <summary>Writes the files of variants in all precisions to a folder, for other tools to read.</summary>
    public static void WriteAll(Report report, string folder, IEnumerable<OnnxVariant> variants)
    {
        Directory.CreateDirectory(folder);
        foreach (OnnxVariant variant in variants)
        {
            using AudioModel network = variant.Build();
            foreach (OnnxPrecision precision in Enum.GetValues<OnnxPrecision>())
            {
                string path = Path.Combine(folder, FileName(variant, precision));
                int nodes = Write(path, variant, network, precision);
                report.Say(string.Create(
                    CultureInfo.InvariantCulture, $"{path}: {nodes} nodes, {new FileInfo(path).Length / 1e6:F1} MB"));
            }
        }
    }

    /// <summary>Name of the file of a variant.</summary>
    public static string FileName(OnnxVariant variant, OnnxPrecision precision) =>
        $"{variant.Name.Replace(",", "", StringComparison.Ordinal).Replace(' ', '-')}-{precision}.onnx";
}
