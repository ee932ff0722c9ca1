using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Checks;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>Makes a <see cref="WindowExpandingTransformer"/>; there is nothing to fit.</summary>
public sealed class WindowExpandingEstimator : IEstimator<WindowExpandingTransformer>
{
    private readonly WindowExpandingTransformer _transformer;

    internal WindowExpandingEstimator(string outputColumnName, string inputColumnName, Options options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(inputColumnName);
        ArgumentNullException.ThrowIfNull(options);
        options = OptionCheck.Copy(options);
        OptionCheck.All(options);
        _transformer = new WindowExpandingTransformer(outputColumnName, inputColumnName, options);
    }

    /// <inheritdoc/>
    public WindowExpandingTransformer Fit(IDataView input)
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
        if (input.Kind == SchemaShape.Column.VectorKind.Scalar || input.ItemType != NumberDataViewType.Single)
        {
            throw SchemaChecks.WrongType(
                input.Name, "Input", LogMelExtractingTransformer.ExpectedInput, SchemaChecks.Describe(input));
        }

        // A schema shape says that there is a sample rate, but not which.
        return SchemaChecks.With(inputSchema, SchemaChecks.ShapesOf(_transformer.CreateColumns(sampleRate: 1)));
    }

    /// <summary>The windows, and the columns of their times.</summary>
    public sealed class Options : IOptionGroup
    {
        /// <summary>The length of a window in seconds, at least a sample. Default: 10.</summary>
        [Between(0, 86400, IsAboveMinimum = true)]
        public double LengthSeconds = 10;

        /// <summary>
        /// Hop, and rule for what is left at a recording's end; <see cref="WindowTail.Pad"/> gives a shorter last window.
        /// Pooling is not used.
        /// </summary>
        public WindowOptions Windows = new();

        /// <summary>
        /// The waveforms' sample rate in Hz, 1 to 1000000, or 0 for that which <c>LoadAudio</c> annotates. Default: 0.
        /// </summary>
        [Whole(0, AudioInfo.MaximumSampleRate)]
        public int SampleRate;

        /// <summary>The column with a window's start, in seconds from the recording's, Double. Default: "Start".</summary>
        [Text]
        public string StartColumnName = "Start";

        /// <summary>The column with a window's end, in seconds from the recording's start, Double. Default: "End".</summary>
        [Text]
        public string EndColumnName = "End";

        void IOptionGroup.CheckTogether(string prefix)
        {
            if (SampleRate > 0)
            {
                OptionCheck.That(
                    Math.Round(LengthSeconds * SampleRate) >= 1, LengthSeconds, prefix + nameof(LengthSeconds),
                    "a sample or more");
            }
        }
    }
}
