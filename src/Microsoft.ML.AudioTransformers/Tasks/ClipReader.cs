using Microsoft.ML.AudioFeaturization.Clips;
using Microsoft.ML.AudioFeaturization;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.AudioFeaturization.Windowing;
using Microsoft.ML.AudioTransformers.Core;
using Microsoft.ML.AudioTransformers.Training;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Work = System.Threading.Tasks.Task;

namespace Microsoft.ML.AudioTransformers.Tasks;

/// <summary>
/// Labels of a clip: its class index, or its targets if it can have several classes or has classes for each step in time.
/// </summary>
/// <param name="Class">Class index, counted from 0; not used if there are targets.</param>
/// <param name="Targets">Targets of each class, 1 positive, 0 negative, NaN unlabelled; null if a clip has one class.</param>
internal readonly record struct ClipLabels(int Class, float[]? Targets = null);

/// <summary>
/// Base class of the readers of a task's datasets: reads data views into <see cref="ClipDataset"/>s; messages name the row and
/// column of a wrong value. A reader is created for the classes in one training set's schema.
/// </summary>
/// <param name="options">Options of the trainer: feature column and sampling.</param>
/// <param name="features">Reader of the feature column.</param>
/// <param name="channel">Channel for warnings.</param>
internal abstract class ClipReader(AudioTrainerOptions options, FeatureReader features, IChannel channel)
{
    /// <summary>Names of the datasets in messages.</summary>
    protected const string TrainingSet = "training set";

    protected const string ValidationSet = "validation set";

    private readonly List<(string Set, SkippedRow Row)> _skipped = [];

    /// <summary>Task with the classes of the training set.</summary>
    public abstract AudioTask Task { get; }

    /// <summary>Reads the training set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="InvalidDataException">There are no rows, too few labels or classes, or a row is not valid.</exception>
    public abstract ClipDataset ReadTraining(IDataView data);

    /// <summary>Reads the validation set, which must have the classes of the training set.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="training">The training set.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of the wrong type.</exception>
    /// <exception cref="InvalidDataException">There are no rows, a row is not valid, or the classes differ.</exception>
    public abstract ClipDataset ReadValidation(IDataView data, ClipDataset training);

    /// <summary>Rows with labels that were left out, since their recordings cannot be read.</summary>
    public IReadOnlyList<(string Set, SkippedRow Row)> Skipped => _skipped;

    protected FeatureReader Features => features;

    protected IChannel Channel => channel;

