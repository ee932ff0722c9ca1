namespace Microsoft.ML.AudioTransformers;

/// <summary>How the presence of a class over time makes up its score in a clip.</summary>
public enum HtsAtPooling
{
    /// <summary>The mean of the logits: HTS-AT section 2.2.</summary>
    Mean,

    /// <summary>
    /// The mean of the probabilities, weighted by themselves: where labels say only what is heard in a clip, it teaches the
    /// model best when. Source: Wang, Li and Metze, "A Comparison of Five Multiple Instance Learning Pooling Functions for
    /// Sound Event Detection with Weak Labeling" (2019), which HTS-AT cites.
    /// </summary>
    LinearSoftmax,
}
