using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.EventDecoding;
using Microsoft.ML.AudioTransformers.Onnx.Sessions;

namespace Microsoft.ML.AudioTransformers.Onnx.Serving;

/// <summary>Detector of sound events on ONNX Runtime; it gives the model the log-mel features of images.</summary>
internal sealed class OnnxPresenceModel : IPresenceModel
{
    private readonly OnnxSession _session;
    private readonly PieceInput _input;

    /// <param name="session">Session of the model.</param>
    /// <param name="info">What the model says of itself.</param>
    /// <exception cref="InvalidDataException">The metadata is damaged, or does not fit the outputs.</exception>
    /// <exception cref="NotSupportedException">The model takes waveforms only.</exception>
    public OnnxPresenceModel(OnnxSession session, OnnxModelInfo info)
    {
        _session = session;
        _input = new PieceInput(session, info);
        Geometry = info.Json<PresenceMapGeometry>(OnnxMetadata.PresenceMap);
        Description = info.Json<EventDescription>(OnnxMetadata.Description, "Architecture", "Others", "Training", "Precision");
        try
        {
            Description.Check();
            OptionCheck.AtLeast(1, Geometry.Frames, nameof(Geometry.Frames));
            OptionCheck.AtLeast(1, Geometry.Steps, nameof(Geometry.Steps));
            OptionCheck.AtLeast(1, Geometry.FramesPerStep, nameof(Geometry.FramesPerStep));
            OptionCheck.That(
                Geometry.Mels == _input.Mels && Geometry.Mels == Description.Shape.Mels, Geometry.Mels,
                nameof(Geometry.Mels), $"{_input.Mels}, those of the input");
            OptionCheck.That(
                Geometry.Classes == Description.ClassNames.Count, Geometry.Classes, nameof(Geometry.Classes),
                $"{Description.ClassNames.Count}, the labels");
            OptionCheck.That(
                Geometry.Frames <= Array.MaxLength / 4 / Geometry.Mels && Geometry.Steps <= Geometry.Frames, Geometry.Frames,
                nameof(Geometry.Frames), "as many as an array holds, and no fewer than steps");
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"{session.Name}: the metadata is damaged: {exception.Message}", exception);
        }

        info.CheckLabels(Description.ClassNames);
        info.CheckOutput("scores", Geometry.Classes);
        info.CheckOutput("presence", Geometry.Classes);
    }

    public PresenceMapGeometry Geometry { get; }

    /// <summary>Description of the detector.</summary>
    public EventDescription Description { get; }

    public void ThrowIfDisposed() => _session.ThrowIfDisposed();

    public (float[] Scores, float[] Presence) Detect(ReadOnlySpan<float> features)
    {
        float[][] found = _input.Run(features, 1, "scores", "presence");
        return (found[0], found[1]);
    }
}
