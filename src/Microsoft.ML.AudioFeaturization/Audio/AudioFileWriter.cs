using Microsoft.ML.AudioFeaturization.Audio;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioFeaturization;

/// <summary>
/// Writes an audio file block by block, in flat memory however long it is. The file is written under a temporary name beside its
/// place, and renamed by <see cref="Complete"/>; without that, nothing is left of it. Not safe for use by several threads at once.
/// </summary>
public sealed class AudioFileWriter : IDisposable
{
    private const int BufferLength = 1 << 16;

    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _stream;
    private readonly IAudioFileEncoder _encoder;
    private readonly int _channels;
    private bool _isComplete;
    private bool _isBroken;
    private bool _disposed;

    /// <summary>Begins a file.</summary>
    /// <param name="path">The file; its folder must exist. An old one is replaced by <see cref="Complete"/>.</param>
    /// <param name="sampleRate">The sample rate in Hz, 1 to 1000000.</param>
    /// <param name="channels">The number of channels, 1 to 16383, or to 8 for FLAC. Default: 1.</param>
    /// <param name="format">The format. Default: <see cref="AudioFileFormat.WavFloat32"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="sampleRate"/>, <paramref name="channels"/> or <paramref name="format"/> is outside its range.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public AudioFileWriter(
        string path, int sampleRate, int channels = 1, AudioFileFormat format = AudioFileFormat.WavFloat32)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        AudioFile.Check(sampleRate, channels, format);
        AtomicFile.CheckReplaceable(path);
        _path = path;
        _channels = channels;
        _temporary = AtomicFile.TemporaryPath(path);
        AtomicFile.RemoveAbandonedOnce(path);
        _stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, BufferLength);
        try
        {
            _encoder = AudioFile.CreateEncoder(_stream, sampleRate, channels, format, frames: -1);
        }
        catch
        {
            GiveUp();
            throw;
        }
    }

    /// <summary>Samples of each channel that have been written.</summary>
    public long Length { get; private set; }

    /// <summary>Writes the next samples.</summary>
    /// <param name="samples">
    /// Finite samples, full scale at +-1; of several channels interleaved: the first sample of each channel, then the second.
    /// </param>
    /// <exception cref="ArgumentException">
    /// A sample is not finite, or there are not equally many of each channel; the message says which.
    /// </exception>
    /// <exception cref="InvalidOperationException">The file is complete.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(ReadOnlySpan<float> samples)
    {
        CheckOpen();
        AudioFile.CheckSamples(samples, _channels);
        _isBroken = true;
        _encoder.Write(samples);
        _isBroken = false;
        Length += samples.Length / _channels;
    }

    /// <summary>Ends the file and puts it in its place.</summary>
    /// <exception cref="InvalidOperationException">The file is complete already.</exception>
    /// <exception cref="IOException">The file cannot be written; an old one stays.</exception>
    public void Complete()
    {
        CheckOpen();
        _isBroken = true;
        _encoder.Finish();
        _stream.Flush(flushToDisk: true);
        AtomicFile.Rename(_stream, _temporary, _path);
        _isBroken = false;
        _isComplete = true;
    }

    /// <summary>Gives up a file that is not complete: what was written of it is deleted.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (!_isComplete)
        {
            GiveUp();
        }
    }

    private void GiveUp()
    {
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // On a full disk, what was buffered cannot be written; it is given up with the rest.
        }

        AtomicFile.TryDelete(_temporary);
    }

    private void CheckOpen()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_isComplete)
        {
            throw new InvalidOperationException($"'{_path}' is complete: nothing can be written to it any more.");
        }

        if (_isBroken)
        {
            throw new InvalidOperationException($"'{_path}' could not be written earlier: it cannot be completed.");
        }
    }
}
