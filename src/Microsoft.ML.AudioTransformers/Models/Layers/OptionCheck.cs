namespace Microsoft.ML.AudioTransformers.Models.Layers;

/// <summary>How a model's options are checked: the message names the option, its value and what was expected.</summary>
internal static class OptionCheck
{
    public static void AtLeast(int minimum, int value, string name) => That(value >= minimum, value, name, $"{minimum} or more");

    public static void That<T>(bool isValid, T value, string name, string expected)
    {
        if (!isValid)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; expected {expected}.");
        }
    }
}
