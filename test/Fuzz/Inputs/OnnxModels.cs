using System.Globalization;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.ML.AudioTransformers;
using Microsoft.ML.AudioTransformers.Onnx;

namespace AudioMLNet.Fuzz.Inputs;

/// <summary>
/// Exported models, whose metadata the bytes are, around a graph that is never run; what ONNX Runtime makes of a graph is its
/// own. The first line is the graph: "features 16 8 2 3", or "waveform", the frames, mel bins, classes and a second number of
/// classes; each other is "key=value".
/// </summary>
internal static class OnnxModels
{
    private const int MostSize = 64;

    private static readonly MLContext s_context = new(seed: 1);

    /// <summary>Loads a model with the metadata.</summary>
    public static void Load(byte[] bytes)
    {
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n');
        Dictionary<string, string> metadata = [];
        foreach (string line in lines.Skip(1))
        {
            string[] pair = line.Split('=', 2);

            // A zero ends a text in the native library.
            if (pair.Length == 2 && !line.Contains('\0', StringComparison.Ordinal) && pair[0].Length > 0)
            {
                metadata[pair[0]] = pair[1];
            }
        }

        string path = Path.Combine(Guard.Folder("onnx"), "model.onnx");
        OnnxFile.Write(path, Graph(lines[0].Split(' ')), "", metadata, isExternal: false);
        Guard.Read(bytes.Length, 4, () => s_context.Model.LoadOnnxAudioModel(path, new() { Threads = 1 }).Dispose());
    }

    /// <summary>The input that stands for an exported model.</summary>
    public static byte[] InputOf(ModelProto model)
    {
        long SizeOf(IEnumerable<ValueInfoProto> values, string name, int axis) =>
            values.FirstOrDefault(value => value.Name == name)?.Type.TensorType.Shape.Dim.ElementAtOrDefault(axis)?.DimValue ?? 1;
        long Last(params string[] names) => names.Max(name => SizeOf(
            model.Graph.Output, name,
            (model.Graph.Output.FirstOrDefault(value => value.Name == name)?.Type.TensorType.Shape.Dim.Count ?? 1) - 1));
        string input = model.Graph.Input[0].Name;
        string first = string.Create(
            CultureInfo.InvariantCulture,
            $"{input} {SizeOf(model.Graph.Input, input, 1)} {SizeOf(model.Graph.Input, input, 2)} "
            + $"{Last("scores", "verb_scores")} {Last("noun_scores", "embedding")}");
        return Encoding.UTF8.GetBytes(string.Join('\n', model.MetadataProps
            .Where(entry => entry.Key != OnnxSum.Key).Select(entry => $"{entry.Key}={entry.Value}").Prepend(first)));
    }

    private static OnnxGraph Graph(string[] words)
    {
        int[] sizes = [.. Enumerable.Range(1, 4).Select(i => int.TryParse(
            words.ElementAtOrDefault(i), CultureInfo.InvariantCulture, out int size) ? Math.Clamp(size, 1, MostSize) : 1)];
        var graph = new OnnxGraph(17, OnnxPrecision.Float32);
        OnnxValue input = words[0] == "waveform"
            ? graph.Input("waveform", "", "batch", "samples")
            : graph.Input("features", "", "batch", sizes[0], sizes[1]);
        foreach ((string output, int classes) in new[]
        {
            ("scores", sizes[2]), ("presence", sizes[2]), ("verb_scores", sizes[2]), ("noun_scores", sizes[3]), ("embedding", sizes[3]),
        })
        {
            graph.Output(input.Reshape(-1, classes), output, "", "rows", classes);
        }

        return graph;
    }
}
