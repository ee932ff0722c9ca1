using System.Globalization;
using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.AudioFeaturization.LogMel;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Transforms;

/// <summary>Loads the audio of one row when its waveform is asked for.</summary>
internal sealed class AudioLoadingMapping : RowMapping
{
    private readonly AudioLoadingEstimator.Options _options;
    private readonly Action<string>? _warn;
    private readonly DataViewSchema.Column _input;
    private readonly DataViewSchema.Column? _offset;
    private readonly DataViewSchema.Column? _duration;

    public AudioLoadingMapping(
        AudioLoadingTransformer transformer,
        DataViewSchema.Column input,
        DataViewSchema.Column? offset,
        DataViewSchema.Column? duration)
        : base([input, .. ToList(offset), .. ToList(duration)], transformer.CreateOutputColumn())
    {
        _options = transformer.LoadingOptions;
        _warn = transformer.DamagedRows.Warning;
        _input = input;
        _offset = offset;
        _duration = duration;
    }

    /// <inheritdoc/>
    public override Delegate?[] CreateGetters(DataViewRow input, Func<int, bool> isActive, out IDisposable? state)
    {
        state = null;
        return [Loader(input, int.MaxValue, cuts: null)];
    }

    /// <summary>Getter of the waveform of a row, whole or no more of it than is used.</summary>
    /// <param name="input">A row in which the sources are active.</param>
    /// <param name="most">The most samples to read; <see cref="int.MaxValue"/> for all.</param>
    /// <param name="cuts">Counts the clips that are longer; null for none.</param>
    /// <param name="damaged">Called where a recording is damaged and read on; null for nothing.</param>
    public ValueGetter<VBuffer<float>> Loader(DataViewRow input, int most, ClipCuts.Pass? cuts, Action? damaged = null)
    {
        Func<AudioReader> open = Opener(input, damaged);
        Func<string?> file = FilePath(input);
        return (ref VBuffer<float> waveform) =>
        {
            using AudioReader reader = Open(open, input.Position, file);
            try
            {
                Read(reader, most, ref waveform);
                if (cuts is not null)
                {
                    Count(reader, waveform.Length, cuts, input.Position);
                }
            }
            catch (InvalidDataException exception)
            {
                throw Named(new InvalidDataException(Describe(input.Position, exception), exception), file);
            }
        };
    }

    /// <summary>A row's waveform as a <see cref="WaveformStream"/> or a <see cref="WaveformSource"/>.</summary>
    /// <inheritdoc/>
    public override ValueGetter<TValue>? CreateOtherGetter<TValue>(DataViewRow input, int added)
    {
        if (typeof(TValue) == typeof(WaveformSource))
        {
            Func<Func<AudioReader>> source = SourceOpener(input, damaged: null);
            Func<string?> path = FilePath(input);
            ValueGetter<WaveformSource> sources = (ref WaveformSource value) =>
            {
                (long position, string? name) = (input.Position, path());
                Func<AudioReader> opened = Open(source, position, () => name);
                value = new WaveformSource(
                    () => Open(opened, position, () => name), exception => Describe(position, exception), name);
            };
            return (ValueGetter<TValue>)(object)sources;
        }

        if (typeof(TValue) != typeof(WaveformStream))
        {
            return null;
        }

        Func<AudioReader> open = Opener(input, damaged: null);
        Func<string?> file = FilePath(input);
        ValueGetter<WaveformStream> getter = (ref WaveformStream stream) => stream = new WaveformStream(
            Open(open, input.Position, file), exception => Describe(input.Position, exception));
        return (ValueGetter<TValue>)(object)getter;
    }

    private T Open<T>(Func<T> open, long row, Func<string?> file)
    {
        try
        {
            return open();
        }
        catch (FileNotFoundException exception)
        {
            throw Named(new FileNotFoundException(Describe(row, exception), exception.FileName, exception), file);
        }
        catch (NotSupportedException exception)
        {
            throw Named(new NotSupportedException(Describe(row, exception), exception), file);
        }
        catch (InvalidDataException exception)
        {
            throw Named(new InvalidDataException(Describe(row, exception), exception), file);
        }
        catch (ArgumentException exception)
        {
            // No such channel, or too low a rate: the options are wrong, not the recording.
            throw SkippedRow.AsWrongRequest(
                Named(new InvalidDataException(Describe(row, exception), exception), file));
        }
    }

    private static Exception Named(Exception exception, Func<string?> file)
    {
        exception.Data[SkippedRow.FileKey] = file();
        return exception;
    }

    private Func<AudioReader> Opener(DataViewRow input, Action? damaged)
    {
        Func<Func<AudioReader>> source = SourceOpener(input, damaged);
        return () => source()();
    }

