using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Ffmpeg;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>Makes an <see cref="AudioLoadingTransformer"/>; there is nothing to fit.</summary>
public sealed class AudioLoadingEstimator : IEstimator<AudioLoadingTransformer>
{
    private readonly AudioLoadingTransformer _transformer;

    internal AudioLoadingEstimator(
        IHostEnvironment environment, string outputColumnName, string inputColumnName, Options options)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
        ArgumentNullException.ThrowIfNull(options);
        options = OptionCheck.Copy(options);
        OptionCheck.All(options);
        _transformer = new AudioLoadingTransformer(environment, outputColumnName, inputColumnName, options);
    }

    /// <inheritdoc/>
    public AudioLoadingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        SchemaShape.Column input = SchemaChecks.GetColumn(inputSchema, _transformer.InputColumnName, "Input");
        bool isText = input.Kind == SchemaShape.Column.VectorKind.Scalar && input.ItemType == TextDataViewType.Instance;
        bool isBytes = input.Kind != SchemaShape.Column.VectorKind.Scalar && input.ItemType == NumberDataViewType.Byte;
        if (!isText && !isBytes)
        {
            throw SchemaChecks.WrongType(
                input.Name, "Input", AudioLoadingTransformer.ExpectedInput, SchemaChecks.Describe(input));
        }

        CheckSeconds(inputSchema, _transformer.LoadingOptions.OffsetColumnName, "Offset");
        CheckSeconds(inputSchema, _transformer.LoadingOptions.DurationColumnName, "Duration");
        return SchemaChecks.With(inputSchema, SchemaChecks.ShapesOf([_transformer.CreateOutputColumn()]));
    }

    private static void CheckSeconds(SchemaShape inputSchema, string? name, string role)
    {
        if (name is null)
        {
            return;
        }

        SchemaShape.Column column = SchemaChecks.GetColumn(inputSchema, name, role);
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.IsKey ||
            (column.ItemType != NumberDataViewType.Single && column.ItemType != NumberDataViewType.Double))
        {
            throw SchemaChecks.WrongType(
                name, role, AudioLoadingTransformer.ExpectedSeconds, SchemaChecks.Describe(column));
        }
    }

    /// <summary>The part of each recording to read, its channel and its sample rate.</summary>
    public sealed class Options : IOptionGroup
    {
        /// <summary>
        /// The sample rate to resample to in Hz, 1 to 1000000, or 0 for each recording's own, which what needs one rate (a
        /// front end, a model of waveforms) refuses. Default 0. Upsampling is limited to 16 times.
        /// </summary>
        public int SampleRate;

        /// <summary>The channel to take, counted from 0, or -1 for the mean of all. Default -1.</summary>
        public int Channel = -1;

        /// <summary>The seconds to leave out at the start, at least 0. Default 0. They are not decoded.</summary>
        public double Offset;

        /// <summary>The seconds to read at most, or 0 for all. Default 0. The rest is not decoded.</summary>
        public double Duration;

        /// <summary>
        /// A column of Single or Double with the seconds to leave out, in place of <see cref="Offset"/>. Default null:
        /// none.
        /// </summary>
        [Text(OrNull = true)]
        public string? OffsetColumnName;

        /// <summary>
        /// A column of Single or Double with the seconds to read at most, in place of <see cref="Duration"/>. Default
        /// null: none.
        /// </summary>
        [Text(OrNull = true)]
        public string? DurationColumnName;

        /// <summary>
        /// The folder that relative paths start from. Default null: the process's current folder. It is saved with the
        /// model.
        /// </summary>
        [Text("a folder's path", OrNull = true)]
        public string? Folder;

        /// <summary>
        /// What becomes of a recording that is damaged, and of a file that is missing, empty, or no audio. Default
        /// <see cref="DamagedAudio.Error"/>. A row that is left out is missing in the view that Transform gives, for every cursor
        /// alike; where only single rows are computed, as by a prediction engine, it is an exception.
        /// </summary>
        public DamagedAudio Damaged;

        /// <summary>
        /// Name, to be found in the folders of PATH, or path of the program ffmpeg, which reads files of formats that this
        /// library does not (M4A, MP4 and other video, WMA, AMR). Default "ffmpeg". Null for none: a server that reads files of
        /// strangers does without, here or for the whole process by the AppContext switch
        /// Microsoft.ML.AudioFeaturization.UseFfmpeg. Of a saved model only null is kept: a file does not choose what is started.
        /// </summary>
        [Text("a program's name or path", OrNull = true)]
        public string? Ffmpeg = FfmpegProgram.Default;

        void IOptionGroup.CheckTogether(string prefix) =>
            AudioRequest.Create(SampleRate, Channel, Offset, Duration, prefix);
    }
}
