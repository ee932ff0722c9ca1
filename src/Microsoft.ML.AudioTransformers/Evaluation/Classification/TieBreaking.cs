namespace Microsoft.ML.AudioTransformers;

/// <summary>Whether a label is among the k highest scores, when others have the same score.</summary>
public enum TieBreaking
{
    /// <summary>Among equal scores the class with the lower index comes first, as with argmax.</summary>
    FirstIndex,

    /// <summary>Among equal scores the class with the higher index comes first, as in scikit-learn's top-k accuracy.
    /// </summary>
    LastIndex,

    /// <summary>The label comes before all others of its score.</summary>
    Optimistic,

    /// <summary>The label comes after all others of its score.</summary>
    Pessimistic,
}
