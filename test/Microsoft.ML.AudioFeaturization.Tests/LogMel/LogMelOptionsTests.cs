using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.AudioFeaturization.Tests.LogMel;

[TestClass]
public sealed class LogMelOptionsTests
{
    /// <summary>Models saved by earlier versions hold this text.</summary>
    [TestMethod]
    public void TheirSavedFormIsAsItWas() => Assert.AreEqual(
        """
        {"SampleRate":32000,"FftSize":0,"WindowLength":800,"Window":"Hann","WindowExponent":1,
        "PeriodicWindow":false,"HopLength":320,"Alignment":"Centered","Padding":"Reflect",
        "SubtractMean":false,"RemoveDcOffset":false,"PreEmphasis":0.97,"PreEmphasisKind":"Waveform",
        "Spectrum":"Power","MelBins":128,"MelScale":"Kaldi","MelNormalization":"None","LowFrequency":0,
        "HighFrequency":-500,"Log":"Natural","LogFloor":0,"LogOffset":1E-05,"DecibelReference":1,
        "DynamicRange":0,"NormalizationMean":-4.5,"NormalizationStd":5,"NormalizationWidth":1,
        "LearnNormalization":false,"TargetSamples":320000,"ShortWaveforms":"Pad","TargetFrames":0,
        "PadValue":-11.512925,"Layout":"FramesByBands","DoublePrecision":false}
        """.ReplaceLineEndings(""),
        Json(LogMelOptions.Passt));

    [TestMethod]
    public void LaterChangesReachNeitherExtractorNorEstimator()
    {
        var mlContext = new MLContext();
        LogMelOptions options = LogMelOptions.Passt;
        var loading = new LogMelLoadingEstimator.Options { FrontEnd = options };
        IDataView clips = mlContext.Data.LoadFromEnumerable([new Clip()]);
        var extractor = new LogMelExtractor(options);
        LogMelExtractingEstimator extracting = mlContext.Transforms.ExtractLogMel("Features", "Waveform", options);
        LogMelLoadingEstimator both = mlContext.Transforms.LoadLogMel("Features", "Path", loading);

        options.MelBins = 64;
        loading.Loading.Channel = 5;
        loading.FrontEnd = LogMelOptions.Ast;

        Assert.AreEqual(128, extractor.Bands);
        Assert.AreEqual(128, extracting.Fit(clips).Extractor.Bands);
        Assert.AreEqual(128, both.Fit(clips).Extractor.Bands);
        Assert.AreEqual(32000, both.Fit(clips).Extractor.Options.SampleRate);
    }

    private static string Json(LogMelOptions options)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.WriteJson(options);
        stream.Position = 0;
        return new BinaryReader(stream).ReadString();
    }

    private sealed class Clip
    {
        public string Path { get; set; } = "";

        public float[] Waveform { get; set; } = [];
    }
}
