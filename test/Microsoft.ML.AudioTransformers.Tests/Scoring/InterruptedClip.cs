using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tests.Scoring;

/// <summary>A clip that something is done in the midst of reading, as another thread may do at any moment.</summary>
internal sealed class InterruptedClip
{
    /// <summary>The samples.</summary>
    [NoColumn]
    public float[] Samples { get; set; } = [];

    /// <summary>What is done before the samples are read.</summary>
    [NoColumn]
    public Action? OnRead { get; set; }

    /// <summary>The samples, as a detector's column.</summary>
    public float[] Features
    {
        get
        {
            OnRead?.Invoke();
            return Samples;
        }

        set => Samples = value;
    }

    /// <summary>The samples, as an embedder's column.</summary>
    public float[] Waveform
    {
        get => Features;
        set => Features = value;
    }
}
