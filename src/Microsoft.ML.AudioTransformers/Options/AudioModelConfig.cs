using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Configuration of a network: everything that is needed to build it, except for the sizes of its input and output, which
/// follow from the data. Each model family has its own, such as <see cref="PasstConfig"/>. A trainer copies it when it is
/// created, and it is saved with the model.
/// </summary>
public abstract record AudioModelConfig : IOptionGroup
{
    private protected AudioModelConfig()
    {
    }

    /// <summary>Checks that the options fit each other.</summary>
    private protected abstract void CheckTogether(string prefix);

    void IOptionGroup.CheckTogether(string prefix) => CheckTogether(prefix);
}
