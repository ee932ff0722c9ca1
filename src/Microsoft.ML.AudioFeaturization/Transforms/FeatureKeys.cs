using System.Security.Cryptography;
using Microsoft.ML.AudioFeaturization.Files;
using Microsoft.ML.AudioFeaturization.Hosting;
using Microsoft.ML.Data;

namespace Microsoft.ML.AudioFeaturization.Transforms;

/// <summary>
/// Cache keys of rows: a hash of the file's content, of the part of it that is read, of the options, and of this library's
/// build.
/// </summary>
internal sealed class FeatureKeys
{
    private readonly byte[] _options;
    private readonly Func<string?> _path;
    private readonly Func<byte[]?> _content;
    private readonly Func<(double Offset, double Duration)> _part;

    // The file of the last row: clips are often parts of one long recording.
    private string? _lastPath;
    private (long Length, DateTime Written) _lastState;
    private byte[] _lastHash = [];

    /// <param name="options">See <see cref="HashOptions"/>.</param>
    /// <param name="loading">Reads the columns that the waveform comes from.</param>
    /// <param name="row">A row in which they are active.</param>
    public FeatureKeys(byte[] options, AudioLoadingMapping loading, DataViewRow row)
    {
        _options = options;
        _path = loading.FilePath(row);
        _content = loading.FileContent(row);
        _part = loading.Part(row);
    }

    /// <summary>A hash of the options that features follow from.</summary>
    public static byte[] HashOptions(AudioLoadingEstimator.Options loading, LogMelOptions frontEnd)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(typeof(FeatureKeys).Module.ModuleVersionId.ToByteArray());
        writer.Write(loading.SampleRate);
        writer.Write(loading.Channel);
        writer.WriteJson(frontEnd);
        writer.Flush();
        return SHA256.HashData(stream.ToArray());
    }

    /// <summary>The key of the cursor's row; null where its file cannot be read, an error that loading it will report.</summary>
    public byte[]? Current()
    {
        try
        {
            return Hash();
        }
        catch (Exception exception) when (
            exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether the file of <see cref="Current"/> is still what was hashed.</summary>
    public bool IsUnchanged() => _path() is not { } path || (path == _lastPath && StateOf(path) == _lastState);

    private byte[]? Hash()
    {
        byte[]? content = _content() is { } bytes ? SHA256.HashData(bytes)
            : _path() is { } path ? HashFile(path)
            : null;
        if (content is null)
        {
            return null;
        }

        (double offset, double duration) = _part();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_options);
        hash.AppendData(content);
        hash.AppendData(BitConverter.GetBytes(offset));
        hash.AppendData(BitConverter.GetBytes(duration));
        return hash.GetHashAndReset();
    }

    private byte[]? HashFile(string path)
    {
        if (StateOf(path) is not { } state)
        {
            return null;
        }

        if (path != _lastPath || state != _lastState)
        {
            using FileStream stream = RegularFile.OpenRead(path);
            _lastHash = SHA256.HashData(stream);
            (_lastPath, _lastState) = (path, state);
        }

        return _lastHash;
    }

    private static (long Length, DateTime Written)? StateOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? (file.Length, file.LastWriteTimeUtc) : null;
    }
}
