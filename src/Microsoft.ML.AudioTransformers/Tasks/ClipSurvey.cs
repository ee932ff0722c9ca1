using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.Transforms;
using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioTransformers.Options;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>Survey of a training set: counts the clips, and looks at some of them.</summary>
internal static class ClipSurvey
{
    // Clips that are looked at, from all parts of the rows; those whose headers do not tell their length are decoded for it.
    private const int MostClips = 400;
    private const double MostSeconds = 3600;

    /// <summary>Surveys the clips of a column.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="column">Column of waveforms or features.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column holds neither, or does not tell its rate.</exception>
    /// <exception cref="InvalidDataException">There are no rows, or none that can be read.</exception>
    public static ClipStatistics Of(IDataView data, DataViewSchema.Column column)
    {
        long count = data.GetRowCount() ?? CountRows(data);
        if (count == 0)
        {
            throw new InvalidDataException("The training set has no rows.");
        }

        if (AudioAnnotations.FindInt32(column, AudioAnnotations.Bands) is not null
            || column.Type is VectorDataViewType { IsKnownSize: true, Dimensions.Length: 2 })
        {
            FeatureShape shape = LogMelReader.For(column).Shape;
            return new ClipStatistics { Count = count, Frames = shape.Frames, Mels = shape.Mels };
        }

        int rate = AudioAnnotations.FindInt32(column, AudioAnnotations.SampleRate) switch
        {
            > 0 and int known => known,
            0 => throw SchemaChecks.WrongType(
                column.Name, "Feature", "waveforms at one rate, as LoadAudio makes them with a sampleRate",
                "waveforms at each file's own rate"),
            _ => throw SchemaChecks.WrongType(
                column.Name, "Feature",
                "a column that LoadAudio, ExtractLogMel or LoadLogMel made, to choose a recipe by; give options with a FrontEnd "
                + "for another", column.Type),
        };
        double[] seconds = Lengths(data, column, count, rate);
        return seconds.Length > 0
            ? new ClipStatistics { Count = count, SampleRate = rate, Seconds = seconds }
            : throw new InvalidDataException(
                $"None of the recordings in column '{column.Name}' of the training set that were looked at can be read.");
    }

    private static double[] Lengths(IDataView data, DataViewSchema.Column column, long count, int rate)
    {
        List<double> seconds = [];
        double sum = 0;
        long every = Math.Max(1, count / MostClips);
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        Func<long> lengthOf = LengthGetter(cursor, column);
        for (long row = 0; sum < MostSeconds && cursor.MoveNext(); row++)
        {
            if (row % every != 0)
            {
                continue;
            }

            double length;
            try
            {
                length = (double)lengthOf() / rate;
            }
            catch (Exception exception) when (SkippedRow.IsReason(exception))
            {
                // Reading the training set tells of it, or leaves it out.
                continue;
            }

            if (length > 0)
            {
                seconds.Add(length);
                sum += length;
            }
        }

        seconds.Sort();
        return [.. seconds];
    }

    // From the recordings' headers where these tell it, else from the samples.
    private static Func<long> LengthGetter(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        if (RowGetters.FindOther<WaveformSource>(cursor, column) is { } getter)
        {
            WaveformSource? source = null;
            return () =>
            {
                getter(ref source!);
                long length = source!.ReadLength();
                return length >= 0 ? length : source.Check();
            };
        }

        VBuffer<float> waveform = default;
        ValueGetter<VBuffer<float>> values = cursor.GetGetter<VBuffer<float>>(column);
        return () =>
        {
            values(ref waveform);
            return waveform.Length;
        };
    }

    private static long CountRows(IDataView data)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([]);
        long count = 0;
        while (cursor.MoveNext())
        {
            count++;
        }

        return count;
    }
}
