using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>Makes one row of each window of a recording, with the window's samples and its times.</summary>
/// <remarks>
/// Other columns have the recording's values in each of its rows. The number of rows is not known before they are read.
/// Recordings that come straight from <c>LoadAudio</c> are read as a stream, in flat memory.
/// </remarks>
public sealed class WindowExpandingTransformer : ITransformer
{
    internal const string LoaderSignature = "WindowExpanding";
    private const string ModelSignature = "AUDIOWIN";
    private const uint FormatVersion = 0x00010001;

    private readonly WindowExpandingEstimator.Options _options;

    internal WindowExpandingTransformer(
        string outputColumnName, string inputColumnName, WindowExpandingEstimator.Options options)
    {
        OutputColumnName = outputColumnName;
        InputColumnName = inputColumnName;
        _options = options;
    }

    /// <summary>The column with the windows' samples.</summary>
    public string OutputColumnName { get; }

    /// <summary>The column with the recordings' waveforms.</summary>
    public string InputColumnName { get; }

    /// <summary>False: a row becomes several, so that no prediction engine can be made.</summary>
    public bool IsRowToRowMapper => false;

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        return ExpandedSchema(inputSchema, out _, out _);
    }

    /// <summary>Not supported.</summary>
    /// <exception cref="NotSupportedException">Always: a row becomes several.</exception>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException(
        "ExpandWindows makes several rows of one, so that it maps no row to a row.");

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        DataViewSchema schema = ExpandedSchema(input.Schema, out DataViewSchema.Column waveforms, out int sampleRate);
        var grid = WindowGrid.Create(
            (int)Math.Round(_options.LengthSeconds * sampleRate), sampleRate, _options.Windows,
            $"{nameof(WindowExpandingEstimator.Options.Windows)}.");
        return new ExpandedDataView(input, schema, waveforms, grid, sampleRate);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx) =>
        SavedModel.Save(ctx, ModelSignature, FormatVersion, LoaderSignature, GetType(), writer =>
        {
            writer.Write(OutputColumnName);
            writer.Write(InputColumnName);
            writer.WriteJson(_options);
        });

    /// <summary>The columns that are added: samples, start and end.</summary>
    /// <param name="sampleRate">The samples' rate in Hz.</param>
    /// <param name="waveforms">The recordings' column, whose list of skipped rows the samples get; null for none.</param>
    internal DataViewSchema.DetachedColumn[] CreateColumns(int sampleRate, DataViewSchema.Column? waveforms = null)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddInt32(AudioAnnotations.SampleRate, sampleRate);
        if (waveforms is { } column)
        {
            annotations.Add(column.Annotations, kind => kind == AnnotationKinds.SkippedRows);
        }

        return
        [
            new(OutputColumnName, new VectorDataViewType(NumberDataViewType.Single), annotations.ToAnnotations()),
            new(_options.StartColumnName, NumberDataViewType.Double),
            new(_options.EndColumnName, NumberDataViewType.Double),
        ];
    }

    private DataViewSchema ExpandedSchema(DataViewSchema input, out DataViewSchema.Column waveforms, out int sampleRate)
    {
        waveforms = SchemaChecks.GetColumn(input, InputColumnName, "Input");
        if (waveforms.Type is not VectorDataViewType vector || vector.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(
                waveforms.Name, "Input", LogMelExtractingTransformer.ExpectedInput, waveforms.Type);
        }

        int? annotated = AudioAnnotations.FindInt32(waveforms, AudioAnnotations.SampleRate);
        sampleRate = _options.SampleRate > 0 ? _options.SampleRate : annotated ?? 0;
        if (sampleRate == 0 || (annotated ?? sampleRate) != sampleRate)
        {
            throw SchemaChecks.WrongType(
                waveforms.Name,
                "Input",
                sampleRate == 0
                    ? $"a waveform whose sample rate is known: set that of LoadAudio, or option {nameof(_options.SampleRate)}"
                    : $"a waveform of {sampleRate} Hz, as option {nameof(_options.SampleRate)} says",
                annotated is { } rate ? $"a waveform of {rate} Hz" : "a waveform of any rate");
        }

        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        builder.AddColumns(CreateColumns(sampleRate, waveforms));
        return builder.ToSchema();
    }

    // Found by ML.NET through the component catalog, which wants exactly this return type.
    private static ITransformer Create(IHostEnvironment environment, object context) =>
        SavedModel.Load(context, "expander of windows", reader =>
        {
            string outputColumnName = reader.ReadString();
            string inputColumnName = reader.ReadString();
            var options = reader.ReadJson<WindowExpandingEstimator.Options>();
            OptionCheck.All(options);
            return new WindowExpandingTransformer(outputColumnName, inputColumnName, options);
        });
}
