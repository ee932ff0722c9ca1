using Microsoft.ML.AudioFeaturization.Checks;

namespace Microsoft.ML.AudioTransformers;

/// <summary>
/// Configuration of a network: everything that is needed to build it, except for the sizes of its input and output, which
/// follow from the data. Each model family has its own, such as <see cref="PasstConfig"/>. A trainer copies it when it is
/// created, and it is saved with the model.
/// </summary>
public abstract record AudioModelConfig : IOptionGroup
{
    /// <summary>Name of the number of frames among <see cref="Sizes"/>.</summary>
    internal const string FramesName = "Frames";

    /// <summary>Name of the number of mel bins among <see cref="Sizes"/>.</summary>
    internal const string MelsName = "Mels";

    private protected AudioModelConfig()
    {
    }

    /// <summary>
    /// Sizes that bound what a sweep proposes, by name: those of the features, and of the model's grid over them.
    /// </summary>
    /// <param name="features">Frames and mel bins of a clip; null where they are not known before the data is.</param>
    internal virtual IReadOnlyDictionary<string, int> Sizes((int Frames, int Mels)? features) =>
        features is (int frames, int mels)
        ? new Dictionary<string, int> { [FramesName] = frames, [MelsName] = mels }
        : [];

    /// <summary>Path of an option as users write it, for messages about a network's size after it is known.</summary>
    private protected static string PathOf(string option) => $"Config.{option}";

    /// <summary>Checks that the options fit each other.</summary>
    private protected abstract void CheckTogether(string prefix);

    void IOptionGroup.CheckTogether(string prefix) => CheckTogether(prefix);
}
