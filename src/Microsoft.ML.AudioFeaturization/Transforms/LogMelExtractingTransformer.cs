using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>Turns a column of waveforms into log-mel spectrograms.</summary>
public sealed class LogMelExtractingTransformer : RowToRowAudioTransformerBase
{
    internal const string LoaderSignature = "LogMelExtracting";
    internal const string ExpectedInput = "a waveform, a vector of Single as LoadAudio makes it";
    private const string ModelSignature = "AUDIOMEL";
    private const uint FormatVersion = 0x00010001;

    internal LogMelExtractingTransformer(
        IHostEnvironment environment, string outputColumnName, string inputColumnName, LogMelExtractor extractor)
        : base(environment.Register(LoaderSignature))
    {
        OutputColumnName = outputColumnName;
        InputColumnName = inputColumnName;
        Extractor = extractor;
    }

    /// <summary>The column with the features.</summary>
    public string OutputColumnName { get; }

    /// <summary>The column with the waveforms.</summary>
    public string InputColumnName { get; }

    /// <summary>The extractor of the features, with the normalization that was learned.</summary>
    public LogMelExtractor Extractor { get; }

    /// <summary>The column with the features.</summary>
    /// <param name="waveforms">The column that they are computed from, whose list of skipped rows they get; null for none.</param>
    internal DataViewSchema.DetachedColumn CreateOutputColumn(DataViewSchema.Column? waveforms = null)
    {
        LogMelOptions options = Extractor.Options;
        int frames = Extractor.FixedFrameCount;
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddInt32(AudioAnnotations.SampleRate, options.SampleRate);
        annotations.AddInt32(AudioAnnotations.HopLength, options.HopLength);
        annotations.AddInt32(AudioAnnotations.Frames, frames);
        annotations.AddInt32(AudioAnnotations.Bands, Extractor.Bands);
        annotations.AddText(AudioAnnotations.Layout, options.Layout.ToString());
        if (waveforms is { } column)
        {
            annotations.Add(column.Annotations, kind => kind == AnnotationKinds.SkippedRows);
        }

        (int first, int second) = options.Layout == FeatureLayout.FramesByBands
            ? (frames, Extractor.Bands)
            : (Extractor.Bands, frames);
        var type = new VectorDataViewType(NumberDataViewType.Single, first, second);
        return new DataViewSchema.DetachedColumn(OutputColumnName, type, annotations.ToAnnotations());
    }

    internal ClipCuts CreateCuts() => new ClipCuts(Extractor.Options, WarnOfLongClips, $"column '{InputColumnName}'");

    private protected override RowMapping CreateMapping(DataViewSchema inputSchema)
    {
        DataViewSchema.Column input = SchemaChecks.GetColumn(inputSchema, InputColumnName, "Input");
        if (input.Type is not VectorDataViewType vector || vector.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(input.Name, "Input", ExpectedInput, input.Type);
        }

        if (AudioAnnotations.FindWrongRate(input, Extractor.Options.SampleRate) is { } wrong)
        {
            throw SchemaChecks.WrongType(
                input.Name,
                "Input",
                $"{Extractor.Options.SampleRate} Hz ({nameof(LogMelOptions)}.{nameof(LogMelOptions.SampleRate)})",
                wrong);
        }

        return new LogMelExtractingMapping(this, input);
    }

    private protected override void SaveModel(ModelSaveContext context) =>
        SavedModel.Save(context, ModelSignature, FormatVersion, LoaderSignature, GetType(), writer =>
        {
            writer.Write(OutputColumnName);
            writer.Write(InputColumnName);
            writer.WriteJson(Extractor.Options);
        });

    // Found by ML.NET through the component catalog, which wants exactly this return type.
    private static ITransformer Create(IHostEnvironment environment, object context) =>
        SavedModel.Load(context, "log-mel extractor", reader =>
        {
            string outputColumnName = reader.ReadString();
            string inputColumnName = reader.ReadString();
            var extractor = new LogMelExtractor(reader.ReadJson<LogMelOptions>());
            return new LogMelExtractingTransformer(environment, outputColumnName, inputColumnName, extractor);
        });
}
