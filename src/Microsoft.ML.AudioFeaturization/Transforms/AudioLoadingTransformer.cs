using Microsoft.ML.AudioFeaturization.Audio.Formats.Ffmpeg;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>Reads audio files, or their contents, as waveforms.</summary>
public sealed class AudioLoadingTransformer : RowToRowAudioTransformerBase
{
    internal const string LoaderSignature = "AudioLoading";
    internal const string ExpectedInput = "text with paths of audio files, or a vector of Byte with their contents";
    internal const string ExpectedSeconds = "a Single or a Double with seconds";
    private const string ModelSignature = "AUDIOLDR";
    private const uint FormatVersion = 0x00010001;

    internal AudioLoadingTransformer(
        IHostEnvironment environment,
        string outputColumnName,
        string inputColumnName,
        AudioLoadingEstimator.Options options)
        : base(environment.Register(LoaderSignature))
    {
        OutputColumnName = outputColumnName;
        InputColumnName = inputColumnName;
        LoadingOptions = options;
        DamagedRows = new DamagedRows(Host, options.Damaged);
    }

    /// <summary>The column with the waveforms.</summary>
    public string OutputColumnName { get; }

    /// <summary>The column with the paths or contents of files.</summary>
    public string InputColumnName { get; }

    internal AudioLoadingEstimator.Options LoadingOptions { get; }

    internal DamagedRows DamagedRows { get; }

    private protected override IDataView TransformCore(RowMapper mapper, IDataView input) =>
        DamagedRows.Transform(mapper, input);

    internal DataViewSchema.DetachedColumn CreateOutputColumn()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddInt32(AudioAnnotations.SampleRate, LoadingOptions.SampleRate);
        return new DataViewSchema.DetachedColumn(
            OutputColumnName, new VectorDataViewType(NumberDataViewType.Single), annotations.ToAnnotations());
    }

    private protected override RowMapping CreateMapping(DataViewSchema inputSchema) => CreateLoading(inputSchema);

    internal AudioLoadingMapping CreateLoading(DataViewSchema inputSchema)
    {
        DataViewSchema.Column input = SchemaChecks.GetColumn(inputSchema, InputColumnName, "Input");
        bool isText = input.Type == TextDataViewType.Instance;
        bool isBytes = input.Type is VectorDataViewType vector && vector.ItemType == NumberDataViewType.Byte;
        if (!isText && !isBytes)
        {
            throw SchemaChecks.WrongType(input.Name, "Input", ExpectedInput, input.Type);
        }

        return new AudioLoadingMapping(
            this,
            input,
            FindSeconds(inputSchema, LoadingOptions.OffsetColumnName, "Offset"),
            FindSeconds(inputSchema, LoadingOptions.DurationColumnName, "Duration"));
    }

    private protected override void SaveModel(ModelSaveContext context) =>
        SavedModel.Save(context, ModelSignature, FormatVersion, LoaderSignature, GetType(), writer =>
        {
            writer.Write(OutputColumnName);
            writer.Write(InputColumnName);
            writer.WriteJson(LoadingOptions);
        });

    // Found by ML.NET through the component catalog, which wants exactly this return type.
    private static ITransformer Create(IHostEnvironment environment, object context) =>
        SavedModel.Load(context, "audio loader", reader =>
        {
            string outputColumnName = reader.ReadString();
            string inputColumnName = reader.ReadString();
            var options = reader.ReadJson<AudioLoadingEstimator.Options>();
            options.Ffmpeg = FfmpegProgram.OfSaved(options.Ffmpeg);
            OptionCheck.All(options);
            return new AudioLoadingTransformer(environment, outputColumnName, inputColumnName, options);
        });

    private static DataViewSchema.Column? FindSeconds(DataViewSchema schema, string? name, string role)
    {
        if (name is null)
        {
            return null;
        }

        DataViewSchema.Column column = SchemaChecks.GetColumn(schema, name, role);
        return column.Type == NumberDataViewType.Single || column.Type == NumberDataViewType.Double
            ? column
            : throw SchemaChecks.WrongType(name, role, ExpectedSeconds, column.Type);
    }
}
