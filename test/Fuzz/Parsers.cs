using AudioMLNet.Fuzz.Inputs;

namespace AudioMLNet.Fuzz;

/// <summary>
/// What reads files from outside. Each takes any bytes and throws nothing but what it documents for a damaged file, with the
/// file's name in the message, and takes memory that the bytes allow.
/// </summary>
internal static class Parsers
{
    /// <summary>
    /// The parsers by name. Where bytes stand for one part of several, the others are whole; where a checksum keeps what was
    /// changed from being read, it is put right first, unless it is given as zero. A first byte chooses one of several kinds.
    /// </summary>
    public static IReadOnlyDictionary<string, Action<byte[]>> All { get; } = new Dictionary<string, Action<byte[]>>
    {
        ["wav"] = Recordings.Decode,
        ["aiff"] = Recordings.Decode,
        ["au"] = Recordings.Decode,
        ["caf"] = Recordings.Decode,
        ["flac"] = bytes => Recordings.Decode(Sums.OfFlac(bytes)),
        ["mpeg"] = Recordings.Decode,
        ["vorbis"] = bytes => Recordings.Decode(Sums.OfOgg(bytes)),
        ["opus"] = bytes => Recordings.Decode(Sums.OfOgg(bytes)),
        ["oggflac"] = bytes => Recordings.Decode(Sums.OfOgg(bytes)),
        ["safetensors"] = Weights.Safetensors,
        ["torch"] = Weights.Torch,
        ["legacy"] = Weights.Torch,
        ["pickle"] = Weights.Pickle,
        ["index"] = Weights.Index,
        ["config"] = Weights.Description,
        ["table"] = Lists.ReadTable,
        ["lists"] = Lists.ReadLists,
        ["model"] = Models.Load,
        ["onnx"] = OnnxModels.Load,
        ["workspace"] = Workspaces.Resume,
        ["cache"] = Folders.ReadCache,
        ["sweep"] = Folders.ReadSweep,
        ["shards"] = Folders.ReadShards,
    };
}
