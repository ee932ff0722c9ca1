namespace Microsoft.ML.SearchSpace.Option;

/// <summary>A number from a range, on a linear or a logarithmic scale.</summary>
public abstract class UniformNumericOption : OptionBase
{
    public UniformNumericOption(double min, double max, bool logBase = false)
    {
        Min = min;
        Max = max;
        LogBase = logBase;
        Default = [0];
    }

    public double Min { get; }

    public double Max { get; }

    public bool LogBase { get; }

    public override int FeatureSpaceDim => 1;

    public override int?[] Step => [null];

    public override Parameter SampleFromFeatureSpace(double[] values) => Parameter.FromDouble(
        LogBase ? Min * Math.Pow(Max / Min, values[0]) : Min + (Max - Min) * values[0]);

    public override double[] MappingToFeatureSpace(Parameter param)
    {
        double value = param.AsType<double>();
        // As the package computes it: its rounding decides whether a whole number comes back as it went in.
        if (LogBase)
        {
            double scale = Math.Log(Max) - Math.Log(Min);
            return [Math.Log(value) / scale - Math.Log(Min) / scale];
        }

        return [value / (Max - Min) - Min / (Max - Min)];
    }
}

public sealed class UniformDoubleOption : UniformNumericOption
{
    public UniformDoubleOption(double min, double max, bool logBase = false, double? defaultValue = null)
        : base(min, max, logBase)
    {
        if (defaultValue is double value)
        {
            Default = MappingToFeatureSpace(Parameter.FromDouble(value));
        }
    }
}

public sealed class UniformSingleOption : UniformNumericOption
{
    public UniformSingleOption(float min, float max, bool logBase = false, float? defaultValue = null)
        : base(min, max, logBase)
    {
        if (defaultValue is float value)
        {
            Default = MappingToFeatureSpace(Parameter.FromFloat(value));
        }
    }

    public override Parameter SampleFromFeatureSpace(double[] values) =>
        Parameter.FromFloat((float)base.SampleFromFeatureSpace(values).AsType<double>());

    public override double[] MappingToFeatureSpace(Parameter param) =>
        base.MappingToFeatureSpace(Parameter.FromDouble(param.AsType<float>()));
}

/// <summary>A whole number; each gets an equal share of the scale, but for the largest, which is its very end.</summary>
public sealed class UniformIntOption : UniformNumericOption
{
    public UniformIntOption(int min, int max, bool logBase = false, int? defaultValue = null)
        : base(min, max, logBase)
    {
        if (defaultValue is int value)
        {
            Default = MappingToFeatureSpace(Parameter.FromInt(value));
        }
    }

    public override Parameter SampleFromFeatureSpace(double[] values) =>
        Parameter.FromInt((int)Math.Floor(base.SampleFromFeatureSpace(values).AsType<double>()));

    public override double[] MappingToFeatureSpace(Parameter param) =>
        base.MappingToFeatureSpace(Parameter.FromDouble(param.AsType<int>()));
}
