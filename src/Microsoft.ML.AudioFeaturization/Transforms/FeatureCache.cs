using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioFeaturization.Transforms;

/// <summary>Features in a folder, one file each, under the hash of all that they follow from.</summary>
/// <remarks>
/// A file is written atomically, so a process that is killed leaves no half of one; a file that is broken in
/// any other way is found out by its length or its checksum and made again. Several threads and processes can share a
/// folder. In a file: a name of eight characters, the key, the clip's length in samples (negative where it is longer), the
/// number of values, the values, and SHA-256 of all of it. Files of older versions, by their names, hold less; they are made
/// again, and are counted until then, as they take room.
/// </remarks>
internal sealed class FeatureCache
{
    /// <summary>The length of a key in bytes.</summary>
    public const int KeyLength = SHA256.HashSizeInBytes;

    private const string Extension = ".features";
    private const int HeaderLength = 8 + KeyLength + sizeof(long) + sizeof(int);

    private readonly string _folder;
    private readonly long _maximumBytes;
    private readonly Action<string> _warn;
    private long _bytes;
    private volatile bool _isFull;

    /// <summary>Opens a folder, which is made where there is none, and removes what killed processes left in it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="maximumBytes">About how much it may hold, or 0 for no limit: then nothing more is added.</param>
    /// <param name="warn">Told of broken files, and of why nothing is added any more.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public FeatureCache(string folder, long maximumBytes, Action<string> warn)
    {
        _folder = folder;
        _maximumBytes = maximumBytes;
        _warn = warn;
        DirectoryInfo directory = Directory.CreateDirectory(folder);
        foreach (FileInfo file in directory.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            if (file.Extension == Extension)
            {
                _bytes += file.Length;
            }
            else if (file.Extension == AtomicFile.TemporaryExtension
                && AtomicFile.IsAbandoned(file, AtomicFile.AbandonedAge))
            {
                AtomicFile.TryDelete(file.FullName);
            }
        }
    }

    private static ReadOnlySpan<byte> Name => "AMLFEAT2"u8;

    // Of files that do not tell the clip's length.
    private static ReadOnlySpan<byte> OldName => "AMLFEAT1"u8;

    /// <summary>The file of a key.</summary>
    public string PathOf(ReadOnlySpan<byte> key)
    {
        string name = Convert.ToHexStringLower(key);

        // A folder of folders: no file system likes a million files in one.
        return Path.Combine(_folder, name[..2], name + Extension);
    }

    /// <summary>The features of a key; null where there are none, or only old or broken ones.</summary>
    public CachedFeatures? Read(ReadOnlySpan<byte> key)
    {
        string path = PathOf(key);
        byte[] file;
        try
        {
            file = File.ReadAllBytes(RegularFile.Check(path));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            _warn($"Cached features cannot be read and are made again: {exception.Message}");
            return null;
        }

        if (!IsWhole(file, key))
        {
            if (!file.AsSpan().StartsWith(OldName))
            {
                _warn($"Cached features '{path}' are broken and are made again.");
            }

            return null;
        }

        long samples = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(Name.Length + KeyLength));
        return new CachedFeatures(
            MemoryMarshal.Cast<byte, float>(file.AsSpan(HeaderLength, file.Length - HeaderLength - KeyLength)).ToArray(),
            Math.Abs(samples),
            samples >= 0);
    }

    /// <summary>Keeps features, unless the folder holds enough.</summary>
    /// <param name="key">The key.</param>
    /// <param name="features">The values.</param>
    /// <param name="samples">Samples of the clip at the front end's rate, or how many there are at least.</param>
    /// <param name="isWhole">Whether that is the clip's length.</param>
    public void Write(ReadOnlySpan<byte> key, ReadOnlySpan<float> features, long samples, bool isWhole)
    {
        long length = HeaderLength + ((long)sizeof(float) * features.Length) + KeyLength;
        if (_isFull || length > Array.MaxLength)
        {
            return;
        }

        string path = PathOf(key);
        long added = length - LengthOf(path);
        if (_maximumBytes > 0 && Interlocked.Read(ref _bytes) + added > _maximumBytes)
        {
            Stop($"it holds {Interlocked.Read(ref _bytes)} bytes of at most {_maximumBytes}");
            return;
        }

        var file = new byte[length];
        Name.CopyTo(file);
        key.CopyTo(file.AsSpan(Name.Length));
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(Name.Length + KeyLength), isWhole ? samples : -samples);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(HeaderLength - sizeof(int)), features.Length);
        MemoryMarshal.AsBytes(features).CopyTo(file.AsSpan(HeaderLength));
        SHA256.HashData(file.AsSpan(..^KeyLength), file.AsSpan(^KeyLength));
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);

            // The checksum finds what a power failure breaks; waiting for the disk would cost more than the features.
            AtomicFile.Write(path, stream => stream.Write(file), flushToDisk: false);
            Interlocked.Add(ref _bytes, added);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A full disk must not end a training run that can do without.
            Stop(exception.Message);
        }
    }

    /// <summary>Bytes of the file that is replaced; 0 where there is none, or nobody may see it.</summary>
    private static long LengthOf(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists ? file.Length : 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static bool IsWhole(ReadOnlySpan<byte> file, ReadOnlySpan<byte> key) =>
        file.Length >= HeaderLength + KeyLength
        && file[..Name.Length].SequenceEqual(Name)
        && file.Slice(Name.Length, KeyLength).SequenceEqual(key)
        && file.Length == HeaderLength + KeyLength
            + ((long)sizeof(float) * BinaryPrimitives.ReadInt32LittleEndian(file[(HeaderLength - sizeof(int))..]))
        && SHA256.HashData(file[..^KeyLength]).AsSpan().SequenceEqual(file[^KeyLength..]);

    private void Stop(string reason)
    {
        _isFull = true;
        _warn($"The cache folder '{_folder}' takes no more features: {reason}. They are computed each time.");
    }
}

/// <summary>Features that were kept.</summary>
/// <param name="Values">The values, (frames, bands).</param>
/// <param name="Samples">Samples of the clip at the front end's rate, or how many there are at least.</param>
/// <param name="IsWhole">Whether that is the clip's length.</param>
internal sealed record CachedFeatures(float[] Values, long Samples, bool IsWhole);
