#nullable enable annotations

namespace Microsoft.ML.SearchSpace.Option;

/// <summary>What one parameter can be, as points of a cube with sides from 0 to 1.</summary>
public abstract class OptionBase
{
    protected OptionBase()
    {
    }

    public abstract int FeatureSpaceDim { get; }

    public virtual double[]? Default { get; set; }

    /// <summary>For each dimension how many values there are, or null for a continuum.</summary>
    public abstract int?[] Step { get; }

    public abstract Parameter SampleFromFeatureSpace(double[] values);

    public abstract double[] MappingToFeatureSpace(Parameter value);
}
