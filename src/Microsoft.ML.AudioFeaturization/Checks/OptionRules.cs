namespace Microsoft.ML.AudioFeaturization.Checks;

/// <summary>
/// The range of an option, declared beside it; of an option with several values, the range of each of them.
/// <see cref="OptionCheck.All"/> checks it.
/// </summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
internal abstract class OptionRuleAttribute : Attribute
{
    /// <summary>The range in words, as it stands after "expected" in messages.</summary>
    public abstract string Expected { get; }

    /// <summary>Whether a value is in the range.</summary>
    public abstract bool Holds(object? value);
}

/// <summary>A whole number in a range, both ends included; without a maximum, as high as its type goes.</summary>
internal sealed class WholeAttribute(long minimum, long maximum = long.MaxValue) : OptionRuleAttribute
{
    public override string Expected => maximum == long.MaxValue
        ? FormattableString.Invariant($"{minimum} or more")
        : FormattableString.Invariant($"{minimum} to {maximum}");

    public override bool Holds(object? value) =>
        (value is int number ? number : value as long?) is { } whole && whole >= minimum && whole <= maximum;
}

/// <summary>
/// A number from a minimum to a maximum, either of which may be left out of the range; without a maximum, any finite one.
/// </summary>
internal sealed class BetweenAttribute(double minimum, double maximum = double.MaxValue) : OptionRuleAttribute
{
    /// <summary>Whether the minimum itself is refused. Default: false.</summary>
    public bool IsAboveMinimum { get; init; }

    /// <summary>Whether the maximum itself is refused. Default: false.</summary>
    public bool IsBelowMaximum { get; init; }

    public override string Expected => (maximum == double.MaxValue, IsAboveMinimum) switch
    {
        (true, true) => FormattableString.Invariant($"a finite number above {minimum}"),
        (true, false) => FormattableString.Invariant($"a finite number, {minimum} or more"),
        _ => FormattableString.Invariant(
            $"{(IsAboveMinimum ? "above " : "")}{minimum} to {(IsBelowMaximum ? "less than " : "")}{maximum}"),
    };

    public override bool Holds(object? value) => ToDouble(value) is { } number
        && (IsAboveMinimum ? number > minimum : number >= minimum)
        && (IsBelowMaximum ? number < maximum : number <= maximum);

    internal static double? ToDouble(object? value) => value switch
    {
        double number => number,
        float number => number,
        int number => number,
        long number => number,
        _ => null,
    };
}

/// <summary>A number above 0 that is finite in float32, which is what computations use; LibTorch refuses greater ones.</summary>
internal sealed class PositiveAttribute : OptionRuleAttribute
{
    public override string Expected => "a number above 0 that is finite in float32";

    public override bool Holds(object? value) => BetweenAttribute.ToDouble(value) is > 0 and <= float.MaxValue;
}

/// <summary>A number, 0 or more, that is finite in float32.</summary>
internal sealed class NotNegativeAttribute : OptionRuleAttribute
{
    public override string Expected => "a number, 0 or more, that is finite in float32";

    public override bool Holds(object? value) => BetweenAttribute.ToDouble(value) is >= 0 and <= float.MaxValue;
}

/// <summary>Any finite number.</summary>
internal sealed class FiniteAttribute : OptionRuleAttribute
{
    public override string Expected => "a finite number";

    public override bool Holds(object? value) => BetweenAttribute.ToDouble(value) is { } number && double.IsFinite(number);
}

/// <summary>Text that is not blank: a column's name, for example.</summary>
internal sealed class TextAttribute(string expected = "a column's name") : OptionRuleAttribute
{
    /// <summary>Whether null is allowed. Default: false.</summary>
    public bool OrNull { get; init; }

    public override string Expected => OrNull ? expected + ", or null" : expected;

    public override bool Holds(object? value) =>
        value is string text ? !string.IsNullOrWhiteSpace(text) : value is null && OrNull;
}

/// <summary>
/// Range of a number in sweeps, both ends included. The first value tried is the options' own, and a range that does not
/// reach it is widened to it.
/// </summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
internal sealed class SweptRangeAttribute(double minimum, double maximum) : Attribute
{
    public double Minimum { get; } = minimum;

    public double Maximum { get; } = maximum;

    /// <summary>Whether values are as likely in each decade. Default: false.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>
    /// The most that a value is above or below the options' own, as a factor: where models differ by orders of magnitude, each
    /// is swept around its own value. Default: no limit.
    /// </summary>
    public double MaximumFactor { get; init; } = double.PositiveInfinity;

    /// <summary>
    /// Whether no value is above the options' own: a sweep makes a model smaller, never larger. Default: false.
    /// </summary>
    public bool IsAtMostOwn { get; init; }

    /// <summary>
    /// Name of a size of the features or of the model's grid over them, of which no value is above a half: "Frames", for
    /// example. Null for none. Default: null.
    /// </summary>
    public string? HalfOf { get; init; }
}

/// <summary>
/// Values of an option in sweeps; without any, all members of an enumeration, or both values of a Boolean. The first value
/// tried is the options' own, which joins the others if it is not among them.
/// </summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
internal sealed class SweptChoiceAttribute(params object[] values) : Attribute
{
    public IReadOnlyList<object> Values { get; } = values;
}

/// <summary>
/// One of several alternatives that exclude each other. Sweeps choose one of them, and set the options of the others to 0.
/// Options with the same two names belong to the same alternative.
/// </summary>
/// <param name="choice">Name of the choice, which no option of the type has: "Patchout", for example.</param>
/// <param name="alternative">Name of the alternative: "Structured", for example.</param>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
internal sealed class SweptAlternativeAttribute(string choice, string alternative) : Attribute
{
    public string Choice { get; } = choice;

    public string Alternative { get; } = alternative;
}

/// <summary>Options within which sweeps vary nothing, but for what a sweep names.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
internal sealed class NotSweptAttribute : Attribute;

/// <summary>Options that belong together: they are checked, copied and saved with those that hold them.</summary>
internal interface IOptionGroup
{
    /// <summary>Checks how options fit each other, which no range beside one option can.</summary>
    /// <param name="prefix">Prefix of the options' names in messages, such as "Augmentation.".</param>
    /// <exception cref="ArgumentOutOfRangeException">Two do not fit; the message names the option to change.</exception>
    void CheckTogether(string prefix)
    {
    }
}
