using System.Security.Cryptography;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Microsoft.ML.AudioTransformers.Training;

/// <summary>
/// What a training run's weights follow from, as named facts: a checkpoint belongs to a run that has the same ones.
/// </summary>
internal sealed class RunFingerprint
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        IncludeFields = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly SortedDictionary<string, string> _facts;

    public RunFingerprint()
        : this(new SortedDictionary<string, string>(StringComparer.Ordinal))
    {
    }

    private RunFingerprint(SortedDictionary<string, string> facts) => _facts = facts;

    /// <summary>A fact's value, or null where there is no such fact.</summary>
    public string? this[string name] => _facts.GetValueOrDefault(name);

    /// <summary>Adds one fact for every value within an object, under names such as "Sizes.EmbedDim".</summary>
    public RunFingerprint With(string name, object? value)
    {
        Flatten(name, value is null ? null : JsonSerializer.SerializeToNode(value, value.GetType(), s_json));
        return this;
    }

    /// <summary>Adds a schedule by the learning rates that it gives: it may be a class of the user's own.</summary>
    public RunFingerprint With(LearningRateSchedule schedule, double learningRate, int stepsPerEpoch, int epochs)
    {
        const int places = 64;
        long last = (long)stepsPerEpoch * epochs - 1;
        var rates = new HashCode64();
        for (int i = 0; i <= places; i++)
        {
            long step = (long)(last * (i / (double)places));
            rates.Add(schedule.LearningRate(learningRate, new TrainingPosition(step, stepsPerEpoch, epochs)));
        }

        _facts["LearningRateSchedule"] = $"{schedule.GetType().Name} {rates}";
        return this;
    }

    public string ToJson() => JsonSerializer.Serialize(_facts);

    /// <exception cref="JsonException">The text is not what <see cref="ToJson"/> writes.</exception>
    public static RunFingerprint FromJson(string json) => new(new SortedDictionary<string, string>(
        JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? [], StringComparer.Ordinal));

    /// <summary>What differs, fact after fact; empty where nothing does.</summary>
    /// <param name="saved">The fingerprint of a checkpoint.</param>
    public IReadOnlyList<string> Differences(RunFingerprint saved) =>
    [
        .. _facts.Keys.Union(saved._facts.Keys)
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
                _facts[name] = node.ToJsonString();
                break;
        }
    }

    /// <summary>FNV-1a over the bits of numbers.</summary>
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

/// <summary>What a file holds, in few words: two files with the same ones are the same.</summary>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Sha256">SHA-256 of its bytes, in hexadecimal.</param>
internal sealed record FileContent(long Length, string Sha256)
{
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static FileContent Of(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return new FileContent(stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}
