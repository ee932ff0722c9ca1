using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization.ClipScoring;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.AudioTransformers.Onnx.Sessions;

namespace Microsoft.ML.AudioTransformers.Onnx.Serving;

/// <summary>Classifier, tagger or action recognizer on ONNX Runtime.</summary>
internal sealed class OnnxClipScorer : IClipScorer
{
    private readonly OnnxSession _session;
    private readonly OnnxModelInfo _info;
    private readonly string[] _outputs;
    private readonly WindowOptions? _windows;

    /// <param name="session">Session of the model.</param>
    /// <param name="info">What the model says of itself; its task is one of the three.</param>
    /// <param name="batchSize">Batch size.</param>
    /// <exception cref="InvalidDataException">The metadata is damaged, or does not fit the outputs.</exception>
    public OnnxClipScorer(OnnxSession session, OnnxModelInfo info, int batchSize)
    {
        _session = session;
        _info = info;
        BatchSize = batchSize;
        _windows = info.Windows;
        if (info.Task == "actions")
        {
            Columns = info.Json<ActionColumns>(OnnxMetadata.Description);
            _outputs = ["verb_scores", "noun_scores"];
        }
        else
        {
            Columns = info.Json<ClassColumns>(OnnxMetadata.Description) with { IsMultiLabel = info.Task == "tagging" };
            _outputs = ["scores"];
        }

        info.CheckLabels(Columns.ClassNames);
        for (int i = 0; i < _outputs.Length; i++)
        {
            info.CheckOutput(_outputs[i], Columns.HeadSizes[i]);
        }

        FeatureReader reader = CreateReader();
        if (!info.TakesWaveforms && (reader.Shape.Frames != info.InputSizes[1] || reader.Shape.Mels != info.InputSizes[2]))
        {
            throw info.Error(
                OnnxMetadata.FrontEnd, $"one of {reader.Shape}",
                $"the {info.InputSizes[1]} frames x {info.InputSizes[2]} mel bins of the input");
        }

        Grid();
    }

    public IClipColumns Columns { get; }

    public LogMelOptions? FrontEnd => _info.FrontEnd;

    public int BatchSize { get; }

    public WindowOptions Windows => _windows ?? new WindowOptions();

    public FeatureReader CreateReader()
    {
        if (FrontEnd is not null)
        {
            return new WaveformReader(FrontEnd);
        }

        var shape = new FeatureShape(_info.InputSizes[1], _info.InputSizes[2]);
        shape.Check();
        return new LogMelReader(shape);
    }

    public WindowGrid? CreateGrid() => Grid();

    public ScoringBatch CreateBatch(FeatureReader reader, int capacity) => _info.TakesWaveforms
        ? new WaveformBatch(capacity, _info.IsEnsemble ? 0 : FrontEnd!.TargetSamples, ScoreWaveforms)
        : new FeatureBatch(reader, capacity, (features, count, probabilities) => Score(
            features.ToArray(), [count, reader.Shape.Frames, reader.Shape.Mels], probabilities));

    private WindowGrid? Grid()
    {
        if (_windows is null)
        {
            return null;
        }

        return FrontEnd is { } frontEnd && (frontEnd.TargetSamples > 0 || frontEnd.TargetFrames > 0)
            ? WindowGrid.For(frontEnd, _windows, $"{nameof(Windows)}.")
            : throw _info.Error(OnnxMetadata.FrontEnd, "without a target length", "one, for there are windows");
    }

    private void ScoreWaveforms(float[] waveforms, int count, Span<float> probabilities) =>
        Score(waveforms, [count, waveforms.Length / count], probabilities);

    private void Score(float[] values, long[] shape, Span<float> probabilities)
    {
        float[][] heads = _session.Run([new OnnxInput(_info.Input, values, shape)], _outputs);
        int first = 0;
        for (int head = 0; head < heads.Length; head++)
        {
            int size = Columns.HeadSizes[head];
            for (int clip = 0; clip < shape[0]; clip++)
            {
                heads[head].AsSpan(clip * size, size).CopyTo(
                    probabilities.Slice((clip * Columns.ClassNames.Count) + first, size));
            }

            first += size;
        }
    }
}
