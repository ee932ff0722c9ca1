using System.Text.Json;
using AudioMLNet.TestSupport;
using Microsoft.ML.AudioFeaturization.LogMel;
using NWaves.Windows;

namespace Microsoft.ML.AudioFeaturization.Tests.LogMel;

[TestClass]
public sealed class FilterBankTests
{
    [TestMethod, TestCategory("Golden"), GoldenCases("filterbanks")]
    public void Golden(string id)
    {
        GoldenCase golden = Goldens.Load(id);
        foreach ((string name, GoldenTensor expected) in golden.Tensors)
        {
            if (golden.Json.TryGetProperty("params", out JsonElement parameters))
            {
                GoldenAssert.Close(expected, Bank(name, parameters, expected), golden.Atol, golden.Rtol, name);
            }
            else
            {
                (WindowType type, int length, bool periodic, double exponent) = FrontEndCases.Window(name);
                double[] window = WindowTable.Create(type, length, periodic, exponent);
                GoldenAssert.Close(expected, window, golden.Atol, golden.Rtol, name);
            }
        }
    }

    [TestMethod]
    public void Windows_of_NWaves_are_used_as_they_are()
    {
        foreach (WindowType type in new[] { WindowType.Gaussian, WindowType.Kaiser, WindowType.Flattop })
        {
            float[] expected = NWaves.Windows.Window.OfType(type, 65);
            double[] symmetric = WindowTable.Create(type, 65, periodic: false);
            double[] periodic = WindowTable.Create(type, 64, periodic: true);
            CollectionAssert.AreEqual(expected, Array.ConvertAll(symmetric, sample => (float)sample));
            CollectionAssert.AreEqual(expected[..64], Array.ConvertAll(periodic, sample => (float)sample));
        }
    }

    private static float[] Bank(string name, JsonElement parameters, GoldenTensor expected)
    {
        (MelScale scale, MelNormalization normalization) = FrontEndCases.Bands(name);
        int fft = parameters.GetProperty("n_fft").GetInt32();
        MelFilterBank bank = MelFilterBank.Create(
            scale,
            normalization,
            parameters.GetProperty("sr").GetInt32(),
            fft,
            parameters.GetProperty("n_mels").GetInt32(),
            parameters.GetProperty("fmin").GetDouble(),
            parameters.GetProperty("fmax").GetDouble());

        // torchaudio's Kaldi bank has no column for the Nyquist bin, whose weights are zero here.
        int columns = (int)expected.Shape[1];
        Assert.AreEqual((fft / 2) + 1, bank.Bins);
        return [.. bank.ToDense().Chunk(bank.Bins).SelectMany(row => row[..columns])];
    }
}
