using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.SoundFile;

/// <summary>Decodes the formats of libsndfile: FLAC, OGG (Vorbis and Opus), MP3, AIFF and more.</summary>
internal sealed unsafe class SoundFileReader : AudioDecoder
{
    private readonly SoundFileLibrary _library;
    private readonly bool _seekable;
    private GCHandle _self;
    private nint _file;

    // A managed exception must not cross native frames: it is kept and thrown behind them.
    private Exception? _failure;

    /// <param name="source">Can seek, and stands at the file's start.</param>
    /// <exception cref="InvalidDataException">libsndfile cannot read it.</exception>
    /// <exception cref="NotSupportedException">libsndfile is not installed.</exception>
    public SoundFileReader(AudioSource source)
        : base(source)
    {
        string name = source.Name;
        _library = SoundFileLibrary.Installed ?? throw new NotSupportedException(
            $"'{name}' is no WAV file, and other formats are read by libsndfile, which was not found. "
            + $"{SoundFileLibrary.HowToInstall}, or convert the file to WAV.");
        _self = GCHandle.Alloc(this);
        try
        {
            var callbacks = new SoundFileLibrary.VirtualIO
            {
                Length = &GetLength,
                Seek = &SeekStream,
                Read = &ReadStream,
                Write = &WriteStream,
                Tell = &Tell,
            };
            _file = _library.Open(in callbacks, GCHandle.ToIntPtr(_self), out SoundFileLibrary.FileInfo info);
            ThrowFailure();
            if (_file == 0)
            {
                throw new InvalidDataException(
                    $"'{name}' is no audio that libsndfile can read: {_library.ErrorText(0)}");
            }

            if (info.SampleRate is < 1 or > AudioInfo.MaximumSampleRate || info.Channels < 1)
            {
                throw new InvalidDataException(
                    $"'{name}' claims {info.Channels} channels of {info.SampleRate} Hz; expected at least 1 channel of "
                    + $"1 to {AudioInfo.MaximumSampleRate} Hz.");
            }

            _seekable = info.Seekable != 0;
            long frames = info.Frames is >= 0 and < long.MaxValue / 2 ? info.Frames : -1;
            Info = new AudioInfo(Describe(info.Format), info.SampleRate, info.Channels, frames);
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <inheritdoc/>
    public override AudioInfo Info { get; }

    /// <inheritdoc/>
    public override int Read(Span<float> interleaved)
    {
        ObjectDisposedException.ThrowIf(_file == 0, this);
        int frames = (int)_library.ReadFrames(_file, interleaved, interleaved.Length / Info.Channels);
        ThrowFailure();
        Position += frames;
        return frames;
    }

    /// <inheritdoc/>
    public override void SkipTo(long frame)
    {
        ObjectDisposedException.ThrowIf(_file == 0, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(frame, Position);
        if (frame == Position)
        {
            return;
        }

        if (_seekable && frame < Info.Length && _library.Seek(_file, frame))
        {
            ThrowFailure();
            Position = frame;
            return;
        }

        // Where seeking fails, or leads to or behind the end, decoding finds out where that is.
        ThrowFailure();
        Span<float> sink = new float[Info.Channels * 1024];
        while (Position < frame)
        {
            if (Read(sink[..((int)Math.Min(1024, frame - Position) * Info.Channels)]) == 0)
            {
                break;
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        Release();
        base.Dispose();
    }

    private static string Describe(int format)
    {
        string container = (format & 0x0FFF0000) switch
        {
            0x010000 or 0x130000 => "WAV",
            0x020000 => "AIFF",
            0x030000 => "AU",
            0x0B0000 => "W64",
            0x170000 => "FLAC",
            0x180000 => "CAF",
            0x200000 => "OGG",
            0x220000 => "RF64",
            0x230000 => "MPEG",
            _ => $"libsndfile format {format & 0x0FFF0000:X}",
        };
        string coding = (format & 0xFFFF) switch
        {
            0x0001 or 0x0005 => "PCM 8 bit",
            0x0002 => "PCM 16 bit",
            0x0003 => "PCM 24 bit",
            0x0004 => "PCM 32 bit",
            0x0006 => "float 32 bit",
            0x0007 => "float 64 bit",
            0x0060 => "Vorbis",
            0x0064 => "Opus",
            0x0080 => "layer I",
            0x0081 => "layer II",
            0x0082 => "layer III",
            _ => $"coding {format & 0xFFFF:X}",
        };
        return $"{container}, {coding}";
    }

    private static SoundFileReader From(nint user) => (SoundFileReader)GCHandle.FromIntPtr(user).Target!;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long GetLength(nint user) => From(user).Guard(reader => reader.Source.Length);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long SeekStream(long offset, int whence, nint user) => From(user).Guard(reader =>
    {
        long start = whence switch
        {
            0 => 0,
            1 => reader.Source.Position,
            _ => reader.Source.Length,
        };
        long target = Math.Clamp(start + offset, 0, reader.Source.Length);
        reader.Source.Position = target;
        return target;
    });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long ReadStream(byte* target, long count, nint user)
    {
        SoundFileReader reader = From(user);
        try
        {
            var bytes = new Span<byte>(target, (int)Math.Min(count, int.MaxValue));
            return reader.Source.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (Exception exception)
        {
            reader._failure ??= exception;
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long WriteStream(byte* source, long count, nint user) => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long Tell(nint user) => From(user).Guard(reader => reader.Source.Position);

    private long Guard(Func<SoundFileReader, long> work)
    {
        try
        {
            return work(this);
        }
        catch (Exception exception)
        {
            _failure ??= exception;
            return -1;
        }
    }

    private void ThrowFailure()
    {
        if (_failure is { } failure)
        {
            _failure = null;
            throw new IOException($"'{Name}' could not be read: {failure.Message}", failure);
        }
    }

    private void Release()
    {
        if (_file != 0)
        {
            _library.Close(_file);
            _file = 0;
        }

        if (_self.IsAllocated)
        {
            _self.Free();
        }
    }
}
