using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Tests.LogMel;
using Microsoft.ML.AudioTransformers.FrontEnds;
using Microsoft.ML.AudioTransformers.Onnx;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioTransformers.Tests.Onnx;

/// <summary>Front ends in graphs, run by ONNX Runtime, against the reference cases and tolerances of the plain ones.</summary>
[TestClass]
public sealed class LogMelGraphTests
{
    [TestMethod, TestCategory("Golden"), GoldenCases("features_ast")]
    public void AstFeatures(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        LogMelOptions options = FrontEndCases.Ast(golden);
        AssertClose(golden, "output", options, golden.Atol / (options.NormalizationStd * (double)options.NormalizationWidth));
    }

    [TestMethod, TestCategory("Golden"), GoldenCases("features_htsat")]
    public void HtsAtFeatures(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        AssertClose(golden, "output_exact_f32", FrontEndCases.HtsAt(golden), golden.Atol);
    }

    [TestMethod, TestCategory("Golden"), GoldenCases("features_passt")]
    public void PasstFeatures(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        AssertClose(golden, "output", FrontEndCases.Passt(golden), golden.Atol);
    }

    private static void AssertClose(GoldenCase golden, string name, LogMelOptions options, double atol)
    {
        var graph = new OnnxGraph(17, OnnxPrecision.Float32);
        OnnxValue waveforms = graph.Input("waveform", "Waveforms.", "batch", "samples");
        OnnxValue features = new LogMelGraph(graph, options).Write(waveforms);
        features = options.Layout == FeatureLayout.BandsByFrames ? features.Transpose(0, 2, 1) : features;
        graph.Output(features, "features", "Features.", "batch", "first", "second");
        using OnnxRun run = OnnxRun.Of(graph);
        float[] waveform = golden["waveform"].ToSingles();

        float[] actual = run.Run("features", "waveform", waveform, 1, waveform.Length);

        GoldenAssert.Close(golden[name], actual, atol, golden.Rtol, name);
    }
}
