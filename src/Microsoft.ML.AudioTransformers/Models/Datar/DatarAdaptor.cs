namespace Microsoft.ML.AudioTransformers;

/// <summary>What DATAR does to its input: section 3.2 of the paper, and the ablations of its Table 4.</summary>
public enum DatarAdaptor
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>x + alpha * conv2d(x), both learned: the paper's input adaptor.</summary>
    Learnable,

    /// <summary>x + alpha * noise of a standard normal distribution, drawn at each training step.</summary>
    Gaussian,

    /// <summary>x + alpha * noise of a Laplace distribution of scale 1, drawn at each training step.</summary>
    Laplacian,
}
