using System.Globalization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Transforms;

/// <summary>Computes the features of one row when they are asked for.</summary>
internal sealed class LogMelExtractingMapping(LogMelExtractingTransformer transformer, DataViewSchema.Column input)
    : RowMapping([input], transformer.CreateOutputColumn(input))
{
    private readonly ClipCuts _cuts = transformer.CreateCuts();

    /// <summary>Computes features. Errors name the column and the row of the waveform.</summary>
    public static void Extract(
        LogMelExtractor extractor, in VBuffer<float> waveform, Span<float> features, string column, long row)
    {
        try
        {
            extractor.Extract(waveform.IsDense ? waveform.GetValues() : waveform.DenseValues().ToArray(), features);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException(
                string.Create(CultureInfo.InvariantCulture, $"Column '{column}', row {row}: {exception.Message}"),
                exception);
        }
    }

    /// <inheritdoc/>
    public override Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> isActive, out IDisposable? state)
    {
        ClipCuts.Pass cuts = _cuts.Begin();
        state = cuts;
        LogMelExtractor extractor = transformer.Extractor;
        DataViewSchema.Column source = Sources[0];
        ValueGetter<VBuffer<float>> getter = input.GetGetter<VBuffer<float>>(source);
        VBuffer<float> waveform = default;
        void Extract(ref VBuffer<float> features)
        {
            getter(ref waveform);
            cuts.Add(input.Position, waveform.Length);
            int length = checked(extractor.FrameCount(waveform.Length) * extractor.Bands);
            VBufferEditor<float> editor = VBufferEditor.Create(ref features, length);
            LogMelExtractingMapping.Extract(extractor, in waveform, editor.Values, source.Name, input.Position);
            features = editor.Commit();
        }

        return [(ValueGetter<VBuffer<float>>)Extract];
    }
}
