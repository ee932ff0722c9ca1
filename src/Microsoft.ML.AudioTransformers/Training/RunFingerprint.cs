using System.Security.Cryptography;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.AudioFeaturization.Files;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// Fingerprint of a training run: the options and hashes of the data that determine its weights, as named values. A checkpoint
/// belongs to a run with an equal fingerprint.
/// </summary>
internal sealed class RunFingerprint
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        IncludeFields = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly SortedDictionary<string, string> _values;

    public RunFingerprint()
        : this(new SortedDictionary<string, string>(StringComparer.Ordinal))
    {
    }

    private RunFingerprint(SortedDictionary<string, string> values) => _values = values;

    /// <summary>Value of a name as JSON; null if there is none.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>Adds a value, or each value within an object, with names such as "Config.EmbedDim"; null adds nothing.</summary>
    public RunFingerprint With(string name, object? value)
    {
        Flatten(name, value is null ? null : JsonSerializer.SerializeToNode(value, value.GetType(), s_json));
        return this;
    }

    /// <summary>Adds a learning rate schedule as a hash of its learning rates, because it may be a class of the user.</summary>
    public RunFingerprint With(LearningRateSchedule schedule, double learningRate, int stepsPerEpoch, int epochs)
    {
        const int intervals = 64;
        long last = (long)stepsPerEpoch * epochs - 1;
        var rates = new HashCode64();
        for (int i = 0; i <= intervals; i++)
        {
            long step = (long)(last * (i / (double)intervals));
            rates.Add(schedule.LearningRate(learningRate, new TrainingPosition(step, stepsPerEpoch, epochs)));
        }

        _values["LearningRateSchedule"] = $"{schedule.GetType().Name} {rates}";
        return this;
    }

    public string ToJson() => JsonSerializer.Serialize(_values);

    /// <exception cref="JsonException">The text is not what <see cref="ToJson"/> writes.</exception>
    public static RunFingerprint FromJson(string json) => new(new SortedDictionary<string, string>(
        JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? [], StringComparer.Ordinal));

    /// <summary>Descriptions of the values that differ; empty if the fingerprints are equal.</summary>
    /// <param name="saved">Fingerprint of a checkpoint.</param>
    public IReadOnlyList<string> Differences(RunFingerprint saved) =>
    [
        .. _values.Keys.Union(saved._values.Keys)
            .Where(name => this[name] != saved[name])
            .Order(StringComparer.Ordinal)
            .Select(name => $"{name} is {this[name] ?? "not set"}, in the checkpoint {saved[name] ?? "not set"}"),
    ];

    private void Flatten(string name, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach ((string member, JsonNode? value) in members)
                {
                    Flatten($"{name}.{member}", value);
                }

                break;
            case null:
                break;
            default:
                _values[name] = node.ToJsonString();
                break;
        }
    }

    /// <summary>FNV-1a hash of the bits of numbers.</summary>
    private sealed class HashCode64
    {
        private ulong _hash = 14695981039346656037;

        public void Add(double value)
        {
            ulong bits = BitConverter.DoubleToUInt64Bits(value);
            for (int i = 0; i < 64; i += 8)
            {
                _hash = (_hash ^ ((bits >> i) & 0xFF)) * 1099511628211;
            }
        }

        public override string ToString() => _hash.ToString("x16", CultureInfo.InvariantCulture);
    }
}

/// <summary>Checksum of a file. Its properties are saved in fingerprints.</summary>
/// <param name="Length">Length in bytes.</param>
/// <param name="Sha256">SHA-256 of the bytes, in hexadecimal.</param>
internal sealed record FileChecksum(long Length, string Sha256)
{
    /// <summary>Computes the checksum of a file.</summary>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    public static FileChecksum Of(string path)
    {
        using FileStream stream = RegularFile.OpenRead(path);
        return new FileChecksum(stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }

    /// <summary>Computes the checksum of a file in several parts, in their order; of one part, its own.</summary>
    /// <exception cref="FileNotFoundException">A part does not exist.</exception>
    public static FileChecksum Of(IReadOnlyList<string> parts)
    {
        FileChecksum[] each = [.. parts.Select(part => Of(part))];
        return each is [var only]
            ? only
            : new FileChecksum(
                each.Sum(part => part.Length),
                Convert.ToHexStringLower(SHA256.HashData(each.SelectMany(part => Convert.FromHexString(part.Sha256)).ToArray())));
    }
}
