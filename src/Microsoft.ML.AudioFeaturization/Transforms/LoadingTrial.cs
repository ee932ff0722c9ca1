using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Transforms;

/// <summary>
/// Reads a row's recording as a stream, block by block, and keeps a short one for who wants a <see cref="WaveformStream"/> or a
/// <see cref="WaveformSource"/> of it: such a recording is decoded once.
/// </summary>
/// <param name="open">Opens the row's recording.</param>
/// <param name="file">The path of the row's file.</param>
internal sealed class LoadingTrial(ValueGetter<WaveformStream?> open, Func<string?> file) : RowTrial
{
    private const int BlockSamples = 1 << 14;

    // 8 MB: a minute at 32 kHz. What is longer is read again, and takes flat memory.
    private const int MostKept = 1 << 21;

    private readonly float[] _block = new float[BlockSamples];
    private float[] _samples = [];
    private int _length = -1;
    private bool _isWanted;

    /// <inheritdoc/>
    public override bool Try()
    {
        WaveformStream? stream = null;
        open(ref stream);
        using (stream)
        {
            try
            {
                // Of an empty recording, loading it says what was expected.
                return Read(stream!) > 0;
            }
            catch (InvalidDataException exception)
            {
                exception.Data[SkippedRow.FileKey] = file();
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public override void Forget() => _length = -1;

    /// <inheritdoc/>
    public override ValueGetter<TValue> Kept<TValue>(ValueGetter<TValue> getter)
    {
        if (getter is ValueGetter<WaveformStream> streams)
        {
            _isWanted = true;
            ValueGetter<WaveformStream> kept = (ref WaveformStream stream) =>
            {
                if (_length < 0)
                {
                    streams(ref stream);
                    return;
                }

                stream = new WaveformStream(_samples.AsMemory(0, _length));
            };
            return (ValueGetter<TValue>)(object)kept;
        }

        if (getter is ValueGetter<WaveformSource> sources)
        {
            _isWanted = true;
            ValueGetter<WaveformSource> kept = (ref WaveformSource source) =>
            {
                sources(ref source);
                if (_length >= 0)
                {
                    source.Give(_samples[.._length]);
                }
            };
            return (ValueGetter<TValue>)(object)kept;
        }

        return getter;
    }

    private long Read(WaveformStream stream)
    {
        bool keeps = _isWanted && stream.Length <= MostKept;
        long length = 0;
        int read = BlockSamples;
        while (read == BlockSamples)
        {
            read = stream.Read(_block);
            if (keeps && length + read <= MostKept)
            {
                if (_samples.Length < length + read)
                {
                    Array.Resize(ref _samples, Math.Min(MostKept, 2 * ((int)length + read)));
                }

                _block.AsSpan(0, read).CopyTo(_samples.AsSpan((int)length));
            }

            length += read;
        }

        _length = keeps && length is > 0 and <= MostKept ? (int)length : -1;
        return length;
    }
}
