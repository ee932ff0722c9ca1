using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using NWaves.Effects;
using NWaves.Filters.BiQuad;
using NWaves.Operations;
using NWaves.Operations.Tsm;
using NWaves.Signals;

namespace Microsoft.ML.AudioTransformers.Tests.Training;

/// <summary>
/// Effects of training waveforms, each compared with NWaves called directly on the same input, with the parameter that the same
/// generator draws.
/// </summary>
[TestClass]
public sealed class AudioEffectTests
{
    private const int Rate = 16000;
    private const int Window = 512;
    private const int Seed = 11;

    [TestMethod]
    public void Pitch_is_shifted_by_the_drawn_semitones()
    {
        double semitones = (6 * Draw(1)) - 3;
        float[] expected = new PitchShiftEffect(
            Math.Pow(2, semitones / 12), Window, Window / 4, TsmAlgorithm.PhaseVocoderPhaseLocking).ApplyTo(Signal()).Samples;

        AssertEqual(expected, Apply(options => options.PitchShiftSemitones = 3));
        Assert.HasCount(Rate, expected);

        // A tone moves by the ratio: rising zero crossings, away from the vocoder's fading, as counted in the tone itself.
        float[] tone = [.. Enumerable.Range(0, Rate).Select(n => MathF.Sin(0.2f * n))];
        double ratio = Crossings(Apply(options => options.PitchShiftSemitones = 3, tone)) / Crossings(tone);
        Assert.AreEqual(Math.Pow(2, semitones / 12), ratio, 0.02);
    }

    [TestMethod]
    public void Time_is_stretched_by_the_drawn_factor()
    {
        double factor = Math.Pow(1.5, (2 * Draw(1)) - 1);
        float[] expected = Operation.TimeStretch(
            Signal(), factor, Window, Window / 4, TsmAlgorithm.PhaseVocoderPhaseLocking).Samples;
        int length = (int)Math.Round(Rate * factor);

        AssertEqual(expected[..length], Apply(options => options.TimeStretchFactor = 1.5));
    }

    [TestMethod]
    public void Bands_are_filtered_at_the_drawn_frequency()
    {
        double soft = Math.Sqrt(0.5);
        AssertEqual(
            new LowPassFilter(Frequency(1500, 7500), soft).ApplyTo(Signal()).Samples,
            Apply(options => options.LowPassProbability = 1));
        AssertEqual(
            new HighPassFilter(Frequency(50, 1000), soft).ApplyTo(Signal()).Samples,
            Apply(options => options.HighPassProbability = 1));
        AssertEqual(
            new BandPassFilter(Frequency(300, 4000), 0.7).ApplyTo(Signal()).Samples,
            Apply(options => options.BandPassProbability = 1));

        static double Frequency(double minimum, double maximum) =>
            minimum * Math.Pow(maximum / minimum, Draw(1)) / Rate;
    }

    /// <summary>The band by NWaves; the levels by G.711's formula: 256 of them, finer near zero, none further than half a step.
    /// </summary>
    [TestMethod]
    public void A_telephone_line_leaves_its_band_and_its_levels()
    {
        DiscreteSignal band = Signal();
        for (int i = 0; i < 2; i++)
        {
            band = new HighPassFilter(300.0 / Rate, Math.Sqrt(0.5)).ApplyTo(band);
            band = new LowPassFilter(3400.0 / Rate, Math.Sqrt(0.5)).ApplyTo(band);
        }

        float[] line = Apply(options => options.TelephoneProbability = 1);
        for (int i = 0; i < line.Length; i++)
        {
            // In the compressed domain, where levels are 1/128 apart: F(x) = ln(1 + 255 |x|) / ln 256.
            double before = Math.Log(1 + (255 * Math.Min(1, Math.Abs(band.Samples[i])))) / Math.Log(256);
            double after = Math.Log(1 + (255 * Math.Abs(line[i]))) / Math.Log(256);
            Assert.AreEqual(before, after, (0.5 / 128) + 1e-5, $"sample {i}");
            Assert.AreEqual(0.5, (after * 128) - Math.Floor(after * 128), 1e-2, $"sample {i} is on a level");
        }
    }

    /// <summary>A response of two taps, 3 and 4 of a norm of 5: mixed by hand, and as NWaves convolves.</summary>
    [TestMethod]
    public void Reverberation_mixes_the_convolution_with_a_file_s_response()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("room.wav");
        var response = new float[100];
        (response[0], response[99]) = (0.3f, 0.4f);
        AudioFile.Write(path, response, Rate);
        float[] convolved = Operation.Convolve(
            Signal(), new DiscreteSignal(Rate, Array.ConvertAll(response, sample => sample * 2))).Samples;
        double share = 0.2 + (0.8 * Draw(2)); // after the decision and the file

        float[] found = Apply(options => (options.ImpulseResponses, options.ReverberationProbability) = ([path], 1));

        float[] dry = Waveform();
        Assert.HasCount(Rate, found);

