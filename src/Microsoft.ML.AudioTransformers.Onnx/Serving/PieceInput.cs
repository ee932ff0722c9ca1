using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioTransformers.Onnx.Sessions;

namespace Microsoft.ML.AudioTransformers.Onnx.Serving;

/// <summary>
/// Input of the images and windows that recordings are cut into, log-mel features: the only input of a model, or the optional
/// one of a model that takes waveforms.
/// </summary>
internal sealed class PieceInput
{
    private const string Features = "features";

    private readonly OnnxSession _session;
    private readonly string? _waveforms;
    private readonly int _samples;

    /// <param name="session">Session of the model.</param>
    /// <param name="info">What the model says of itself.</param>
    /// <exception cref="NotSupportedException">The model takes waveforms only.</exception>
    public PieceInput(OnnxSession session, OnnxModelInfo info)
    {
        _session = session;
        if (!info.TakesWaveforms)
        {
            Mels = info.InputSizes[2];
            return;
        }

        if (!session.OptionalInputs.TryGetValue(Features, out int[]? sizes) || sizes.Length != 3)
        {
            throw new NotSupportedException(
                $"{session.Name} takes waveforms only. Recordings are cut into images or windows between front end and network: "
                + $"export the model again, for the optional input '{Features}' that files of waveforms have by now, or with "
                + "OnnxExportOptions.Input = OnnxModelInput.Features.");
        }

        (Mels, _waveforms) = (sizes[2], info.Input);

        // Any waveform that makes a frame, whatever the alignment of the frames and the padding.
        LogMelOptions frontEnd = info.FrontEnd!;
        _samples = checked(2 * (frontEnd.EffectiveFftSize + frontEnd.HopLength));
    }

    /// <summary>Mel bins of the features.</summary>
    public int Mels { get; }

    /// <summary>Runs the model.</summary>
    /// <param name="features">Log-mel features, (count, frames, mels).</param>
    /// <param name="count">Number of pieces.</param>
    /// <param name="outputs">Names of the outputs.</param>
    /// <returns>Values of the outputs.</returns>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public float[][] Run(ReadOnlySpan<float> features, int count, params string[] outputs)
    {
        var pieces = new OnnxInput(Features, features.ToArray(), [count, features.Length / count / Mels, Mels]);
        return _session.Run(
            _waveforms is null ? [pieces] : [new OnnxInput(_waveforms, new float[checked(count * _samples)], [count, _samples]), pieces],
            outputs);
    }
}
