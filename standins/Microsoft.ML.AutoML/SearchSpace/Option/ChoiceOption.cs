namespace Microsoft.ML.SearchSpace.Option;

/// <summary>One of several values, each with an equal share of the scale.</summary>
public sealed class ChoiceOption : OptionBase
{
    public ChoiceOption(params object[] choices)
    {
        Choices = [.. choices.Distinct().Select(choice => Parameter.FromObject(choice))];
        Default = new double[FeatureSpaceDim];
    }

    public ChoiceOption(object[] choices, object defaultChoice)
        : this(choices)
    {
        if (defaultChoice is not null)
        {
            Default = MappingToFeatureSpace(Parameter.FromObject(defaultChoice));
        }
    }

    public Parameter[] Choices { get; }

    /// <summary>A single choice takes no dimension.</summary>
    public override int FeatureSpaceDim => Choices.Length == 1 ? 0 : 1;

    public override int?[] Step => [Choices.Length];

    public override Parameter SampleFromFeatureSpace(double[] values) => values.Length == 0
        ? Choices[0]
        : Choices[Math.Min((int)Math.Floor((float)(Choices.Length * values[0])), Choices.Length - 1)];

    public override double[] MappingToFeatureSpace(Parameter param) =>
        FeatureSpaceDim == 0 ? [] : [Array.IndexOf(Choices, param) / (double)Choices.Length];
}
