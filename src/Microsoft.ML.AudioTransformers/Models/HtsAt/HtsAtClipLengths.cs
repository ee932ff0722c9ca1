namespace Microsoft.ML.AudioTransformers;

/// <summary>What HTS-AT does with a clip that is shorter than its image, which has 1024 frames at the paper's size.</summary>
public enum HtsAtShortClips
{
    /// <summary>The clip is stretched in time (bicubic), as the official code does.</summary>
    Resize,

    /// <summary>
    /// The clip is repeated as often as it fits, then stretched: the paper's section 3.2, the official code's
    /// <c>infer_mode</c>.
    /// </summary>
    Repeat,

    /// <summary>
    /// The clip is stretched, and each of its windows of time fills an image alone, repeated; the results are averaged, and
    /// a training step takes one part of the clip at random (the official code's <c>enable_repeat_mode</c>). Where in time
    /// events are is lost.
    /// </summary>
    RepeatWindows,
}

/// <summary>What HTS-AT does with a clip that is longer than its image; training takes a part of it at random.</summary>
public enum HtsAtLongClips
{
    /// <summary>Images that overlap by half; their event presence maps are joined to one of the clip's length.</summary>
    Windows,

    /// <summary>
    /// Parts of half the clip's length, whose event presence maps are averaged as if they were of the same time: the
    /// official code, which takes clips of up to two images, and two frames.
    /// </summary>
    AveragedCrops,
}
