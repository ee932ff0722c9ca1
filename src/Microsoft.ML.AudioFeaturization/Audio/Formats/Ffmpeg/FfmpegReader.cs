using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Samples;
using Microsoft.ML.AudioFeaturization.Audio.Formats.Wav;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Ffmpeg;

/// <summary>
/// Decodes a file by ffmpeg, which runs as a process and writes float32 samples into a pipe. It is killed with the reader, and
/// where it gives nothing for a minute.
/// </summary>
internal sealed class FfmpegReader : AudioDecoder
{
    private const int MaximumErrorCharacters = 2000;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly Timer _watchdog;
    private AudioInfo _info = new("by ffmpeg", 1, 1, -1);
    private SampleReader? _samples;
    private bool _isLate;
    private bool _ended;

    private FfmpegReader(Process process, AudioSource output)
        : base(output)
    {
        _process = process;
        _watchdog = new Timer(_ => Stop(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        process.ErrorDataReceived += KeepError;
        process.BeginErrorReadLine();
    }

    /// <inheritdoc/>
    public override AudioInfo Info => _info;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="program">The program: see <see cref="FfmpegProgram.Find"/>.</param>
    /// <exception cref="InvalidDataException">ffmpeg cannot read it either; the message has its error.</exception>
    /// <exception cref="NotSupportedException">The program cannot be started.</exception>
    public static FfmpegReader Start(string path, string program)
    {
        Process process = FfmpegProgram.Start(program, path);
        var output = new AudioSource(process.StandardOutput.BaseStream, path, leaveOpen: false);
        var reader = new FfmpegReader(process, output);
        try
        {
            reader.ReadHeader();
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override int Read(Span<float> interleaved)
    {
        int frames = 0;
        if (!_ended)
        {
            _watchdog.Change(s_patience, Timeout.InfiniteTimeSpan);
            frames = _samples!.Read(interleaved);
            _watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Position += frames;
        }

        if (frames == 0 && interleaved.Length >= Info.Channels && !_ended)
        {
            _ended = true;
            if (Failure() is { } failure)
            {
                throw new DamagedAudioException(Name, (double)Position / Info.SampleRate, failure);
            }
        }

        return frames;
    }

    /// <inheritdoc/>
    public override void SkipTo(long frame)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frame, Position);
        var sink = new float[1024 * Info.Channels];
        while (Position < frame && !_ended)
        {
            try
            {
                Read(sink.AsSpan(0, (int)Math.Min(1024, frame - Position) * Info.Channels));
            }
            catch (DamagedAudioException)
            {
                // It lies in what is left out.
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _watchdog.Dispose();
        Stop();
        _samples?.Dispose();
        base.Dispose();
        _process.Dispose();
    }

    private void ReadHeader()
    {
        _watchdog.Change(s_patience, Timeout.InfiniteTimeSpan);
        bool isEmpty = Source.Peek(stackalloc byte[1]) == 0;
        if (isEmpty)
        {
            throw new InvalidDataException(
                $"'{Name}' is no audio that can be read, by ffmpeg neither: {Failure() ?? "it gave no samples"}");
        }

        SampleLayout layout = WavHeader.Read(Source);
        _watchdog.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _samples = new SampleReader(Source, layout);
        _info = new AudioInfo("by ffmpeg", layout.SampleRate, layout.Channels, -1);
    }

    // Its output has ended: what it says about that.
    private string? Failure()
    {
        if (_isLate || !_process.WaitForExit(s_patience))
        {
            Stop();
            return $"ffmpeg gave nothing for {s_patience.TotalSeconds} s and was stopped";
        }

        // Only this waits until all lines of the errors are there.
        _process.WaitForExit();
        lock (_errors)
        {
            string errors = _errors.ToString().Trim();
            return _process.ExitCode == 0 && errors.Length == 0 ? null
                : $"ffmpeg ended with {_process.ExitCode} and said \"{errors}\"";
        }
    }

    private void KeepError(object sender, DataReceivedEventArgs line)
    {
        lock (_errors)
        {
            if (line.Data is { } text && _errors.Length < MaximumErrorCharacters)
            {
                _errors.Append(_errors.Length > 0 ? "; " : "").Append(text);
            }
        }
    }

    private void Stop()
    {
        try
        {
            if (!_process.HasExited)
            {
                _isLate = true;
                _process.Kill();
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself, is ending, or was never there.
        }
    }
}
