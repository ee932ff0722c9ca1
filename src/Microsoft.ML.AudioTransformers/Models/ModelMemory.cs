using static System.FormattableString;

namespace Microsoft.ML.AudioTransformers.Models;

/// <summary>
/// Memory check of models: one that cannot fit in this machine's memory is refused before it is built. LibTorch reports memory
/// that it does not get, but the operating system ends processes that use more than there is.
/// </summary>
/// <remarks>
/// A configuration counts less than its model takes, so that none that fits is refused.
/// </remarks>
internal static class ModelMemory
{
    // Modules, parameters and tensors of a block, beside their numbers.
    private const double BlockOverhead = 4096;

    /// <summary>Checks that a model's weights and tables could fit in this machine's memory.</summary>
    /// <param name="numbers">Lower bound of the float32 numbers that the model holds.</param>
    /// <param name="options">Names and values of the options that it follows from, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model does not fit.</exception>
    public static void Check(double numbers, string options)
    {
        double bytes = numbers * sizeof(float);

        // The first is less where the managed heap has a limit, which LibTorch does not have; the second is a share of all.
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        double memory = Math.Max(info.TotalAvailableMemoryBytes, info.HighMemoryLoadThresholdBytes);
        if (!(bytes <= memory))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                Invariant($"Options {options} make a model of {bytes:0.0e0} bytes or more; expected at most ")
                + Invariant($"this machine's memory, {memory:0.0e0} bytes."));
        }
    }

    /// <summary>Numbers of a transformer block: four matrices of attention, two of the MLP.</summary>
    /// <param name="dim">Width of a token.</param>
    /// <param name="mlpRatio">Width of the hidden layer, in token widths.</param>
    public static double Block(double dim, double mlpRatio) => (Square(dim) * (4 + (2 * mlpRatio))) + BlockOverhead;

    /// <summary>A number times itself, beyond an int's range.</summary>
    public static double Square(double number) => number * number;
}