    /// <summary>Reads the rows that have labels.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="what">Name of the dataset in messages.</param>
    /// <param name="labelColumns">Label columns.</param>
    /// <param name="labels">Creates a function that reads the labels of a cursor's row; null for a row without labels.</param>
    /// <param name="labelsOfRow">Labels that a row must have, in messages: "a label in column 'Label'".</param>
    protected ClipDataset Read(
        IDataView data,
        string what,
        IReadOnlyList<DataViewSchema.Column> labelColumns,
        Func<DataViewRowCursor, Func<ClipLabels?>> labels,
        string labelsOfRow)
    {
        DataViewSchema.Column column = SchemaChecks.GetColumn(data.Schema, options.FeatureColumnName, "Feature");
        features.CheckColumn(column);
        bool isStreamed = options.Sampling.ShuffleBuffer > 0;
        bool isTraining = what == TrainingSet;
        LongTrainingClips longClips = isTraining ? options.Sampling.LongClips : LongTrainingClips.Cut;
        WindowGrid? grid = longClips == LongTrainingClips.EachWindow
            ? WindowGrid.For(options.FrontEnd!, options.Windows, $"{nameof(options.Windows)}.")
            : null;
        ClipCuts? cuts = longClips == LongTrainingClips.Cut && !(isTraining && options.Augmentation.RandomCrop)
            ? features.CreateCuts(
                message => channel.Warning(MessageSensitivity.None, message), $"column '{column.Name}' of the {what}")
            : null;
        bool skips = options.Damaged != DamagedAudio.Error;
        bool readsValues = !isStreamed || skips;
        int skippedBefore = _skipped.Count;
        bool readsWindows = longClips == LongTrainingClips.RandomWindow;
        var clips = new ClipDataset(isStreamed ? new ClipRows(data, column, features, what, cuts, readsWindows) : null);
        using ClipCuts.Pass? pass = isStreamed ? null : cuts?.Begin();
        long rows = 0;
        long used = 0;
        DataViewSchema.Column[] columns = readsValues ? [.. labelColumns, column] : [.. labelColumns];
        var pending = new Queue<Reading>();
        using (DataViewRowCursor cursor =
            readsWindows ? RowGetters.OpenCursor(data, columns, null) : data.GetRowCursor(columns))
        {
            Func<ClipLabels?> read = labels(cursor);
            Func<Task<ClipValues>> values = !readsValues ? () => Work.FromResult<ClipValues>(Array.Empty<float>())
                : readsWindows && features.Recordings(cursor, column) is { } recordings
                    ? () => Read(recordings(), isStreamed)
                    : Immediately(features.Values(cursor, column));
            try
            {
                for (; cursor.MoveNext(); rows++)
                {
                    if (read() is { } own)
                    {
                        pending.Enqueue(new Reading(rows, cursor.Position, own, values()));
                    }

                    while (pending.Count > 0
                        && (pending.Count > Environment.ProcessorCount || pending.Peek().Values.IsCompleted))
                    {
                        Add(pending.Dequeue());
                    }
                }

                while (pending.Count > 0)
                {
                    Add(pending.Dequeue());
                }
            }
            finally
            {
                // Where one file ends the training, no other is left open.
                Work.WhenAll(pending.Select(reading => reading.Values))
                    .ContinueWith(static readings => _ = readings.Exception, TaskScheduler.Default).Wait();
            }
        }

        void Add(Reading reading)
        {
            ClipValues clip;
            try
            {
                clip = reading.Values.GetAwaiter().GetResult();
            }
            catch (Exception exception) when (skips && SkippedRow.IsReason(exception))
            {
                Skip(what, reading.Row, exception);
                return;
            }

            used++;
            clips.Rows?.Add(reading.Row);
            pass?.Add(reading.Position, clip.Samples.Length);
            foreach (ClipValues part in grid is null ? [clip] : Windows(clip.Samples, grid))
            {
                if (reading.Labels.Targets is { } targets)
                {
                    clips.Add(part, targets, reading.Position);
                }
                else
                {
                    clips.Add(part, reading.Labels.Class, reading.Position);
                }
            }
        }

        int skipped = _skipped.Count - skippedBefore;
        if (skipped > 0)
        {
            channel.Warning(
                MessageSensitivity.None,
                $"{skipped} of {rows} rows of the {what} are left out, since their recordings cannot be read. The first: "
                + _skipped[skippedBefore].Row.Reason);
        }

        // Those that are missing from the view already, which has told of them.
        _skipped.AddRange(SkippedRow.Of(column).Select(row => (what, row)));
        if (clips.Count == 0)
        {
            throw new InvalidDataException(rows == 0
                ? $"The {what} has no rows."
                : $"None of the {rows} rows of the {what} has {labelsOfRow}" + (skipped == 0
                    ? "."
                    : $" and a recording that can be read; the first that cannot: {_skipped[skippedBefore].Row.Reason}"));
        }

        if (used + skipped < rows)
        {
            channel.Warning(
                MessageSensitivity.None,
                $"{rows - skipped - used} of {rows} rows of the {what} are left out; the others have {labelsOfRow}.");
        }

        return clips;
    }

    private void Skip(string what, long row, Exception exception)
    {
        _skipped.Add((what, SkippedRow.FromException(row, exception)));
        if (options.Damaged == DamagedAudio.Warn)
        {
            channel.Warning(MessageSensitivity.None, $"A row of the {what} is left out. {exception.Message}");
        }
    }

