using System.Security.Cryptography;

namespace Microsoft.ML.AudioFeaturization.Audio.Formats.Flac;

/// <summary>The MD5 of a FLAC file's samples, compared with its header's where all were read.</summary>
internal sealed class FlacDigest : IDisposable
{
    private readonly FlacStreamInfo _info;
    private IncrementalHash? _hash;
    private byte[] _bytes = [];

    /// <param name="info">The header; one without an MD5 agrees with everything.</param>
    public FlacDigest(FlacStreamInfo info)
    {
        _info = info;
#pragma warning disable CA5351 // The format has it, against accidents and not against attacks.
        _hash = info.HasMd5 ? IncrementalHash.CreateHash(HashAlgorithmName.MD5) : null;
#pragma warning restore CA5351
    }

    /// <summary>Takes the next block.</summary>
    public void Append(FlacBlockDecoder block)
    {
        if (_hash is null)
        {
            return;
        }

        int sampleBytes = (_info.Bits + 7) / 8;
        int length = block.Header.BlockSize * _info.Channels * sampleBytes;
        if (_bytes.Length < length + FlacSamples.Spare)
        {
            _bytes = new byte[length + FlacSamples.Spare];
        }

        FlacSamples.ToBytes(block, _info.Channels, sampleBytes, _bytes);
        _hash.AppendData(_bytes, 0, length);
    }

    /// <summary>Compares no more: not all blocks are read.</summary>
    public void Abandon() => Dispose();

    /// <summary>Compares, after the last block.</summary>
    /// <returns>What is wrong, for a message, or null.</returns>
    public string? Finish()
    {
        byte[]? found = _hash?.GetHashAndReset();
        return found is null || found.AsSpan().SequenceEqual(_info.Md5)
            ? null
            : $"the MD5 of all samples is {Convert.ToHexStringLower(found)}, its header has "
                + Convert.ToHexStringLower(_info.Md5);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hash?.Dispose();
        _hash = null;
    }
}
