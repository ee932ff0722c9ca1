using System.Diagnostics;
using System.Globalization;
using AudioMLNet.Benchmarks.Models;
using Microsoft.ML.AudioTransformers.Models;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace AudioMLNet.Benchmarks.Onnx;

/// <summary>
/// Scores one clip in a process of its own, on one thread, by TorchSharp or by ONNX Runtime: a line "run" is answered with the
/// seconds, "logits" with the logits, "peak" with the most memory that the process had since the model was loaded, in bytes.
/// </summary>
internal static class OnnxWorker
{
    public const string Command = "onnx-worker";

    /// <summary>The side of LibTorch; otherwise it is a file's path.</summary>
    public const string Torch = "torch";

    /// <summary>The request for the logits.</summary>
    public const string Logits = "logits";

    /// <param name="arguments">
    /// The variant's name; and <c>torch</c> and the type, or the path of an ONNX file.
    /// </param>
    public static void Run(string[] arguments)
    {
        OnnxVariant variant = OnnxVariant.Named(arguments[0]);
        if (arguments[1] == Torch)
        {
            RunTorch(variant, arguments[2]);
        }
        else
        {
            RunOnnx(arguments[1], variant.Clip());
        }
    }

    private static void RunTorch(OnnxVariant variant, string type)
    {
        set_num_threads(1);
        using AudioModel model = variant.Build();
        model.to(type == ModelPeer.Float32 ? ScalarType.Float32 : ScalarType.BFloat16);
        using IDisposable guard = no_grad();
        using Tensor features = tensor(variant.Clip(), 1, variant.Shape.Frames, variant.Shape.Mels);
        using Tensor clip = model.FromFeatures(features.to(model.parameters().First().dtype));
        Answer(() =>
        {
            using DisposeScope scope = NewDisposeScope();
            return model.call(clip).to(ScalarType.Float32).contiguous().data<float>().ToArray();
        });
    }

    /// <summary>Scores a clip by a file.</summary>
    /// <param name="path">ONNX file whose first input takes it.</param>
    /// <param name="clip">Features.</param>
    public static void RunOnnx(string path, float[] clip)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        using var session = new InferenceSession(path, options);
        using var run = new RunOptions();
        string input = session.InputNames[0];
        long[] shape = [.. session.InputMetadata[input].Dimensions.Select((size, axis) => (long)(axis == 0 ? 1 : size))];
        Answer(() =>
        {
            using OrtValue value = OrtValue.CreateTensorValueFromMemory(clip, shape);
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, [input], [value], session.OutputNames);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        });
    }

    private static void Answer(Func<float[]> score)
    {
        PeakMemory.Reset();
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } request)
        {
            if (request == "peak")
            {
                Console.WriteLine(PeakMemory.Bytes());
                continue;
            }

            long start = Stopwatch.GetTimestamp();
            float[] logits = score();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.WriteLine(request == Logits
                ? string.Join(' ', logits.Select(logit => logit.ToString(CultureInfo.InvariantCulture)))
                : seconds.ToString(CultureInfo.InvariantCulture));
        }
    }
}