        // NWaves convolves by three FFTs in single precision: each stage rounds, in proportion to the signal's norm; the response's
        // is 1.
        double norm = Math.Sqrt(dry.Sum(sample => (double)sample * sample));
        double rounding = 3 * Math.Log2(Rate + response.Length) * Math.Pow(2, -24) * norm;
        for (int i = 0; i < Rate; i++)
        {
            double byHand = (0.6 * dry[i]) + (i < 99 ? 0 : 0.8 * dry[i - 99]);
            Assert.AreEqual(byHand, convolved[i], rounding, $"sample {i}");
            Assert.AreEqual(((1 - share) * dry[i]) + (share * convolved[i]), found[i], 1e-5);
        }
    }

    [TestMethod]
    public void Probabilities_are_those_of_the_options_and_draws_follow_from_the_generator()
    {
        var options = new AudioAugmentationOptions();
        options.Effects.HighPassProbability = 0.3;
        IWaveformAugmentation effect = Assert.ContainsSingle(
            AugmentationPlan.Create(options, LogMelOptions.CreatePasst(Rate)).BeforeMixing);
        float[] waveform = Waveform()[..200];
        int changed = Enumerable.Range(0, 1000)
            .Count(seed => !effect.Apply([.. waveform], new Random(seed)).SequenceEqual(waveform));
        Assert.AreEqual(300, changed, 60, "four deviations of a binomial distribution");
        CollectionAssert.AreEqual(effect.Apply([.. waveform], new Random(3)), effect.Apply([.. waveform], new Random(3)));
    }

    [TestMethod]
    public void Effects_are_off_by_default_and_waveforms_too_short_for_a_vocoder_stay()
    {
        Assert.IsTrue(AugmentationPlan.Create(new AudioAugmentationOptions(), LogMelOptions.Passt).IsEmpty);
        float[] shorter = Waveform()[..((4 * Window) - 1)];
        CollectionAssert.AreEqual(shorter, Apply(options => options.PitchShiftSemitones = 3, shorter));
        CollectionAssert.AreEqual(shorter, Apply(options => options.TimeStretchFactor = 2, shorter));
    }

    [TestMethod]
    public void Options_that_do_not_fit_are_named()
    {
        foreach ((Action<AudioEffectOptions> change, string name) in new (Action<AudioEffectOptions>, string)[]
        {
            (effects => effects.PitchShiftSemitones = 25, "PitchShiftSemitones"),
            (effects => effects.TimeStretchFactor = 0.9, "TimeStretchFactor"),
            (effects => effects.LowPassProbability = 0.5, "LowPassMaximumFrequency"),
            (effects => effects.HighPassMinimumFrequency = 2000, "HighPassMaximumFrequency"),
            (effects => effects.TelephoneProbability = 0.5, "TelephoneProbability"),
            (effects => effects.ImpulseResponses = [], "ImpulseResponses"),
            (effects => effects.MaximumReverberation = 0.1, "MaximumReverberation"),
        })
        {
            PasstOptions options = TinyModel.Options();
            options.FrontEnd = LogMelOptions.CreatePasst(4000);
            change(options.Augmentation.Effects);
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => new MLContext().MulticlassClassification.Trainers.Passt(options));
            StringAssert.Contains(error.Message, "Augmentation.Effects." + name, StringComparison.Ordinal);
        }

        PasstOptions features = TinyModel.Options();
        features.Augmentation.Effects.PitchShiftSemitones = 1;
        var without = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => new MLContext().MulticlassClassification.Trainers.Passt(features));
        StringAssert.Contains(without.Message, "without a FrontEnd", StringComparison.Ordinal);
    }

    // The number of that place among those that the generator of Apply draws.
    private static double Draw(int place)
    {
        var random = new Random(Seed);
        for (int i = 0; i < place; i++)
        {
            random.NextDouble();
        }

        return random.NextDouble();
    }

    private static double Crossings(float[] waveform) => Enumerable.Range(2000, Rate - 4000)
        .Count(i => waveform[i - 1] < 0 && waveform[i] >= 0);

    private static float[] Waveform()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, Rate).Select(n =>
            (0.4f * MathF.Sin(0.15f * n)) + (0.2f * (random.NextSingle() - 0.5f)))];
    }

    private static DiscreteSignal Signal() => new(Rate, Waveform());

    private static float[] Apply(Action<AudioEffectOptions> change, float[]? waveform = null)
    {
        var options = new AudioAugmentationOptions();
        options.Effects.PitchShiftProbability = options.Effects.TimeStretchProbability = 1;
        change(options.Effects);
        IWaveformAugmentation effect = Assert.ContainsSingle(
            AugmentationPlan.Create(options, LogMelOptions.CreatePasst(Rate)).BeforeMixing);
        return effect.Apply(waveform is null ? Waveform() : [.. waveform], new Random(Seed));
    }

    private static void AssertEqual(float[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-6f, $"sample {i}");
        }
    }
}
