using Microsoft.ML.AudioFeaturization.Clips;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>The values of a clip: in memory, or in a long recording of which a window is read when it is needed.</summary>
internal readonly struct ClipValues
{
    private readonly ReadOnlyMemory<float> _samples;
    private readonly LongRecording? _recording;

    /// <param name="values">Log-mel features or a waveform.</param>
    public ClipValues(ReadOnlyMemory<float> values) => _samples = values;

    /// <param name="recording">A recording that is only trained on with <see cref="RandomWindow"/>.</param>
    public ClipValues(LongRecording recording) => _recording = recording;

    /// <summary>Whether the values are in a recording, and not in memory.</summary>
    public bool IsRecording => _recording is not null;

    /// <summary>The values in memory; none of a recording.</summary>
    public ReadOnlyMemory<float> Samples => _samples;

    /// <summary>The number of values; of a recording what its headers tell, -1 where they do not.</summary>
    public long ReadLength() => _recording?.ReadLength() ?? _samples.Length;

    /// <summary>The values; of a recording, the window at its beginning.</summary>
    /// <exception cref="InvalidDataException">The recording is damaged or too short.</exception>
    public ReadOnlySpan<float> Read() => _recording is null ? _samples.Span : _recording.ReadBeginning();

    /// <summary>Augments a copy of the values; of a recording, no more than the window that is drawn is read.</summary>
    /// <param name="augmentations">Augmentations, of which the first draws the window of a recording.</param>
    /// <param name="random">Random number generator.</param>
    /// <exception cref="InvalidDataException">The recording is damaged or too short.</exception>
    public float[] Augment(IReadOnlyList<IWaveformAugmentation> augmentations, Random random)
    {
        bool isRecording = _recording is not null && augmentations is [RandomWindow, ..];
        float[] waveform = isRecording ? _recording!.Read(last => RandomWindow.Place(last, random)) : Read().ToArray();
        for (int i = isRecording ? 1 : 0; i < augmentations.Count; i++)
        {
            waveform = augmentations[i].Apply(waveform, random);
        }

        return waveform;
    }

    /// <summary>Values in memory.</summary>
    public static implicit operator ClipValues(float[] values) => new(values.AsMemory());

    /// <summary>Values in memory.</summary>
    public static implicit operator ClipValues(ReadOnlyMemory<float> values) => new(values);
}
