using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.AudioShards;

/// <summary>One of the shards that share the recordings of a folder.</summary>
/// <param name="Index">The shard's number, 0 to <paramref name="Count"/> - 1.</param>
/// <param name="Count">Number of shards, 1 to 99999.</param>
public readonly record struct AudioShard(int Index, int Count)
{
    private const int MostShards = 99_999;

    // Kubernetes' Indexed Jobs and Slurm's arrays. Kubernetes does not tell how many there are.
    private const string KubernetesIndex = "JOB_COMPLETION_INDEX";
    private const string SlurmIndex = "SLURM_ARRAY_TASK_ID";
    private const string SlurmFirst = "SLURM_ARRAY_TASK_MIN";
    private const string SlurmCount = "SLURM_ARRAY_TASK_COUNT";

    /// <summary>The only shard.</summary>
    public static AudioShard Whole { get; } = new(0, 1);

    /// <summary>
    /// Reads "3/8", or "auto/8" for the index in JOB_COMPLETION_INDEX or SLURM_ARRAY_TASK_ID, or "auto" where Slurm tells
    /// the number of its tasks too.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">It is none of these, or the environment does not tell the index.</exception>
    public static AudioShard Parse(string text) => Parse(text, Environment.GetEnvironmentVariable);

    /// <inheritdoc cref="Parse(string)"/>
    /// <param name="text">The text.</param>
    /// <param name="environment">Values of environment variables; null for one that is not set.</param>
    internal static AudioShard Parse(string text, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('/');
        if (parts.Length > 2 || (parts.Length == 1 && parts[0] != "auto"))
        {
            throw new FormatException($"Shard '{text}' is none; expected i/n with i from 0 to n - 1, auto/n, or auto.");
        }

        int? count = parts.Length == 2 ? Whole32(parts[1], "Shard") : null;
        if (parts[0] != "auto")
        {
            return Checked(new AudioShard(Whole32(parts[0], "Shard"), count!.Value), text);
        }

        if (environment(KubernetesIndex) is { } completion)
        {
            return Checked(new AudioShard(Whole32(completion, KubernetesIndex), count ?? throw new FormatException(
                $"Shard '{text}' does not tell the number of shards, and neither does Kubernetes; expected auto/n, with n the "
                + "completions of the job.")), text);
        }

        if (environment(SlurmIndex) is not { } task)
        {
            throw new FormatException(
                $"Shard '{text}' takes its index from {KubernetesIndex} or {SlurmIndex}, and neither is set.");
        }

        int first = environment(SlurmFirst) is { } minimum ? Whole32(minimum, SlurmFirst) : 0;
        count ??= environment(SlurmCount) is { } tasks
            ? Whole32(tasks, SlurmCount)
            : throw new FormatException($"Shard '{text}' does not tell the number of shards, and {SlurmCount} is not set.");
        return Checked(new AudioShard(Whole32(task, SlurmIndex) - first, count.Value), text);
    }

    /// <summary>The shard's name: 3/8.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");

    /// <summary>
    /// Whether a recording is in this shard: the first eight bytes of the SHA-256 of its path below the folder, with '/' and
    /// in UTF-8, as a big-endian number, leave the shard's index when divided by the number of shards.
    /// </summary>
    internal bool Contains(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash) % (ulong)Count == (ulong)Index;
    }

    /// <summary>Whether the numbers are those of a shard.</summary>
    internal bool IsValid => Count is >= 1 and <= MostShards && Index >= 0 && Index < Count;

    private static AudioShard Checked(AudioShard shard, string text) => shard.IsValid
        ? shard
        : throw new FormatException(
            $"Shard '{text}' is {shard}; expected an index from 0 to n - 1 of n shards, 1 to {MostShards}.");

    private static int Whole32(string text, string name) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new FormatException($"{name} is '{text}'; expected a whole number.");
}
