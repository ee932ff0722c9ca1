using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Configuration of a network: all that has to be known to build it again, but for the sizes of its input and output, which
/// follow from the data. Each model has its own (<c>PasstConfig</c>, for example); it is copied when a trainer is made,
/// and saved with the model.
/// </summary>
public abstract record AudioModelConfig : IOptionGroup
{
    private protected AudioModelConfig()
    {
    }

    /// <summary>Checks how the options fit each other.</summary>
    private protected abstract void CheckTogether(string prefix);

    void IOptionGroup.CheckTogether(string prefix) => CheckTogether(prefix);
}
