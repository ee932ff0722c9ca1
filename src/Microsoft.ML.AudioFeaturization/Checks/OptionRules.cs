namespace Microsoft.ML.AudioFeaturization.Checks;

/// <summary>
/// The range of an option, declared beside it; of an option with several values, the range of each of them.
/// <see cref="OptionCheck.All"/> checks it.
/// </summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
internal abstract class OptionRuleAttribute : Attribute
{
    /// <summary>What the option may be, as messages say it after "expected".</summary>
    public abstract string Expected { get; }

    /// <summary>Whether a value is in the range.</summary>
    public abstract bool Holds(object? value);
}

/// <summary>A whole number in a range; without a maximum, as high as Int32 goes.</summary>
internal sealed class WholeAttribute(int minimum, int maximum = int.MaxValue) : OptionRuleAttribute
{
    public override string Expected => maximum == int.MaxValue
        ? FormattableString.Invariant($"{minimum} or more")
        : FormattableString.Invariant($"{minimum} to {maximum}");

    public override bool Holds(object? value) => value is int number && number >= minimum && number <= maximum;
}

/// <summary>A number from a minimum to a maximum, either of which may be left out of the range.</summary>
internal sealed class BetweenAttribute(double minimum, double maximum) : OptionRuleAttribute
{
    /// <summary>Whether the minimum itself is refused. Default: false.</summary>
    public bool IsAboveMinimum { get; init; }

    /// <summary>Whether the maximum itself is refused. Default: false.</summary>
    public bool IsBelowMaximum { get; init; }

    public override string Expected => FormattableString.Invariant(
        $"{(IsAboveMinimum ? "above " : "")}{minimum} to {(IsBelowMaximum ? "less than " : "")}{maximum}");

    public override bool Holds(object? value) => ToDouble(value) is { } number
        && (IsAboveMinimum ? number > minimum : number >= minimum)
        && (IsBelowMaximum ? number < maximum : number <= maximum);

    internal static double? ToDouble(object? value) => value switch
    {
        double number => number,
        float number => number,
        int number => number,
        _ => null,
    };
}

/// <summary>A number above 0 that float32 holds: what is computed with is float32, and LibTorch refuses greater ones.</summary>
internal sealed class PositiveAttribute : OptionRuleAttribute
{
    public override string Expected => "a number above 0 that is finite in float32";

    public override bool Holds(object? value) => BetweenAttribute.ToDouble(value) is > 0 and <= float.MaxValue;
}

/// <summary>A number, 0 or more, that float32 holds.</summary>
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
/// What sweeps try of a number, from a minimum to a maximum, both included, unless they are told otherwise; the first
/// value tried is the options' own.
/// </summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
internal sealed class SweptRangeAttribute(double minimum, double maximum) : Attribute
{
    public double Minimum { get; } = minimum;

    public double Maximum { get; } = maximum;

    /// <summary>Whether values are as likely in each decade. Default: false.</summary>
    public bool IsLogarithmic { get; init; }
}

/// <summary>
/// The values that sweeps try of an option; without any, all values of an enumeration, or both of a Boolean.
/// </summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
internal sealed class SweptChoiceAttribute(params object[] values) : Attribute
{
    public IReadOnlyList<object> Values { get; } = values;
}

/// <summary>Options that belong together: they are checked, copied and saved with those that hold them.</summary>
internal interface IOptionGroup
{
    /// <summary>Checks what a range beside one option cannot say: how options fit each other.</summary>
    /// <param name="prefix">What stands before the options' names in messages, such as "Augmentation.".</param>
    /// <exception cref="ArgumentOutOfRangeException">Two do not fit; the message names the option to change.</exception>
    void CheckTogether(string prefix)
    {
    }
}
