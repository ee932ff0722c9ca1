using Microsoft.ML.AudioTransformers.Checkpoints;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.AudioTransformers.Tests.Onnx;

/// <summary>Runs of exported models by ONNX Runtime on one thread.</summary>
internal sealed class OnnxRun : IDisposable
{
    private readonly InferenceSession _session;

    private OnnxRun(Func<SessionOptions, InferenceSession> open)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        _session = open(options);
    }

    public InferenceSession Session => _session;

    public static OnnxRun Open(string path) => new(options => new InferenceSession(path, options));

    /// <summary>Session of a graph that is written to memory, by way of a file as users have it.</summary>
    public static OnnxRun Of(OnnxGraph graph)
    {
        string path = Path.GetTempFileName();
        try
        {
            OnnxFile.Write(path, graph, "A test.", new Dictionary<string, string>(), isExternal: false);
            return new(options => new InferenceSession(File.ReadAllBytes(path), options));
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Weights of a network for a graph.</summary>
    public static OnnxModule Module(OnnxGraph graph, AudioModel network) =>
        new(graph, ModuleWeights.Of(network).ToDictionary(tensor => tensor.Name));

    public float[] Run(string output, string input, float[] values, params int[] shape)
    {
        var tensor = new DenseTensor<float>(values, shape);
        using var results = _session.Run([NamedOnnxValue.CreateFromTensor(input, tensor)], [output]);
        return results[0].AsTensor<float>().ToArray();
    }

    public void Dispose() => _session.Dispose();
}