    // What it gives for a row can be called when the row has passed, any number of times.
    private Func<Func<AudioReader>> SourceOpener(DataViewRow input, Action? damaged)
    {
        Action<string>? tellDamage = _warn is null ? null : message =>
        {
            damaged?.Invoke();
            _warn(message);
        };
        Func<Func<AudioDecoder>> source = _input.Type is VectorDataViewType ? ContentOpener(input) : PathOpener(input);
        Func<(double Offset, double Duration)> part = Part(input);
        return () =>
        {
            Func<AudioDecoder> open = source();
            (double offset, double duration) = part();
            AudioRequest request = AudioRequest.Create(_options.SampleRate, _options.Channel, offset, duration);
            return () => AudioReader.Open(open(), request, tellDamage);
        };
    }

    private static void Read(AudioReader reader, int most, ref VBuffer<float> waveform)
    {
        if (reader.ExactLength is not (> 0 and int length))
        {
            float[] samples = reader.ReadUpTo(most);
            waveform = new VBuffer<float>(samples.Length, samples);
            return;
        }

        VBufferEditor<float> editor = VBufferEditor.Create(ref waveform, Math.Min(length, most));
        reader.ReadExactly(editor.Values);
        waveform = editor.Commit();
    }

    // Of a recording whose length only its end tells, no more is known than that more than a frame follows.
    private static void Count(AudioReader reader, long read, ClipCuts.Pass cuts, long row)
    {
        long length = reader.Length;
        if (length >= 0)
        {
            cuts.Add(row, length);
            return;
        }

        Span<float> rest = stackalloc float[256];
        for (int more = 1; more > 0 && !cuts.IsCut(read); read += more)
        {
            more = reader.Read(rest);
        }

        cuts.Add(row, read, isKnown: !cuts.IsCut(read));
    }

    private static IEnumerable<DataViewSchema.Column> ToList(DataViewSchema.Column? column) =>
        column is { } some ? [some] : [];

    private string Describe(long row, Exception exception) => string.Create(
        CultureInfo.InvariantCulture, $"Column '{_input.Name}', row {row}: {exception.Message}");

    /// <summary>Reads the path of the file that a row has; null where there is none, or the row has the content.</summary>
    /// <param name="input">A row in which the sources are active.</param>
    public Func<string?> FilePath(DataViewRow input)
    {
        if (_input.Type is VectorDataViewType)
        {
            return () => null;
        }

        ValueGetter<ReadOnlyMemory<char>> getter = input.GetGetter<ReadOnlyMemory<char>>(_input);
        ReadOnlyMemory<char> path = default;
        return () =>
        {
            getter(ref path);
            return path.Span.IsWhiteSpace() ? null
                : _options.Folder is null ? path.ToString()
                : Path.Combine(_options.Folder, path.ToString());
        };
    }

    /// <summary>Reads the content of a file that a row has; null where the row has a path.</summary>
    /// <param name="input">A row in which the sources are active.</param>
    public Func<byte[]?> FileContent(DataViewRow input)
    {
        if (_input.Type is not VectorDataViewType)
        {
            return () => null;
        }

        ValueGetter<VBuffer<byte>> getter = input.GetGetter<VBuffer<byte>>(_input);
        VBuffer<byte> content = default;
        return () =>
        {
            getter(ref content);
            return content.IsDense ? content.GetValues().ToArray() : content.DenseValues().ToArray();
        };
    }

    /// <summary>Reads which part of the file a row asks for, in seconds.</summary>
    /// <param name="input">A row in which the sources are active.</param>
    public Func<(double Offset, double Duration)> Part(DataViewRow input)
    {
        Func<double> offset = Seconds(input, _offset, _options.Offset);
        Func<double> duration = Seconds(input, _duration, _options.Duration);
        return () => (offset(), duration());
    }

    private Func<Func<AudioDecoder>> PathOpener(DataViewRow input)
    {
        Func<string?> file = FilePath(input);
        return () =>
        {
            string? path = file();
            return () => AudioDecoder.Open(
                path ?? throw new InvalidDataException("the path is empty; expected that of an audio file."),
                _options.Ffmpeg);
        };
    }

    private Func<Func<AudioDecoder>> ContentOpener(DataViewRow input)
    {
        Func<byte[]?> content = FileContent(input);
        return () =>
        {
            byte[] bytes = content()!;
            return () => AudioDecoder.Open(bytes, $"{bytes.Length} bytes");
        };
    }

    private static Func<double> Seconds(DataViewRow input, DataViewSchema.Column? column, double constant)
    {
        if (column is not { } some)
        {
            return () => constant;
        }

        Func<double> read;
        if (some.Type == NumberDataViewType.Single)
        {
            ValueGetter<float> getter = input.GetGetter<float>(some);
            float value = 0;
            read = () =>
            {
                getter(ref value);
                return value;
            };
        }
        else
        {
            ValueGetter<double> getter = input.GetGetter<double>(some);
            double value = 0;
            read = () =>
            {
                getter(ref value);
                return value;
            };
        }

        return () =>
        {
            double seconds = read();
            return double.IsFinite(seconds) && seconds >= 0
                ? seconds
                : throw SkippedRow.AsWrongRequest(new InvalidDataException(string.Create(
                    CultureInfo.InvariantCulture, $"column '{some.Name}' is {seconds}; expected seconds, 0 or more.")));
        };
    }
}