    /// <summary>Checks that at least two classes have rows, and warns if a class has none.</summary>
    /// <param name="columnName">Name of the label column.</param>
    /// <param name="labels">Classes of the column.</param>
    /// <param name="counts">Number of rows of each class.</param>
    /// <param name="clips">Number of rows of the training set.</param>
    /// <exception cref="InvalidDataException">Only one class has rows.</exception>
    protected void CheckClasses(string columnName, LabelKeys labels, ReadOnlySpan<int> counts, int clips)
    {
        int missing = counts.Count(0);
        if (labels.Count - missing < 2)
        {
            throw new InvalidDataException(
                $"Label column '{columnName}' has one class only in the training set, "
                + $"'{labels.Names[counts.IndexOfAnyExcept(0)]}', in {clips} rows; expected at least two.");
        }

        WarnOfMissing(columnName, labels, missing);
    }

    /// <summary>Warns if there are classes without rows.</summary>
    /// <param name="columnName">Name of the label column.</param>
    /// <param name="labels">Classes of the column.</param>
    /// <param name="missing">Number of classes without rows.</param>
    protected void WarnOfMissing(string columnName, LabelKeys labels, int missing)
    {
        if (missing > 0)
        {
            channel.Warning(
                MessageSensitivity.None,
                $"{missing} of the {labels.Count} classes of label column '{columnName}' "
                + "have no row in the training set: the model cannot learn them.");
        }
    }

    /// <summary>Checks that the keys of a validation set stand for the classes of the training set.</summary>
    /// <param name="columnName">Name of the label column.</param>
    /// <param name="own">Classes of the validation set.</param>
    /// <param name="labels">Classes of the training set.</param>
    /// <exception cref="InvalidDataException">A key stands for another class.</exception>
    protected static void CheckSameKeys(string columnName, LabelKeys own, LabelKeys labels)
    {
        if (own.Names.SequenceEqual(labels.Names))
        {
            return;
        }

        int different = Enumerable.Range(0, Math.Max(own.Count, labels.Count)).First(
            i => own.Names.ElementAtOrDefault(i) != labels.Names.ElementAtOrDefault(i));
        throw new InvalidDataException(
            $"Key {different + 1} of label column '{columnName}' stands for '{own.Names.ElementAtOrDefault(different)}' in the "
            + $"validation set and for '{labels.Names.ElementAtOrDefault(different)}' in the training set: map both with the "
            + "one fitted MapValueToKey.");
    }

    // The windows of a clip, which share its memory.
    private static IEnumerable<ClipValues> Windows(ReadOnlyMemory<float> clip, WindowGrid grid)
    {
        for (long window = 0; window < grid.Count(clip.Length); window++)
        {
            int start = (int)grid.Start(window, clip.Length);
            yield return clip.Slice(start, Math.Min(grid.Length, clip.Length - start));
        }
    }

    private static Func<Task<ClipValues>> Immediately(Func<float[]> values) => () =>
    {
        try
        {
            return Work.FromResult<ClipValues>(values());
        }
        catch (Exception exception)
        {
            return Work.FromException<ClipValues>(exception);
        }
    };

    // All of a recording is held in memory, unless random windows never hear all of it, or the dataset is streamed. Then it
    // is read whole only where the option asks whether it can be.
    private Task<ClipValues> Read(LongRecording recording, bool isStreamed) => Work.Run(() =>
    {
        if (!isStreamed && recording.ReadShort(options.Epochs) is { } samples)
        {
            return samples;
        }

        if (options.Damaged != DamagedAudio.Error)
        {
            recording.Check();
        }

        return new ClipValues(recording);
    });

    /// <summary>A clip whose values are read.</summary>
    /// <param name="Row">The row, counted from 0.</param>
    /// <param name="Position">The row's position in the view.</param>
    /// <param name="Labels">Its labels.</param>
    /// <param name="Values">Its values.</param>
    private readonly record struct Reading(long Row, long Position, ClipLabels Labels, Task<ClipValues> Values);
}
